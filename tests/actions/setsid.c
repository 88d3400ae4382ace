// SPDX-License-Identifier: Apache-2.0
// A session of its own.
// event: process_session

#include "action.h"

int main(void)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (!pid)
		_exit(setsid() < 0);
	must(!ended(pid));
	return 0;
}
