// SPDX-License-Identifier: Apache-2.0
// A copy of itself that ends with a status of its own.
// event: process_fork process.name=fork
// event: process_exit process.exit_code=7

#include "action.h"

int main(void)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (!pid)
		_exit(7);
	must(WEXITSTATUS(ended(pid)) == 7);
	return 0;
}
