// SPDX-License-Identifier: Apache-2.0
// A daemon whose parent has gone: who made it is known.
// event: process_exec process.name=true process.creator.pid~

#include "action.h"

int main(void)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (!pid) {
		setsid();
		if (!fork()) {
			usleep(50000); /* the parent is gone by now */
			execl("/bin/true", "true", (char *)NULL);
			_exit(1);
		}
		_exit(0);
	}
	ended(pid);
	usleep(200000);
	return 0;
}
