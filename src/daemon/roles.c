// SPDX-License-Identifier: Apache-2.0
// Which role this process was started for, and as which user it shall run.

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/own.h"
#include "base/text.h"
#include "daemon/roles.h"

static const struct {
	const char *name, *comm;
	int (*run)(const struct post *post);
} roles[] = {
	{"engine", "saker-engine", role_engine},
	{"store", "saker-store", role_store},
	{"witness", "saker-witness", role_witness},
	{"scan", "saker-scan", role_scan},
	{"guard", "saker-guard", role_guard},
	{"watchdog", "saker-watchdog", role_watchdog},
};

static bool number_read(const char *string, unsigned *number)
{
	int64_t value;

	if (!text_number(text_of(string), &value) || value < 0 || value > UINT32_MAX)
		return false;
	*number = (unsigned)value;
	return true;
}

int role_dispatch(int argc, char **argv)
{
	struct post post = {0};
	unsigned channel;

	if (argc != 7 || strcmp(argv[1], "--role"))
		return -1;
	if (!number_read(argv[3], &channel) || !number_read(argv[4], &post.uid) ||
		!number_read(argv[5], &post.gid))
		return 2;
	post.channel = (int)channel;
	post.folder = argv[6];
	for (size_t i = 0; i < array_size(roles); i++) {
		if (strcmp(argv[2], roles[i].name))
			continue;
		prctl(PR_SET_NAME, roles[i].comm);
		return roles[i].run(&post);
	}
	return 2;
}

int role_user(const char *name, uid_t *uid, gid_t *gid, struct error *err)
{
	const struct passwd *user = getpwnam(*name ? name : "saker");

	if (!user && !*name)
		user = getpwnam("nobody");
	if (!user)
		return fail(err,
			"there is no user '%s'; set `user` in saker.conf to one that exists",
			*name ? name : "nobody");
	if (!user->pw_uid)
		return fail(err,
			"the processes without rights cannot run as '%s', which is root; set "
			"`user` in saker.conf to another",
			user->pw_name);
	*uid = user->pw_uid;
	*gid = user->pw_gid;
	return 0;
}
