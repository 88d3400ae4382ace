// SPDX-License-Identifier: Apache-2.0
// Who waits with an exec.

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/procfs.h"
#include "daemon/waiter.h"

enum { TRIES = 100 };

static void link_read(pid_t tid, const char *name, char *target, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/%s", tid, name);
	n = readlink(path, target, size - 1);
	target[n < 0 ? 0 : n] = 0;
}

static int ids_read(pid_t tid, struct message_hold *hold)
{
	char path[64], text[4096], *line;

	snprintf(path, sizeof path, "/proc/%d/status", tid);
	if (procfs_text(path, text, sizeof text) < 0)
		return -1;
	line = strstr(text, "\nTgid:");
	if (!line || sscanf(line, "\nTgid: %u", &hold->pid) != 1)
		return -1;
	line = strstr(text, "\nUid:");
	if (!line || sscanf(line, "\nUid: %u %u %u", &hold->uid, &hold->euid, &hold->suid) != 3)
		return 0;
	line = strstr(text, "\nGid:");
	if (line && sscanf(line, "\nGid: %u %u", &hold->gid, &hold->egid) == 2)
		hold->known |= HOLD_ids;
	return 0;
}

int waiter_read(pid_t tid, struct message_hold *hold)
{
	static const char *const descriptors[] = {"fd/0", "fd/1", "fd/2"};

	hold->tid = (uint32_t)tid;
	hold->known = 0;
	if (ids_read(tid, hold))
		return -1;
	link_read(tid, "cwd", hold->cwd, sizeof hold->cwd);
	if (hold->cwd[0])
		hold->known |= HOLD_cwd;
	for (size_t i = 0; i < array_size(descriptors); i++)
		link_read(tid, descriptors[i], hold->stdio[i], sizeof hold->stdio[i]);
	return 0;
}

uint64_t waiter_argv(pid_t tid)
{
	unsigned long long first, second, third;
	char path[64], text[256];
	long call;

	snprintf(path, sizeof path, "/proc/%d/syscall", tid);
	for (int i = 0; i < TRIES; i++) {
		if (procfs_text(path, text, sizeof text) < 0)
			return 0;
		if (sscanf(text, "%ld 0x%llx 0x%llx 0x%llx", &call, &first, &second, &third) == 4)
			return call == SYS_execve ? second : call == SYS_execveat ? third : 0;
		sched_yield(); /* "running" */
	}
	return 0;
}
