// SPDX-License-Identifier: Apache-2.0
// The hold: who starts a program, or opens a file, waits for a verdict, by fanotify permission
// events. (Which folders are marked: see mark.c.)

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/hold.h"
#include "daemon/mark.h"
#include "daemon/spawn.h"
#include "daemon/stamp.h"

enum { RESCAN = 1000, READ_SIZE = 16384 };

/*
 * One who waits. Ids count up and a slot is id % HOLDS_MAX; all have the same deadline,
 * so they fall due in the order of their ids.
 */
struct waiting {
	uint64_t id;
	int fd; /* the file, by which the kernel knows the question; -1: answered */
	pid_t tid;
	int64_t due;
	struct stamp stamp;
};

struct hold {
	struct hold_options options;
	char **folders;
	size_t folder_count;
	int group;
	struct marks *marks;
	int64_t rescan;
	uint64_t first, next; /* ids: the oldest that may wait, the next to give */
	struct waiting waiting[HOLDS_MAX];
	struct stamp_cache cache;
	struct hold_numbers numbers;
};

static void folders_keep(struct hold *hold, const char *const *folders, size_t n)
{
	hold->folders = memory_new((n + 1) * sizeof *hold->folders);
	for (hold->folder_count = 0; hold->folder_count < n; hold->folder_count++) {
		char *folder = memory_string(folders[hold->folder_count]);
		size_t length = strlen(folder);

		while (length > 1 && folder[length - 1] == '/')
			folder[--length] = 0;
		hold->folders[hold->folder_count] = folder;
	}
}

struct hold *hold_new(const struct hold_options *options, struct error *err)
{
	static const uint64_t masks[] = {
		[HOLD_programs] = FAN_OPEN_EXEC_PERM,
		[HOLD_files] = FAN_OPEN_PERM | FAN_CLOSE_WRITE,
		[HOLD_nobody] = FAN_CLOSE_WRITE,
	};
	until_return(hold_free) struct hold *hold = memory_new(sizeof *hold);

	hold->options = *options;
	folders_keep(hold, options->folders, options->folder_count);
	hold->first = hold->next = 1;
	/* O_NONBLOCK: the kernel opens what it tells of, which may be a fifo */
	hold->group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK |
			FAN_UNLIMITED_QUEUE | FAN_REPORT_TID,
		O_RDONLY | O_CLOEXEC | O_LARGEFILE | O_NONBLOCK);
	if (hold->group < 0)
		return fail_null(err, "nobody can be made to wait: %m (the kernel needs "
				      "CONFIG_FANOTIFY_ACCESS_PERMISSIONS)");
	hold->marks = marks_new(hold->group, masks[options->kind],
		(const char *const *)hold->folders, hold->folder_count);
	if (marks_scan(hold->marks, err))
		return NULL;
	hold->rescan = now_ms() + RESCAN;
	return give(hold);
}

/* The kernel takes the answer before the descriptor is closed. */
static void answer(struct hold *hold, int *fd, bool allow)
{
	struct fanotify_response response = {*fd, allow ? FAN_ALLOW : FAN_DENY};
	ssize_t n;

	do
		n = write(hold->group, &response, sizeof response);
	while (n < 0 && errno == EINTR);
	hold->numbers.denied += !allow;
	fd_close(fd);
}

static void path_read(int fd, char *path, size_t size)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, size - 1);
	path[n < 0 ? 0 : n] = 0;
}

static bool is_inside(const struct hold *hold, const char *path)
{
	for (size_t i = 0; i < hold->folder_count; i++) {
		size_t n = strlen(hold->folders[i]);

		if (n == 1 || (!strncmp(path, hold->folders[i], n) && path[n] == '/'))
			return true;
	}
	return false;
}

static void let_go(struct hold *hold, int *fd, pid_t tid, const char *result, const char *why)
{
	char path[4096];

	path_read(*fd, path, sizeof path);
	answer(hold, fd, true);
	hold->options.let_go(hold->options.context, tid, path, result, why);
}

static void settle(struct hold *hold)
{
	while (hold->first < hold->next && hold->waiting[hold->first % HOLDS_MAX].fd < 0)
		hold->first++;
}

static void ask(struct hold *hold, int *fd, pid_t tid, const struct stamp *stamp, const char *path)
{
	struct waiting *w = &hold->waiting[hold->next % HOLDS_MAX];

	if (hold->next - hold->first == HOLDS_MAX) {
		let_go(hold, fd, tid, "failed", "more than 1024 wait at once");
		return;
	}
	*w = (struct waiting){.id = hold->next, .fd = *fd, .tid = tid,
		.due = now_ms() + hold->options.deadline, .stamp = *stamp};
	hold->numbers.asked++;
	hold->numbers.open++;
	hold->next++;
	if (hold->options.ask(hold->options.context, hold->next - 1, give_fd(fd), tid, path))
		return;
	hold->numbers.open--;
	let_go(hold, &w->fd, tid, "failed", "nobody can be asked");
	settle(hold);
}

/* Whether the answer is known; then it was given. */
static bool is_settled(struct hold *hold, int *fd, pid_t tid, const struct stamp *stamp)
{
	const struct hold_options *options = &hold->options;
	const unsigned char *known = stamp_find(&hold->cache, stamp);
	char path[4096];

	if (!known || (known[0] && options->again && options->again(options->context, tid)))
		return false;
	if (!known[0] && options->refused) {
		path_read(*fd, path, sizeof path);
		options->refused(options->context, tid, path);
	}
	answer(hold, fd, known[0]);
	return true;
}

static void came(struct hold *hold, const struct fanotify_event_metadata *event)
{
	until_return(fd_close) int fd = event->fd;
	bool waits = event->mask & (FAN_OPEN_EXEC_PERM | FAN_OPEN_PERM);
	char path[4096];
	struct stat file;
	struct stamp stamp;

	if (fd < 0)
		return;
	if (hold->options.own(hold->options.context, event->pid) || fstat(fd, &file) ||
		!S_ISREG(file.st_mode)) {
		if (waits)
			answer(hold, &fd, true);
		return;
	}
	stamp = stamp_of(&file);
	if (waits && is_settled(hold, &fd, event->pid, &stamp))
		return;
	path_read(fd, path, sizeof path);
	if (!is_inside(hold, path)) {
		if (waits)
			answer(hold, &fd, true);
		return;
	}
	if (waits)
		ask(hold, &fd, event->pid, &stamp, path);
	else
		hold->options.wrote(hold->options.context, fd, event->pid, path);
}

void hold_read(struct hold *hold)
{
	_Alignas(struct fanotify_event_metadata) char buffer[READ_SIZE];
	ssize_t n = read(hold->group, buffer, sizeof buffer);
	const struct fanotify_event_metadata *event = (const void *)buffer;

	for (; n > 0 && FAN_EVENT_OK(event, n); event = FAN_EVENT_NEXT(event, n))
		came(hold, event);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void hold_answer(struct hold *hold, uint64_t id, bool allow, bool cache)
{
	unsigned char finding[STAMP_FINDING] = {allow};
	struct waiting *w = &hold->waiting[id % HOLDS_MAX];

	if (!id || w->id != id)
		return;
	if (cache)
		stamp_keep(&hold->cache, &w->stamp, finding, now_ns());
	if (w->fd < 0) /* it was let go meanwhile */
		return;
	answer(hold, &w->fd, allow);
	hold->numbers.open--;
	settle(hold);
}

int hold_descriptor(const struct hold *hold, uint64_t id)
{
	return id < hold->first || id >= hold->next ? -1 : hold->waiting[id % HOLDS_MAX].fd;
}

void hold_tick(struct hold *hold)
{
	int64_t now = now_ms();
	struct waiting *w;

	for (settle(hold); hold->first < hold->next; settle(hold)) {
		w = &hold->waiting[hold->first % HOLDS_MAX];
		if (w->due > now)
			break;
		hold->numbers.open--;
		hold->numbers.timeouts++;
		let_go(hold, &w->fd, w->tid, "timeout", "the answer did not come in time");
	}
	if (now >= hold->rescan) {
		hold->rescan = now + RESCAN;
		marks_scan(hold->marks, NULL);
	}
}

int hold_wait(const struct hold *hold)
{
	int64_t due = hold->rescan, now = now_ms();

	if (hold->first < hold->next && hold->waiting[hold->first % HOLDS_MAX].due < due)
		due = hold->waiting[hold->first % HOLDS_MAX].due;
	return due > now ? (int)(due - now) : 0;
}

void hold_release(struct hold *hold)
{
	for (settle(hold); hold->first < hold->next; settle(hold)) {
		struct waiting *w = &hold->waiting[hold->first % HOLDS_MAX];

		hold->numbers.open--;
		let_go(hold, &w->fd, w->tid, "failed", "who is asked is gone");
	}
}

void hold_forget(struct hold *hold)
{
	memset(&hold->cache, 0, sizeof hold->cache);
}

void hold_free(struct hold **hold)
{
	struct hold *h = give(*hold);

	if (!h)
		return;
	if (h->marks)
		hold_release(h);
	fd_close(&h->group);
	marks_free(&h->marks);
	for (size_t i = 0; i < h->folder_count; i++)
		free(h->folders[i]);
	free(h->folders);
	free(h);
}

int hold_fd(const struct hold *hold)
{
	return hold->group;
}

struct hold_numbers hold_numbers(const struct hold *hold)
{
	struct hold_numbers numbers = hold->numbers;

	numbers.folders = marks_count(hold->marks, &numbers.folders_cut);
	return numbers;
}
