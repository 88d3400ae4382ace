// SPDX-License-Identifier: Apache-2.0
// Logins from the journal of systemd, where there is no log of them: journalctl reads it, as a
// user with no rights but that of reading journals, and its lines are handed on like a log's.

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/parent_private.h"
#include "event/event.h"

enum { AGAIN = 10000, PIECES = 8, LEAST_FD = 3 };

static const char program[] = "/usr/bin/journalctl";

/* In the child: who may read journals and nothing else. */
static void become_reader(const struct parent *parent, int out)
{
	int null = open("/dev/null", O_RDWR);
	char folder[4200];
	const char *const args[] = {program, "--follow", "--lines=0", "--quiet", "--no-pager",
		"--output=short", "SYSLOG_FACILITY=4", "SYSLOG_FACILITY=10",
		*parent->journal_folder ? folder : NULL, NULL};

	snprintf(folder, sizeof folder, "--directory=%s", parent->journal_folder);
	dup2(null, 0);
	dup2(out, 1);
	dup2(null, 2);
	close_range(LEAST_FD, ~0U, 0);
	signal(SIGINT, SIG_IGN); /* to the terminal's group: the parent ends it */
	setpriority(PRIO_PROCESS, 0, 0); /* the parent may run before others */
	if (setgroups(parent->journal_group != (gid_t)-1, &parent->journal_group) ||
		setresgid(parent->post.gid, parent->post.gid, parent->post.gid) ||
		setresuid(parent->post.uid, parent->post.uid, parent->post.uid))
		_exit(1);
	execv(program, (char *const *)args);
	_exit(127);
}

static void reader_start(struct parent *parent)
{
	int pipe[2];

	parent->journal_due = now_ms() + AGAIN;
	if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK))
		return;
	parent->journal_pid = fork();
	if (!parent->journal_pid) {
		fcntl(pipe[1], F_SETFL, 0);
		become_reader(parent, pipe[1]);
	}
	fd_close(&pipe[1]);
	if (parent->journal_pid < 0)
		fd_close(&pipe[0]);
	fd_close(&parent->journal);
	parent->journal = pipe[0];
	parent->journal_piece_length = 0;
}

void journal_open(struct parent *parent, const char *folder)
{
	const struct group *group = getgrnam("systemd-journal");

	parent->journal_wanted = true;
	parent->journal_folder = folder;
	parent->journal_group = group ? group->gr_gid : (gid_t)-1;
	crew_say(parent, EVENT_sensor_capability, "session", "works",
		"read from the journal by journalctl");
}

/* What came, as whole lines; the rest is kept. */
static void added_send(struct parent *parent)
{
	for (int i = 0; i < PIECES; i++) {
		size_t room = sizeof parent->journal_piece - parent->journal_piece_length;
		ssize_t n = read(parent->journal,
			parent->journal_piece + parent->journal_piece_length, room);
		size_t lines;

		if (n <= 0)
			return;
		parent->journal_piece_length += (size_t)n;
		lines = logs_whole(parent->journal_piece, parent->journal_piece_length);
		if (!lines)
			continue;
		if (!channel_send(parent->engine.channel, MESSAGE_log, parent->journal_piece,
			    lines))
			crew_say(parent, EVENT_sensor_notice, "session", "late",
				"%zu bytes of the journal of logins were left out", lines);
		parent->journal_piece_length -= lines;
		memmove(parent->journal_piece, parent->journal_piece + lines,
			parent->journal_piece_length);
	}
}

void journal_read(struct parent *parent)
{
	if (!parent->journal_wanted || !parent->engine.channel || !parent->engine_ready)
		return;
	if (!parent->journal_pid && now_ms() >= parent->journal_due)
		reader_start(parent);
	if (parent->journal >= 0)
		added_send(parent);
}

bool journal_ended(struct parent *parent, pid_t pid)
{
	if (!parent->journal_pid || parent->journal_pid != pid)
		return false;
	parent->journal_pid = 0;
	fd_close(&parent->journal);
	if (!parent->stopping)
		crew_say(parent, EVENT_sensor_notice, "session", "ended",
			"journalctl ended; it is started again in %d s at most", AGAIN / 1000);
	return true;
}

void journal_clear(struct parent *parent)
{
	if (parent->journal_pid > 0) {
		kill(parent->journal_pid, SIGKILL);
		waitpid(parent->journal_pid, NULL, 0);
	}
	parent->journal_pid = 0;
	parent->journal_wanted = false;
	fd_close(&parent->journal);
}
