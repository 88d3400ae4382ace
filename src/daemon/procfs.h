/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /proc says about a process: when it started, what it has used, where it belongs. Only
 * texts of the kernel are read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct procfs {
	pid_t parent;
	char state; /* 'R', 'S', 'T' ... */
	uint64_t start; /* ticks since boot, field 22 of stat */
	uint64_t cpu_ms; /* user and system */
	uint64_t rss; /* bytes */
};

/* -1 with a sentence if there is no such process. */
int procfs_read(pid_t pid, struct procfs *facts, struct error *err);

/* The process that a thread belongs to; 0 if it is gone. */
pid_t procfs_process(pid_t tid);

/*
 * Whether a start in ns since boot, as the kernel gives it to BPF, is the start in ticks that
 * /proc shows.
 */
bool procfs_started_at(const struct procfs *facts, uint64_t start_ns);

/*
 * Reads a file of /proc whole, at most size - 1 bytes, and ends it with NUL. Returns its length,
 * -1 if it cannot be read.
 */
ssize_t procfs_text(const char *path, char *buffer, size_t size);
