// SPDX-License-Identifier: Apache-2.0
// A child that is ended by a signal.
// event: process_exit process.exit_signal=15

#include "action.h"

int main(void)
{
	pid_t pid = sleeper();

	kill(pid, SIGTERM);
	must(WTERMSIG(ended(pid)) == SIGTERM);
	return 0;
}
