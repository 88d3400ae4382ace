/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One piece of work in a child process: under another user where wanted, with a time limit,
 * always reaped.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum { CHILD_KEEP_USER = -1 };

/* What became of a child. Started and ended by itself with everything done: all zero. */
struct child_end {
	int error; /* errno of what it could not do, execve included */
	int signal; /* that ended it */
	bool late; /* it was killed because it took too long */
	int status; /* exit status of a program it started */
};

/* Does its work and returns 0, or -1 with errno; or does not return, by execve. */
typedef int child_work(const void *context);

/*
 * Runs the work in a child as `uid` and `gid` (CHILD_KEEP_USER: as we are) for at most `limit`
 * milliseconds. The child dies with its parent.
 */
struct child_end child_run(child_work *work, const void *context, uid_t uid, gid_t gid, int limit);

/*
 * The two halves of it, for work beside which something else goes on. -1 if there can be no
 * child.
 */
struct child {
	pid_t pid;
	int report; /* read end of the pipe through which it tells errno */
};
int child_start(struct child *child, child_work *work, const void *context, uid_t uid, gid_t gid);
struct child_end child_wait(struct child *child, int limit);

/* Sleeps; a signal does not cut it short. */
void sleep_ms(int ms);
