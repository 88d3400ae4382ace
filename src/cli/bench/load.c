// SPDX-License-Identifier: Apache-2.0
// The loads: what every program does all day, as often as it takes to be timed.

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/bench/load.h"

const struct load_about loads[LOADS] = {
	[LOAD_call] = {"call", "a system call that nobody asks for", 3000000, 1.01},
	[LOAD_start] = {"start", "start of the smallest program, by two processes", 2000, 1.05},
	[LOAD_true] = {"true", "start of /bin/true", 2000, 1.02},
	[LOAD_open] = {"open", "open and close of a file whose opening is an event", 100000, 1.30},
	[LOAD_connect] = {"connect", "TCP connection over loopback, from end to end", 2000, 1.05},
	[LOAD_shell] = {"shell", "a shell that starts small tools", 200, 1.02},
};

enum { PATH = 4096 };
static const char smallest[] = "smallest", secret[] = "id_rsa";

/*
 * A program of 129 bytes that ends with status 0: one segment, three instructions (ELF-64,
 * x86-64).
 */
static const unsigned char program[] = {
	0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 62, 0, 1, 0, 0, 0,
	0x78, 0, 0x40, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0,
	0, 0, 0x40, 0, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0,
	0, 0x10, 0, 0, 0, 0, 0, 0,
	0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05};

static void path_in(char *path, const char *folder, const char *name)
{
	snprintf(path, PATH, "%s/%s", folder, name);
}

static int file_make(const char *folder, const char *name, const void *bytes, size_t n,
	mode_t mode, struct error *err)
{
	char path[PATH];
	until_return(fd_close) int fd = -1;

	path_in(path, folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		return fail(err, "cannot make '%s': %m", path);
	return 0;
}

int loads_prepare(const char *folder, struct error *err)
{
	return file_make(folder, smallest, program, sizeof program, 0755, err) ||
		file_make(folder, secret, "", 0, 0600, err) ? -1 : 0;
}

static bool start(const char *path)
{
	char *const args[] = {(char *)path, NULL}, *const env[] = {NULL};
	pid_t pid = vfork();
	int status;

	if (!pid) {
		execve(path, args, env);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static bool start_many(const char *path, long count)
{
	for (long i = 0; i < count; i++)
		if (!start(path))
			return false;
	return true;
}

static bool wait_all(const pid_t *pids, size_t n)
{
	bool good = true;
	int status;

	for (size_t i = 0; i < n; i++)
		good &= pids[i] > 0 && waitpid(pids[i], &status, 0) == pids[i] && !status;
	return good;
}

static bool start_by_two(const char *path, long count)
{
	pid_t pids[2];

	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(!start_many(path, count / 2));
	}
	return wait_all(pids, 2);
}

static bool call_many(long count)
{
	for (long i = 0; i < count; i++)
		syscall(SYS_getppid);
	return true;
}

static bool open_many(const char *path, long count)
{
	for (long i = 0; i < count; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return false;
		close(fd);
	}
	return true;
}

static bool connect_many(long count)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	until_return(fd_close) int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof to;

	if (listener < 0 || bind(listener, (struct sockaddr *)&to, n) || listen(listener, 16) ||
		getsockname(listener, (struct sockaddr *)&to, &n))
		return false;
	for (long i = 0; i < count; i++) {
		int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), server = -1;
		bool good = client >= 0 && !connect(client, (struct sockaddr *)&to, n);

		if (good)
			server = accept(listener, NULL, NULL);
		close(client);
		if (server < 0)
			return false;
		close(server);
	}
	return true;
}

static bool shell(long count)
{
	char script[256];
	pid_t pid = fork();

	snprintf(script, sizeof script,
		"i=0; while [ $i -lt %ld ]; do echo $i | tr 0-9 a-j | sort >/dev/null; "
		"i=$((i + 1)); done", count);
	if (!pid) {
		execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	return wait_all(&pid, 1);
}

static bool act(enum load load, const char *folder, long count)
{
	char path[PATH];

	switch (load) {
	case LOAD_call: return call_many(count);
	case LOAD_start: path_in(path, folder, smallest); return start_by_two(path, count);
	case LOAD_true: return start_many("/bin/true", count);
	case LOAD_open: path_in(path, folder, secret); return open_many(path, count);
	case LOAD_connect: return connect_many(count);
	default: return shell(count);
	}
}

static double ns_of(struct timeval t)
{
	return (double)t.tv_sec * 1e9 + (double)t.tv_usec * 1e3;
}

static double ns_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int load_run(enum load load, const char *folder, long count, struct taken *taken,
	struct error *err)
{
	double began = ns_now();
	struct rusage used;
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(!act(load, folder, count));
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid || status)
		return fail(err, "the load '%s' could not be done here", loads[load].name);
	taken->wall = (ns_now() - began) / (double)count;
	taken->cpu = (ns_of(used.ru_utime) + ns_of(used.ru_stime)) / (double)count;
	return 0;
}

int load_starts(const char *folder, const char *name, long count, struct error *err)
{
	char path[PATH];

	if (file_make(folder, name, program, sizeof program, 0755, err))
		return -1;
	path_in(path, folder, name);
	return start_by_two(path, count) ? 0 : fail(err, "could not start '%s' so often", path);
}

int load_flood(const char *folder, const char *name, long count, long opens, struct error *err)
{
	pid_t pid = fork();
	char path[PATH];
	int result;

	if (!pid) {
		path_in(path, folder, secret);
		_exit(!open_many(path, opens));
	}
	result = load_starts(folder, name, count, err);
	return wait_all(&pid, 1) ? result : fail(err, "could not open a file so often");
}

double least(const double *values, size_t n)
{
	double result = values[0];

	for (size_t i = 1; i < n; i++)
		if (values[i] < result)
			result = values[i];
	return result;
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

double middle(double *values, size_t n)
{
	qsort(values, n, sizeof *values, by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
