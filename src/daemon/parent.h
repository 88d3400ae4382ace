/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent: the process of `saker run` itself. Loads the BPF programs, opens files, starts the
 * others, carries out their orders, holds programs; parses nothing hostile.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "sensor/load.h"

struct parent_options {
	bool prevent, quiet, colour;
	enum wire_scope_kind scope;
	const char *scope_path; /* absolute */
	pid_t scope_pid;
	const char *scope_text; /* as the user gave it; NULL: the whole host */
	const char *store, *user; /* folder; "" for the default user */
	const char *const *rules; /* folders or files; none: those that came with saker */
	size_t rules_count;
	const char *indicators; /* folder or file; "": those that came with saker */
	const char *yara; /* the same of YARA rules */
	const char *const *scan_folders; /* in which files are looked through */
	size_t scan_folder_count;
	int64_t rewrites_max; /* files that one program may make unreadable; 0: any number */
	/* without those of the users, which are added here */
	const char *const *watched, *const *sensitive;
	size_t watched_count, sensitive_count;
	const char *const *logs; /* see struct sensor_options; likewise the next two */
	size_t log_count;
	const char *heartbeat; /* "": none */
	int64_t heartbeat_seconds;
	const char *auth_log; /* "": where it usually lies */
	bool no_hooks, protect, ia32, by_rules;
	uint64_t rates[WIRE_RINGS]; /* see struct sensor_options */
	size_t ring_bytes[WIRE_RINGS];
	unsigned hold_deadline; /* ms */
	int64_t store_bytes, store_days;
};

/*
 * Protects this host until SIGINT or SIGTERM; prints what it sees and stops, then "saker is
 * watching" once it does, and a summary at the end. 0; -1 with a sentence if it cannot begin.
 */
int parent_run(const struct parent_options *options, struct error *err);
