// SPDX-License-Identifier: Apache-2.0
// Starts a program and waits for its end, N times shared out to P processes. bench-starts N P PROGRAM [ARGUMENT...]

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

extern char **environ;

static int start_all(long n, char **command)
{
	for (long i = 0; i < n; i++) {
		int status;
		pid_t pid;

		if (posix_spawn(&pid, command[0], NULL, NULL, command, environ) ||
			waitpid(pid, &status, 0) != pid || status)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	long n = work_count(argc, argv, 4, "bench-starts N P PROGRAM [ARGUMENT...]");
	long processes = atol(argv[2]);
	struct work work = work_begin(n);
	int failed = 0;

	for (long i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(start_all(n / processes + (i < n % processes), argv + 3));
		}
		failed += pid < 0;
	}
	for (long i = 0; i < processes - failed; i++) {
		int status = 0;

		wait(&status);
		failed += status != 0;
	}
	return failed ? 1 : work_end(&work);
}
