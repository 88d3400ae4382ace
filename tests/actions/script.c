// SPDX-License-Identifier: Apache-2.0
// A script whose interpreter has an argument.
// event: process_exec process.executable~sh process.script.path~/a-script process.interpreter=/bin/sh process.command_line~payload-of-script

#include "action.h"

int main(int argc, char **argv)
{
	const char *path = at(argv[1], "a-script");
	pid_t pid;

	file_put(path, "#!/bin/sh -e\nexit 0\n", 0755);
	pid = fork();
	must(pid >= 0);
	if (!pid) {
		execl(path, path, "payload-of-script", (char *)NULL);
		_exit(1);
	}
	must(!ended(pid));
	return 0;
}
