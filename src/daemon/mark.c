// SPDX-License-Identifier: Apache-2.0
// The folders in which one waits.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/hold.h"
#include "daemon/mark.h"

struct mark {
	char *path;
	dev_t device;
	ino_t inode;
	struct timespec changed; /* when it was last read; zero: read it again */
};

struct marks {
	int group;
	uint64_t mask;
	bool cut;
	size_t tops, count;
	struct mark at[HOLD_FOLDERS_MAX]; /* the first are those that were asked for */
};

struct marks *marks_new(int group, uint64_t mask, const char *const *folders, size_t n)
{
	struct marks *marks = memory_new(sizeof *marks);

	marks->group = group;
	marks->mask = mask;
	for (size_t i = 0; i < n && i < HOLD_FOLDERS_MAX; i++)
		marks->at[marks->count++].path = memory_string(folders[i]);
	marks->tops = marks->count;
	return marks;
}

void marks_free(struct marks **marks)
{
	struct marks *m = give(*marks);

	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++)
		free(m->at[i].path);
	free(m);
}

static bool is_known(const struct marks *marks, const char *path)
{
	for (size_t i = 0; i < marks->count; i++)
		if (!strcmp(marks->at[i].path, path))
			return true;
	return false;
}

static void add(struct marks *marks, const char *folder, const char *name)
{
	until_return(memory_free) char *path = NULL;

	if (asprintf(&path, "%s/%s", strcmp(folder, "/") ? folder : "", name) < 0 ||
		is_known(marks, path))
		return;
	if (marks->count == HOLD_FOLDERS_MAX)
		marks->cut = true;
	else
		marks->at[marks->count++] = (struct mark){.path = give(path)};
}

static bool is_folder(int dir, const struct dirent *entry)
{
	struct stat file;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return false;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dir, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) && S_ISDIR(file.st_mode);
}

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
	*dir = NULL;
}

/* Adds the folders in it to the list. Takes over the descriptor. */
static void read_folder(struct marks *marks, const struct mark *mark, int fd)
{
	until_return(dir_close) DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		close(fd);
	while (dir && (entry = readdir(dir)))
		if (is_folder(fd, entry))
			add(marks, mark->path, entry->d_name);
}

static bool is_old(struct timespec changed)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - changed.tv_sec > 1;
}

static void forget(struct marks *marks, size_t i)
{
	free(marks->at[i].path);
	marks->at[i] = marks->at[--marks->count];
	marks->at[marks->count] = (struct mark){0};
}

/* 1: it is there; 0: it is gone; -1: the kernel refuses the mark. */
static int look_at(struct marks *marks, struct mark *mark, struct error *err)
{
	until_return(fd_close) int fd =
		open(mark->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat now;

	if (fd < 0 || fstat(fd, &now))
		return 0;
	/*
	 * each time: a folder that was removed and made again may have its old inode number, and
	 * no mark
	 */
	if (fanotify_mark(marks->group, FAN_MARK_ADD | FAN_MARK_ONLYDIR,
		    marks->mask | FAN_EVENT_ON_CHILD, fd, NULL))
		return fail(err, "the kernel refuses to watch over '%s': %m", mark->path);
	if (now.st_ino != mark->inode || now.st_dev != mark->device)
		mark->changed = (struct timespec){0};
	mark->device = now.st_dev;
	mark->inode = now.st_ino;
	if (mark->changed.tv_sec == now.st_mtim.tv_sec &&
		mark->changed.tv_nsec == now.st_mtim.tv_nsec)
		return 1;
	/* one that changed just now may change again without another time */
	mark->changed = is_old(now.st_mtim) ? now.st_mtim : (struct timespec){0};
	read_folder(marks, mark, give_fd(&fd));
	return 1;
}

int marks_scan(struct marks *marks, struct error *err)
{
	marks->cut = false;
	for (size_t i = 0; i < marks->count;) {
		int there = look_at(marks, &marks->at[i], err);

		if (there < 0)
			return -1;
		if (!there && i >= marks->tops) {
			forget(marks, i);
			continue;
		}
		if (!there)
			marks->at[i].inode = 0;
		i++;
	}
	return 0;
}

size_t marks_count(const struct marks *marks, bool *cut)
{
	size_t n = 0;

	*cut = marks->cut;
	for (size_t i = 0; i < marks->count; i++)
		n += marks->at[i].inode != 0;
	return n;
}
