/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the sensor actions: one small program per behaviour. The comments at its top that begin with
 * `event:` are the events that it must cause (see judge.c); its first argument is a watched folder.
 * It ends with 0, or with 77 and a reason where this host cannot do it.
 */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define must(what)                                                                                \
	do {                                                                                      \
		if (!(what)) {                                                                    \
			fprintf(stderr, "%s:%d: %s: %m\n", __FILE__, __LINE__, #what);            \
			exit(1);                                                                  \
		}                                                                                 \
	} while (0)

/* This host cannot. */
#define skip_unless(what)                                                                         \
	do {                                                                                      \
		if (!(what)) {                                                                    \
			fprintf(stderr, "%s: %m\n", #what);                                       \
			exit(77);                                                                 \
		}                                                                                 \
	} while (0)

static char in_folder[512];

__attribute__((unused)) static const char *at(const char *folder, const char *name)
{
	snprintf(in_folder, sizeof in_folder, "%s/%s", folder, name);
	return in_folder;
}

/* Waits for a child; its status. */
__attribute__((unused)) static int ended(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* A child that sleeps until it is killed. */
__attribute__((unused)) static pid_t sleeper(void)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

__attribute__((unused)) static void kill_child(pid_t pid)
{
	kill(pid, SIGKILL);
	ended(pid);
}

__attribute__((unused)) static void file_put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	must(fd >= 0);
	must(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* A copy of this program under another name. */
__attribute__((unused)) static void copy_self(const char *to)
{
	int from = open("/proc/self/exe", O_RDONLY), fd = open(to, O_WRONLY | O_CREAT, 0755);
	char buffer[65536];
	ssize_t n;

	must(from >= 0 && fd >= 0);
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		must(write(fd, buffer, (size_t)n) == n);
	close(from);
	close(fd);
}

__attribute__((unused)) static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}
