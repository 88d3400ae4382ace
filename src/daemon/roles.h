/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of saker as functions, one for each line of role.def that is started by the
 * parent (the parent itself is `saker run`: see parent.h). main() begins with
 *
 *	int status = role_dispatch(argc, argv);
 *	if (status >= 0)
 *		return status;
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "daemon/message.h"

/* What a started process is told by its arguments: `saker --role NAME CHANNEL UID GID FOLDER`. */
struct post {
	int channel; /* socket to the parent */
	uid_t uid; /* who to become */
	gid_t gid;
	const char *folder; /* the one folder that stays reachable, for those who need one */
};

/*
 * Runs the role that the arguments name and returns its exit status; -1 if this is no call of the
 * parent's.
 */
int role_dispatch(int argc, char **argv);

int role_engine(const struct post *post);
int role_store(const struct post *post);
int role_witness(const struct post *post);
int role_scan(const struct post *post);
int role_guard(const struct post *post); /* in saker it starts saker-read */
int role_watchdog(const struct post *post);

/*
 * The user of the processes without rights: `name`, or if that is "" saker where it exists, else
 * nobody.
 */
int role_user(const char *name, uid_t *uid, gid_t *gid, struct error *err);
