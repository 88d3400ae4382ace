// SPDX-License-Identifier: Apache-2.0
// A daemon whose parent has gone: who made it is known.
// event: process_exec process.creator.pid~ process.args_count=3

#include "action.h"

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc > 2)
		return 0;
	pid = fork();
	must(pid >= 0);
	if (!pid) {
		setsid();
		if (!fork()) {
			usleep(50000); /* the parent is gone by now */
			execl("/proc/self/exe", "made", "by", "nobody", (char *)NULL);
			_exit(1);
		}
		_exit(0);
	}
	ended(pid);
	usleep(200000);
	return 0;
}
