/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of one exec (path, arguments, folder, cgroup ...) in one piece of memory that is
 * shared: a fork has the facts of its parent, and an argument list may have 128 KiB.
 *
 *	struct facts *facts = facts_pack(&process);	// its texts now lie in `facts`
 *	facts_ref(facts);				// one more process has them
 */
#pragma once

#include <stddef.h>

#include "event/event.h"

struct facts {
	struct facts *next; /* for whoever keeps a list of those to be freed */
	const struct process *smaller; /* one that has the shrunk copy, while room is made */
	size_t size; /* bytes of the whole piece */
	uint32_t refs;
	bool is_shrunk;
	_Alignas(8) char bytes[];
};

/*
 * Copies what a process's texts and lists point to into one new piece (refs 1) and lets them
 * point there. Its comm, its users' names and the words for its descriptors are not touched: they
 * live elsewhere. `args` must lie in `command_line`, and `container` in `cgroup`.
 */
struct facts *facts_pack(struct process *process);

/* Lets the texts of `process` point where those of `from`, which has the same facts, point. */
void facts_share(struct process *process, const struct process *from);

/*
 * A smaller copy (refs 1) with at most `n` bytes of the command line, the arguments that lie in
 * them, and the flag that they were cut, and without an environment of more than `n` bytes;
 * `process` then points to it.
 */
struct facts *facts_shrink(struct process *process, size_t n);
