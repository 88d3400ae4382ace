// SPDX-License-Identifier: Apache-2.0
// Commands that read what others made: they are in a program of their own, saker-read, so that its
// libraries take no room in the processes that watch.

#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/command.h"
#include "daemon/reader.h"

enum { PATH_BYTES = 4096, OPTIONS = 6 };

static int pass_on(struct invocation *invocation)
{
	until_return(memory_free) char **argv =
		memory_new(((size_t)invocation->argc + OPTIONS) * sizeof *argv);
	char path[PATH_BYTES];
	int n = 0;

	if (!reader_find(path, sizeof path))
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
