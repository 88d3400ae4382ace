// SPDX-License-Identifier: Apache-2.0
// One piece of work in a child process.

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/demo_child.h"

enum { POLL_MS = 2 };

void sleep_ms(int ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000L};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static int become(uid_t uid, gid_t gid)
{
	if (uid == (uid_t)CHILD_KEEP_USER)
		return 0;
	return setgroups(0, NULL) || setgid(gid) || setuid(uid) ? -1 : 0;
}

static void child_main(child_work *work, const void *context, uid_t uid, gid_t gid, pid_t parent,
	int report)
{
	int error = 0;

	/* After the change of user, which resets it. */
	if (become(uid, gid) || prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent ||
	    work(context))
		error = errno ? errno : ESRCH;
	if (error && write(report, &error, sizeof error) != sizeof error)
		_exit(2);
	_exit(error ? 1 : 0);
}

int child_start(struct child *child, child_work *work, const void *context, uid_t uid, gid_t gid)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -1;
	fflush(NULL);
	child->pid = fork();
	if (!child->pid)
		child_main(work, context, uid, gid, parent, ends[1]);
	fd_close(&ends[1]);
	if (child->pid < 0)
		fd_close(&ends[0]);
	child->report = ends[0];
	return child->pid < 0 ? -1 : 0;
}

struct child_end child_wait(struct child *child, int limit)
{
	until_return(fd_close) int report = give_fd(&child->report);
	struct child_end end = {0};
	int64_t deadline = now_ms() + limit;
	int status = 0, error;
	pid_t gone;

	while (!(gone = waitpid(child->pid, &status, WNOHANG)) || (gone < 0 && errno == EINTR)) {
		if (!end.late && now_ms() >= deadline) {
			end.late = true;
			kill(child->pid, SIGKILL);
		}
		sleep_ms(POLL_MS);
	}
	if (WIFSIGNALED(status) && !end.late)
		end.signal = WTERMSIG(status);
	if (WIFEXITED(status))
		end.status = WEXITSTATUS(status);
	if (read(report, &error, sizeof error) == sizeof error)
		end.error = error;
	return end;
}

struct child_end child_run(child_work *work, const void *context, uid_t uid, gid_t gid, int limit)
{
	struct child child;

	if (child_start(&child, work, context, uid, gid))
		return (struct child_end){.error = errno};
	return child_wait(&child, limit);
}
