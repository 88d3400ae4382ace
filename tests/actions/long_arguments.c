// SPDX-License-Identifier: Apache-2.0
// What matters stands behind 100 kB of padding, and behind 2 MB of it.
// event: process_exec process.args_count=3 process.command_line~tail-of-100k
// event: process_exec process.args_count=21 process.command_line~tail-of-2m process.args_cut=true process.args_hash~
// event: process_exec process.args_count=64001 process.args_length=128002

#include "action.h"

static void start(char **args)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (!pid) {
		execv("/proc/self/exe", args);
		_exit(1);
	}
	must(!ended(pid));
}

static char *padding(size_t n)
{
	char *text = malloc(n + 1);

	memset(text, '/', n);
	text[n] = 0;
	return text;
}

int main(int argc, char **argv)
{
	char *args[22] = {"again", padding(100000), "tail-of-100k", NULL}, **many;

	if (argc > 2)
		return 0;
	start(args);
	for (size_t i = 1; i < 20; i++)
		args[i] = padding(100000);
	args[20] = "tail-of-2m";
	start(args);
	many = calloc(64002, sizeof *many);
	for (size_t i = 1; i < 64001; i++)
		many[i] = "x";
	many[0] = "y";
	start(many);
	return 0;
}
