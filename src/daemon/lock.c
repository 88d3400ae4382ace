// SPDX-License-Identifier: Apache-2.0
// One saker for each store folder.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/lock.h"

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
	*dir = NULL;
}

static bool is_empty(const char *folder)
{
	until_return(dir_close) DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			return false;
	return dir;
}

/*
 * An open descriptor of the folder, which belongs to the user afterwards. A folder that someone
 * else uses is not taken.
 */
static int folder_open(const char *folder, uid_t uid, gid_t gid, struct error *err)
{
	until_return(fd_close) int fd = -1;
	struct stat was;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return fail(err,
			"cannot make the store folder '%s': %m; choose another one with --store",
			folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &was))
		return fail(err,
			"cannot open the store folder '%s': %m; choose another one with --store",
			folder);
	if (was.st_uid == uid)
		return give_fd(&fd);
	if (!faccessat(fd, "saker.db", F_OK, AT_SYMLINK_NOFOLLOW))
		return fail(err,
			"the store '%s' belongs to user %u, not %u; hand it over with `chown -R "
			"%u`, or choose another one with --store",
			folder, was.st_uid, uid, uid);
	if (was.st_uid || !is_empty(folder))
		return fail(err,
			"the folder '%s' is in use for something else; choose another one with "
			"--store",
			folder);
	if (fchmod(fd, 0700) || fchown(fd, uid, gid))
		return fail(err, "cannot hand the store folder '%s' to user %u: %m", folder, uid);
	return give_fd(&fd);
}

static pid_t pid_read(int fd)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);

	return n > 0 ? atoi(text) : 0;
}

int lock_take(const char *folder, uid_t uid, gid_t gid, pid_t *died, struct error *err)
{
	until_return(fd_close) int dir = folder_open(folder, uid, gid, err);
	until_return(fd_close) int fd = -1;
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat file;
	char pid[16];
	int n;

	if (dir < 0)
		return -1;
	/*
	 * the folder belongs to a user without rights: nothing that he may have put there is
	 * followed
	 */
	fd = openat(dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
	if (fd < 0 || fstat(fd, &file))
		return fail(err,
			"cannot write in the store folder '%s': %m; choose another one with "
			"--store",
			folder);
	if (!S_ISREG(file.st_mode) || file.st_nlink != 1)
		return fail(err, "'%s/lock' is no plain file; remove it", folder);
	if (fcntl(fd, F_OFD_SETLK, &whole))
		return fail(err,
			"saker runs already with the store '%s' (process %d); stop it first, or "
			"choose another one with --store",
			folder, pid_read(fd));
	*died = pid_read(fd);
	n = snprintf(pid, sizeof pid, "%d\n", getpid());
	if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)n, 0) != n)
		return fail(err,
			"cannot write in the store folder '%s': %m; choose another one with "
			"--store",
			folder);
	return give_fd(&fd);
}

void lock_drop(int *fd)
{
	if (*fd >= 0 && ftruncate(*fd, 0))
		dprintf(2, "saker: cannot empty the lock file\n");
	fd_close(fd);
}

pid_t lock_holder(const char *folder)
{
	until_return(memory_free) char *path = NULL;
	until_return(fd_close) int fd = -1;
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (asprintf(&path, "%s/lock", folder) < 0)
		return 0;
	fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &whole) || whole.l_type == F_UNLCK)
		return 0;
	return pid_read(fd);
}
