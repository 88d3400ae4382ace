// SPDX-License-Identifier: Apache-2.0
// Children of the parent: started by executing this program again, with nothing inherited but one
// socket and stderr.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/spawn.h"
#include "daemon/watchdog.h"

enum { DELAY_FIRST = 100, DELAY_MAX = 10000, STEADY = 60000, CHILD_CHANNEL = 3, BUFFER = 1 << 20 };

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * A signal to the terminal's whole group is for the parent: the children end when it tells them,
 * or is gone.
 */
static void signals_reset(void)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGPIPE, SIGTSTP};
	sigset_t none;

	for (size_t i = 0; i < array_size(ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Where the parent runs before others, so that held programs do not wait for it, those do whom it
 * waits for.
 */
static void priority_set(enum role role)
{
	static const int nice[ROLES] = {
		[ROLE_engine] = WATCHDOG_NICE / 2,
		[ROLE_witness] = WATCHDOG_NICE / 2,
		[ROLE_guard] = WATCHDOG_NICE / 2,
		[ROLE_watchdog] = WATCHDOG_NICE,
	};

	if (role == ROLE_scan)
		setpriority(PRIO_PROCESS, 0, SCAN_NICE); /* hashes can wait, events cannot */
	else if (getpriority(PRIO_PROCESS, 0) < 0)
		setpriority(PRIO_PROCESS, 0, nice[role]);
}

static void become(const struct child *child, const struct post *post, int socket)
{
	const char *role = role_names[child->role];
	int null = open("/dev/null", O_RDWR);
	char name[32], channel[16], uid[16], gid[16];

	snprintf(name, sizeof name, "saker: %s", role);
	snprintf(channel, sizeof channel, "%d", CHILD_CHANNEL);
	snprintf(uid, sizeof uid, "%u", post->uid);
	snprintf(gid, sizeof gid, "%u", post->gid);
	signals_reset();
	priority_set(child->role);
	dup2(null, 0);
	dup2(null, 1);
	if (socket == CHILD_CHANNEL)
		fcntl(socket, F_SETFD, 0);
	else
		dup2(socket, CHILD_CHANNEL);
	close_range(CHILD_CHANNEL + 1, ~0U, 0);
	execl("/proc/self/exe", name, "--role", role, channel, uid, gid, post->folder,
		(char *)NULL);
	_exit(127);
}

static void later(struct child *child, int64_t now)
{
	/* one that ran for a minute begins again with the shortest delay */
	if (!child->delay || now - child->started > STEADY)
		child->delay = DELAY_FIRST;
	else
		child->delay = 2 * child->delay > DELAY_MAX ? DELAY_MAX : 2 * child->delay;
	child->due = now + child->delay;
}

int child_spawn(struct child *child, const struct post *post, int64_t now, struct error *err)
{
	until_return(fd_close) int ours = -1;
	until_return(fd_close) int theirs = -1;
	int pair[2], size = BUFFER;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		later(child, now);
		return fail(err, "cannot start the %s: %m", role_names[child->role]);
	}
	ours = pair[0];
	theirs = pair[1];
	setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	setsockopt(theirs, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	pid = fork();
	if (!pid)
		become(child, post, theirs);
	if (pid < 0) {
		later(child, now);
		return fail(err, "cannot start the %s: %m", role_names[child->role]);
	}
	if (child->started)
		child->restarts++;
	child->pid = pid;
	child->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	child->started = now;
	child->rights = (struct message_rights){0};
	child->channel = channel_new(give_fd(&ours), ROLE_parent, child->role);
	return 0;
}

bool child_ended(struct child *child, pid_t pid, int64_t now)
{
	if (!child->pid || child->pid != pid)
		return false;
	child->pid = 0;
	fd_close(&child->pidfd);
	channel_free(&child->channel);
	later(child, now);
	return true;
}

bool child_due(const struct child *child, int64_t now)
{
	return !child->pid && now >= child->due;
}

void child_kill(struct child *child)
{
	if (!child->pid)
		return;
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	child_ended(child, child->pid, now_ms());
}
