// SPDX-License-Identifier: Apache-2.0
// The process that lets held programs go when the parent stops answering. The kernel releases
// what a fanotify group holds when its only owner ends, but not when it is merely stopped; so a
// parent that does not beat in time is killed: after 100 ms if it is stopped, after 400 ms if it
// is only late, which happens on a host with too much to do.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/rights.h"
#include "daemon/watchdog.h"

enum { LATE = 100, ROUNDS = 4 };

/*
 * The process at the other end of the socket; it cannot be mistaken for one that has its pid
 * later.
 */
static int parent_open(int channel)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

static int stat_open(int channel)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	char path[32];

	if (getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -1;
	snprintf(path, sizeof path, "/proc/%d/stat", peer.pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Whether the process behind that stat file is stopped or traced, or dead. */
static bool is_stopped(int stat)
{
	char text[512];
	ssize_t n = pread(stat, text, sizeof text - 1, 0);
	const char *name_end;

	if (n <= 0)
		return true;
	text[n] = 0;
	name_end = strrchr(text, ')');
	return !name_end || !name_end[1] || strchr("TtZX", name_end[2]);
}

/* Waits for the next byte; false if it is so late that the parent must go. */
static bool comes_in_time(int channel, int stat)
{
	struct pollfd wait = {channel, POLLIN, 0};

	for (int round = 0; round < ROUNDS; round++) {
		if (poll(&wait, 1, LATE))
			return true;
		/* once more without waiting, in case this process itself was late */
		if (is_stopped(stat) && !poll(&wait, 1, 0))
			return false;
	}
	return false;
}

/* Returns when the parent is gone or was killed. */
static void watch(int channel, int parent, int stat)
{
	bool armed = false;

	for (;;) {
		char beats[64];
		ssize_t n;

		if (armed && !comes_in_time(channel, stat)) {
			syscall(SYS_pidfd_send_signal, parent, SIGKILL, NULL, 0);
			return;
		}
		n = read(channel, beats, sizeof beats);
		if (!n || (n < 0 && errno != EINTR))
			return;
		if (n > 0)
			armed = beats[n - 1] == WATCHDOG_ARMED;
	}
}

int role_watchdog(const struct post *post)
{
	until_return(fd_close) int parent = parent_open(post->channel);
	until_return(fd_close) int stat = stat_open(post->channel);
	struct message_rights rights;
	struct error err;

	if (parent < 0 || stat < 0)
		return 1;
	if (rights_drop(RIGHTS_watchdog, post, &rights, &err)) {
		dprintf(2, "saker: the watchdog %s\n", err.text);
		return 1;
	}
	watch(post->channel, parent, stat);
	return 0;
}
