/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that threads do at the same time, and that are taken back in the order in which they were
 * given. The jobs lie with the caller, in `places` places that are used again and again.
 *
 *	struct ordered *ordered = ordered_begin(&way);
 *	while (...) {
 *		struct job *job = jobs + ordered_place(ordered);
 *		...				// fill it in
 *		ordered_give(ordered);
 *	}
 *	ordered_end(&ordered);
 *
 * With one thread it is the caller's own: each job is done and taken at once.
 */
#pragma once

#include <stddef.h>

struct ordered_way {
	unsigned threads; /* at least 1 */
	size_t places; /* for jobs; more than threads, so that none waits */
	void (*work)(void *context, unsigned thread, size_t place); /* by some thread */
	void (*take)(void *context, size_t place); /* by the caller's, in order */
	void *context;
};

struct ordered;
struct ordered *ordered_begin(const struct ordered_way *way);

/* A place for the next job. Where all are in use, the oldest job is waited for and taken. */
size_t ordered_place(struct ordered *ordered);
void ordered_give(struct ordered *ordered);

/* Takes all that is left, and ends the threads. */
void ordered_end(struct ordered **ordered);
