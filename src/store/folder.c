// SPDX-License-Identifier: Apache-2.0
// The folder of a store: made where it is missing, locked by the one writer, with a reserve of
// space in it.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "store/store_private.h"

enum { RESERVE = 2 << 20 };

int store_folder_make(const char *folder, struct error *err)
{
	struct stat stat_;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return fail(err, "cannot make the store folder '%s': %m%s", folder,
			errno == ENOENT
				? "; make the folder above it first, or give another with --store"
				: "; give another with --store");
	if (stat(folder, &stat_))
		return fail(err, "cannot look at the store folder '%s': %m", folder);
	if (!S_ISDIR(stat_.st_mode))
		return fail(err, "'%s' is a file, not a folder; give a folder with --store",
			folder);
	return 0;
}

int store_folder_lock(const char *folder, struct error *err)
{
	until_return(fd_close) int fd = -1;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[STORE_PATH_BYTES], pid[24] = "";

	snprintf(path, sizeof path, "%s/saker.lock", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(err,
			"cannot write to the store folder '%s': %m; make it writable or give "
			"another with --store",
			folder);
	if (fcntl(fd, F_OFD_SETLK, &lock)) {
		ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

		if (errno != EAGAIN && errno != EACCES)
			return fail(err, "cannot lock '%s': %m", path);
		pid[n > 0 ? n : 0] = 0;
		pid[strspn(pid, "0123456789")] = 0;
		return fail(err,
			"another saker%s%s%s writes to '%s'; stop it or give another folder with "
			"--store",
			*pid ? ", process " : "", pid, *pid ? "," : "", folder);
	}
	snprintf(pid, sizeof pid, "%d\n", (int)getpid());
	/* the number is for the sentence above only; without it the lock is as good */
	if (!ftruncate(fd, 0) && pwrite(fd, pid, strlen(pid), 0) < 0)
		errno = 0;
	return give_fd(&fd);
}

static int reserve_open(const struct store *store, int flags)
{
	char path[STORE_PATH_BYTES];

	snprintf(path, sizeof path, "%s/saker.reserve", store->folder);
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void store_reserve_make(struct store *store)
{
	until_return(fd_close) int fd = reserve_open(store, O_WRONLY | O_CREAT);

	/* without it saker works as well, until the disk is full */
	if (fd >= 0 && fallocate(fd, 0, 0, RESERVE) && ftruncate(fd, 0))
		errno = 0;
}

void store_reserve_drop(struct store *store)
{
	until_return(fd_close) int fd = reserve_open(store, O_WRONLY);

	if (fd >= 0 && ftruncate(fd, 0))
		errno = 0;
}
