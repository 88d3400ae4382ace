// SPDX-License-Identifier: Apache-2.0
// Commands that read what others made: they are in a program of their own, saker-read, so that its
// libraries take no room in the processes that watch.

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/command.h"

enum { PATH_BYTES = 4096, OPTIONS = 6 };

/* Beside this program, or where it is installed. */
static bool reader_find(char *path)
{
	static const char *const places[] = {"saker-read", "../libexec/saker/saker-read"};
	char self[PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	self[n < 0 ? 0 : n] = 0;
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = 0;
	for (size_t i = 0; i < array_size(places); i++)
		if ((size_t)snprintf(path, PATH_BYTES, "%s/%s", self, places[i]) < PATH_BYTES &&
		    !access(path, X_OK))
			return true;
	return false;
}

static int pass_on(struct invocation *invocation)
{
	until_return(memory_free) char **argv =
		memory_new(((size_t)invocation->argc + OPTIONS) * sizeof *argv);
	char path[PATH_BYTES];
	int n = 0;

	if (!reader_find(path))
		return refuse(invocation, "saker-read, a part of saker, is not beside it; install "
			"saker as a whole");
	argv[n++] = "saker";
	argv[n++] = invocation->argv[0];
	if (invocation->json)
		argv[n++] = "--json";
	if (invocation->store_given) {
		argv[n++] = "--store";
		argv[n++] = (char *)invocation->store;
	}
	memcpy(argv + n, invocation->argv + 1, (size_t)invocation->argc * sizeof *argv);
	execv(path, argv);
	return refuse(invocation, "cannot start '%s': %m", path);
}

#define READER(name)                                      \
	int command_##name(struct invocation *invocation) \
	{                                                 \
		return pass_on(invocation);               \
	}
READER(scan)
READER(rules)
READER(yara)
READER(bench)
