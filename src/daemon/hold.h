/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hold: who starts a program in some folders (and those below them), or opens a file there,
 * waits until someone has decided, by fanotify permission events. Whoever waits for longer than
 * the deadline goes on: a hold fails open, and says so. Only this process may own the group: when
 * it ends, the kernel lets everything go.
 *
 *	struct hold *hold = hold_new(&options, &err);
 *	poll on hold_fd for at most hold_wait ms
 *	hold_read(hold);		// asks, for each that came
 *	hold_tick(hold);		// deadlines, new folders
 *	hold_answer(hold, id, allow, cache);
 *	hold_free(&hold);		// lets all go
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { HOLD_FOLDERS_MAX = 4096, HOLDS_MAX = 1024 };

enum hold_kind {
	HOLD_programs, /* who starts a program waits */
	HOLD_files, /* who opens a file waits; closing one that was written is told */
	HOLD_nobody, /* only the latter */
};

struct hold_options {
	enum hold_kind kind;
	const char *const *folders; /* absolute; need not exist yet */
	size_t folder_count;
	unsigned deadline; /* ms */
	/* whether that thread is saker's own, which never waits */
	bool (*own)(void *context, pid_t tid);
	/*
	 * asks for a verdict; `fd` stays the hold's. False: nobody can be asked, so who waits
	 * goes on
	 */
	bool (*ask)(void *context, uint64_t id, int fd, pid_t tid, const char *path);
	/* whether a verdict that is known does not count for that thread, so that it is asked */
	bool (*again)(void *context, pid_t tid);
	/* a file that was open for writing was closed; `fd` stays the hold's */
	void (*wrote)(void *context, int fd, pid_t tid, const char *path);
	/* the same file was refused once more; may be NULL */
	void (*refused)(void *context, pid_t tid, const char *path);
	/*
	 * someone went on without a verdict: `result` is "timeout" or "failed", `why` a
	 * sentence
	 */
	void (*let_go)(
		void *context, pid_t tid, const char *path, const char *result, const char *why);
	void *context;
};

struct hold;

struct hold *hold_new(const struct hold_options *options, struct error *err);
void hold_free(struct hold **hold);
int hold_fd(const struct hold *hold);

/*
 * Reads what waits and asks; what is saker's own, outside the folder or known already is answered
 * at once.
 */
void hold_read(struct hold *hold);

/*
 * The verdict; one that comes late is good for the next time only. `cache`: it holds for this
 * file whoever asks, until the file changes.
 */
void hold_answer(struct hold *hold, uint64_t id, bool allow, bool cache);

/* The descriptor of one who still waits, -1 if it does not any more; stays the hold's. */
int hold_descriptor(const struct hold *hold, uint64_t id);

/* Lets go whoever waits too long; once a second looks for new folders. */
void hold_tick(struct hold *hold);

/* Milliseconds until hold_tick has something to do. */
int hold_wait(const struct hold *hold);

/* Everything that waits goes on at once (the one who is asked is gone). */
void hold_release(struct hold *hold);

/* Forgets cached verdicts (the rules are others now). */
void hold_forget(struct hold *hold);

struct hold_numbers {
	size_t folders, open; /* marked; waiting now */
	bool folders_cut; /* there are more folders than HOLD_FOLDERS_MAX */
	uint64_t asked, denied, timeouts;
};
struct hold_numbers hold_numbers(const struct hold *hold);
