// SPDX-License-Identifier: Apache-2.0
// The log of logins as it grows: the parent, which alone may open it, hands on what was added, and
// reads none of it.

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/login_source.h"
#include "daemon/parent_private.h"
#include "event/event.h"

enum { PIECES = 64 }; /* in one second: a megabyte; more is said to be left out */

static int log_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

void logs_open(struct parent *parent)
{
	const char *source = login_source(parent->options->auth_log), *folder;
	struct stat file;

	if (source && login_source_is_journal(source, &folder)) {
		journal_open(parent, folder);
		return;
	}
	parent->log_path = source ? source : "/var/log/auth.log"; /* it may come yet */
	if (!source) {
		crew_say(parent, EVENT_sensor_capability, "session", "absent",
			"there is no log of logins; install rsyslog or systemd, or name one by "
			"the setting `auth_log`");
		return;
	}
	parent->log = log_open(parent->log_path);
	if (parent->log >= 0 && !fstat(parent->log, &file))
		parent->log_at = file.st_size;
	crew_say(parent, EVENT_sensor_capability, "session",
		parent->log >= 0 ? "works" : "failed", "read from %.200s", parent->log_path);
}

size_t logs_whole(const char *piece, size_t n)
{
	const char *end = memrchr(piece, '\n', n);

	return end ? (size_t)(end - piece) + 1 : n == LOG_PIECE ? n : 0;
}

static void added_send(struct parent *parent, int64_t size)
{
	char piece[LOG_PIECE];

	for (int i = 0; i < PIECES && parent->log_at < size; i++) {
		ssize_t n = pread(parent->log, piece, sizeof piece, (off_t)parent->log_at);
		size_t lines = n > 0 ? logs_whole(piece, (size_t)n) : 0;

		if (!lines)
			return;
		if (!channel_send(parent->engine.channel, MESSAGE_log, piece, lines))
			return; /* it is full: in a second again */
		parent->log_at += (int64_t)lines;
	}
	if (size - parent->log_at <= LOG_PIECE)
		return;
	crew_say(parent, EVENT_sensor_notice, "session", "late",
		"%lld bytes of the log of logins were left out",
		(long long)(size - parent->log_at));
	parent->log_at = size;
}

/* Where the name leads to another file, that one is read from its beginning. */
static void rotation_follow(struct parent *parent)
{
	struct stat named, held;
	int fd;

	if (stat(parent->log_path, &named) ||
		(parent->log >= 0 && !fstat(parent->log, &held) && held.st_ino == named.st_ino &&
			held.st_dev == named.st_dev))
		return;
	fd = log_open(parent->log_path);
	if (fd < 0)
		return;
	fd_close(&parent->log);
	parent->log = fd;
	parent->log_at = 0;
}

void logs_tick(struct parent *parent)
{
	struct stat file;

	if (!parent->log_path || !parent->engine.channel || !parent->engine_ready)
		return;
	if (parent->log >= 0 && !fstat(parent->log, &file)) {
		if (file.st_size < parent->log_at)
			parent->log_at = 0; /* it was cut: the sensor tells by whom */
		added_send(parent, file.st_size);
	}
	rotation_follow(parent);
}
