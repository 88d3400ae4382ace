// SPDX-License-Identifier: Apache-2.0
// The process that lets held programs go when the parent stops answering. The kernel releases what a fanotify group holds
// when its only owner ends, but not when it is merely stopped; so a parent that does not beat in time is killed.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/rights.h"
#include "daemon/watchdog.h"

enum { LATE = 100, GRACE = 20 };

/* The process at the other end of the socket; it cannot be mistaken for one that has its pid later. */
static int parent_open(int channel)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

static bool comes_within(int channel, int ms)
{
	struct pollfd wait = {channel, POLLIN, 0};

	return poll(&wait, 1, ms) != 0;
}

/* Returns when the parent is gone or was killed. */
static void watch(int channel, int parent)
{
	bool armed = false;

	for (;;) {
		char beats[64];
		ssize_t n;

		/* the second look is for a machine so busy that this process itself was late */
		if (armed && !comes_within(channel, LATE) && !comes_within(channel, GRACE)) {
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
	struct message_rights rights;
	struct error err;

	if (parent < 0)
		return 1;
	if (rights_drop(RIGHTS_watchdog, post, &rights, &err)) {
		dprintf(2, "saker: the watchdog %s\n", err.text);
		return 1;
	}
	watch(post->channel, parent);
	return 0;
}
