/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process of saker may do: gives up user, groups, capabilities, further privileges, system
 * calls (seccomp, the lists of syscall.def) and files (Landlock), each for good. What a kernel
 * cannot take away is reported, never ignored.
 *
 *	int role_store(const struct post *post)
 *	{
 *		if (rights_drop(RIGHTS_store, post, &rights, &err)) ...
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "daemon/message.h"
#include "daemon/roles.h"

enum rights {
	RIGHTS_parent,
	RIGHTS_content, /* engine, taking in its content */
	RIGHTS_engine,
	RIGHTS_store,
	RIGHTS_witness,
	RIGHTS_scan, /* and the guard */
	RIGHTS_watchdog,
	RIGHTS_reader, /* a scan, which reads files that others made */
};

/*
 * Gives up everything that this kind of process does not need; `done` tells what came of it. -1
 * with a sentence if user, capabilities or system calls could not be given up: the process must
 * end. Landlock alone may be missing (kernels before 5.13; and the witness, whom it would forbid
 * its work), which `done->missing` says. RIGHTS_parent stays root, keeps a list of capabilities,
 * and reaches all files.
 */
int rights_drop(enum rights rights, const struct post *post, struct message_rights *done,
	struct error *err);

/* The engine's second step, once its content is compiled: no bpf(2), no executable memory. */
int rights_narrow(struct error *err);

/*
 * For a program that reads foreign files as the user who called it, in two steps. The first, while
 * it has one thread: from then on it opens files below `paths` alone, for reading (where the
 * kernel has Landlock), and has no capability but that of reading them. The second, once all
 * threads are there, and for all of them: no network, no other process, no program.
 */
int rights_read_only(const char *const *paths, size_t n, struct error *err);
int rights_reader(struct error *err);

/* What the kernel says that a process may do. */
struct rights_proof {
	unsigned uid;
	unsigned long long capabilities; /* effective */
	/* -1 where this kernel does not say; seccomp 2: filtered */
	int no_new_privs, seccomp, filters;
};

/* Reads it from /proc; -1 with a sentence if there is no such process. */
int rights_describe(pid_t pid, struct rights_proof *proof, struct error *err);

/* Number of system calls on the list. */
unsigned rights_calls(enum rights rights);
