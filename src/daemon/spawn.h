/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child of the parent: this program executed again with a role, and started again when it died,
 * after 100 ms at first and at most 10 s.
 *
 *	struct child engine = {.role = ROLE_engine};
 *	child_spawn(&engine, &post, now, &err);
 *	...
 *	if (child_ended(&engine, pid, status, now)) ...	// from waitpid
 *	if (child_due(&engine, now)) child_spawn(...);
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "daemon/message.h"
#include "daemon/roles.h"

struct child {
	enum role role;
	pid_t pid; /* 0: does not run */
	int pidfd; /* of a running one */
	struct channel *channel; /* NULL: does not run, or its channel was given up */
	unsigned restarts;
	unsigned delay; /* ms until the next start */
	int64_t started, due; /* ms of the monotonic clock */
	struct message_rights rights; /* what it said of itself */
};

/* Milliseconds of the monotonic clock. */
int64_t now_ms(void);

/*
 * Starts it; post->channel is ignored. -1 with a sentence, and then it is due again after the
 * delay.
 */
int child_spawn(struct child *child, const struct post *post, int64_t now, struct error *err);

/*
 * Notes its end, closes its channel and sets the time of its next start; false if that pid is not
 * this child's.
 */
bool child_ended(struct child *child, pid_t pid, int64_t now);

/* It does not run and its time has come. */
bool child_due(const struct child *child, int64_t now);

/* SIGKILL, and waits for its end. */
void child_kill(struct child *child);
