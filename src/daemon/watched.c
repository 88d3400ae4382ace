// SPDX-License-Identifier: Apache-2.0
// The places whose changes are events.

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/watched.h"

static const char *const at_home[] = {
	".ssh/", ".bash_history", ".zsh_history", ".ash_history", ".sh_history"};

void watched_add(struct watched *watched, const char *path)
{
	if (watched->n == WATCHED_MAX || path[0] != '/')
		return;
	for (size_t i = 0; i < watched->n; i++)
		if (!strcmp(watched->at[i], path))
			return;
	watched->at[watched->n++] = memory_string(path);
}

void watched_users(struct watched *watched, const char *passwd)
{
	until_return(file_close) FILE *file = fopen(passwd, "re");
	const struct passwd *user;

	while (file && (user = fgetpwent(file))) {
		/* a login user, or root; system users live in folders of their programs */
		if (user->pw_uid && user->pw_uid < 1000)
			continue;
		if (strlen(user->pw_dir) < 2 || !strcmp(user->pw_dir, "/nonexistent"))
			continue;
		for (size_t i = 0; i < array_size(at_home); i++) {
			until_return(memory_free) char *path = NULL;

			if (asprintf(&path, "%s/%s", user->pw_dir, at_home[i]) > 0)
				watched_add(watched, path);
		}
	}
}

void watched_clear(struct watched *watched)
{
	for (size_t i = 0; i < watched->n; i++)
		free((char *)watched->at[i]);
	watched->n = 0;
}
