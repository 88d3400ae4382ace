// SPDX-License-Identifier: Apache-2.0
// The parent's side of scans: opens what the engine asks about, makes sure that it is that very
// file, hands it over, and replaces a scan process that does not come back.

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/parent_private.h"
#include "daemon/stamp.h"
#include "event/event.h"

enum { SCAN_PATIENCE = 30000 }; /* ms that one file may take: it stands back on a busy host */

static bool is_that(int fd, const struct message_hash *order)
{
	struct stat file;
	struct stamp stamp;

	if (fd < 0 || fstat(fd, &file) || !S_ISREG(file.st_mode))
		return false;
	stamp = stamp_of(&file);
	return stamp.inode == order->stamp.inode && stamp.device == order->stamp.device &&
		stamp.size == order->stamp.size && stamp.mtime == order->stamp.mtime &&
		stamp.ctime == order->stamp.ctime;
}

/* By its path, but only once it is known to be that file: to open a device does something. */
static int path_open(const struct message_hash *order, int how)
{
	until_return(fd_close) int named = open(order->path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	char path[64];

	if (!is_that(named, order))
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", named);
	return open(path, how);
}

/* A descriptor of the file that is meant, -1 if it is not there; `n`: bytes of the order. */
static int file_open(const struct message_hash *order, size_t n)
{
	static const int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	char path[64];
	int fd = -1;

	if (order->pid) {
		snprintf(path, sizeof path, "/proc/%u/exe", order->pid);
		fd = open(path, how);
	}
	if (!is_that(fd, order)) {
		fd_close(&fd);
		if (order->path[0] == '/' &&
			memchr(order->path, 0, n - offsetof(struct message_hash, path)))
			fd = path_open(order, how);
	}
	if (!is_that(fd, order))
		fd_close(&fd);
	return fd;
}

void scans_order(struct parent *parent, const struct message_hash *order, size_t n)
{
	struct message_scan scan = {.id = order->id, .size = order->stamp.size};
	until_return(fd_close) int fd = parent->scan.channel ? file_open(order, n) : -1;
	struct message_hashed unknown = {.id = order->id};

	if (fd < 0 || !channel_send_fds(parent->scan.channel, MESSAGE_scan, &scan, sizeof scan,
			      &fd, 1)) {
		channel_send(parent->engine.channel, MESSAGE_hashed, &unknown, sizeof unknown);
		return;
	}
	if (!parent->scans_out++)
		parent->scans_at = now_ms();
	channel_flush(parent->scan.channel, NULL);
}

void scans_done(struct parent *parent, const struct message_hashed *found)
{
	if (parent->scans_out)
		parent->scans_out--;
	parent->scans_at = now_ms();
	if (parent->engine.channel && parent->engine_ready)
		channel_send(parent->engine.channel, MESSAGE_hashed, found, sizeof *found);
}

void scans_tick(struct parent *parent)
{
	if (!parent->scans_out || !parent->scan.pid ||
		now_ms() - parent->scans_at < SCAN_PATIENCE)
		return;
	crew_say(parent, EVENT_sensor_notice, "scan", "failed",
		"the scan process did not answer for %d s", SCAN_PATIENCE / 1000);
	parent->scans_out = 0;
	kill(parent->scan.pid, SIGKILL);
}
