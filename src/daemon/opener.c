// SPDX-License-Identifier: Apache-2.0
// Opens files for the parent in a thread of its own. Both directions are pipes of pointers.

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/opener.h"

enum { JOBS_MAX = 64, STACK = 1 << 16 };

struct job {
	int fd;
	size_t n;
	struct message_hash *order; /* `n` bytes of it */
};

struct opener {
	int orders[2], done[2]; /* pipes */
	pid_t tid;
	size_t jobs; /* given and not taken back */
};

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

static void *work(void *context)
{
	struct opener *opener = context;
	pid_t tid = gettid();
	struct job *job;

	if (write(opener->done[1], &tid, sizeof tid) != sizeof tid)
		return NULL;
	while (read(opener->orders[0], &job, sizeof job) == sizeof job) {
		job->fd = file_open(job->order, job->n);
		if (write(opener->done[1], &job, sizeof job) != sizeof job)
			return NULL;
	}
	return NULL;
}

struct opener *opener_new(struct error *err)
{
	struct opener *opener = memory_new(sizeof *opener);
	pthread_attr_t attributes;
	pthread_t thread;
	int e;

	if (pipe2(opener->orders, O_CLOEXEC) || pipe2(opener->done, O_CLOEXEC))
		return fail_null(err, "cannot make a pipe: %m");
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	e = pthread_create(&thread, &attributes, work, opener);
	pthread_attr_destroy(&attributes);
	if (e)
		return fail_null(err, "cannot start a thread: %s", strerror(e));
	if (read(opener->done[0], &opener->tid, sizeof opener->tid) != sizeof opener->tid)
		return fail_null(err, "cannot start a thread: %m");
	fcntl(opener->done[0], F_SETFL, O_NONBLOCK);
	return opener;
}

pid_t opener_tid(const struct opener *opener)
{
	return opener->tid;
}

int opener_fd(const struct opener *opener)
{
	return opener->done[0];
}

bool opener_order(struct opener *opener, const struct message_hash *order, size_t n)
{
	struct job *job;

	if (opener->jobs == JOBS_MAX)
		return false;
	job = memory_new(sizeof *job);
	job->n = n;
	job->order = memory_new(n);
	memcpy(job->order, order, n);
	opener->jobs++;
	/* a pipe has room for more pointers than may be out */
	return write(opener->orders[1], &job, sizeof job) == sizeof job;
}

bool opener_take(struct opener *opener, uint64_t *id, uint64_t *size, int *fd)
{
	struct job *job;

	if (read(opener->done[0], &job, sizeof job) != sizeof job)
		return false;
	opener->jobs--;
	*id = job->order->id;
	*size = job->order->stamp.size;
	*fd = job->fd;
	free(job->order);
	free(job);
	return true;
}
