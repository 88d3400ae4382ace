// SPDX-License-Identifier: Apache-2.0
// What /proc says about a process.

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/procfs.h"

ssize_t procfs_text(const char *path, char *buffer, size_t size)
{
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t at = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (at < size - 1 && (n = read(fd, buffer + at, size - 1 - at)) > 0)
		at += (size_t)n;
	buffer[at] = 0;
	return n < 0 && !at ? -1 : (ssize_t)at;
}

int procfs_read(pid_t pid, struct procfs *facts, struct error *err)
{
	char path[32], text[1024], *rest;
	unsigned long long user, system, start;
	long long pages;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (procfs_text(path, text, sizeof text) < 0)
		return fail(err, "there is no process %d", pid);
	/* the name stands in brackets and may hold anything, brackets too */
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest,
			     ") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d "
			     "%*d %*d %*d %llu %*u %lld",
			     &facts->state, &facts->parent, &user, &system, &start, &pages) != 6)
		return fail(err, "cannot read '%s'", path);
	facts->start = start;
	facts->cpu_ms = (user + system) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
	facts->rss = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

bool procfs_started_at(const struct procfs *facts, uint64_t start_ns)
{
	return start_ns / (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK)) == facts->start;
}

pid_t procfs_process(pid_t tid)
{
	char path[32], status[1024];
	const char *at;
	int pid = 0;

	snprintf(path, sizeof path, "/proc/%d/status", tid);
	if (procfs_text(path, status, sizeof status) < 0)
		return 0;
	at = strstr(status, "\nTgid:");
	return at && sscanf(at, "\nTgid: %d", &pid) == 1 ? pid : 0;
}
