// SPDX-License-Identifier: Apache-2.0
// The scratch folder of a demonstration. What lies below it may belong to a user without rights,
// so that it is removed descriptor by descriptor: a link put there in the meantime is removed,
// never followed.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/demo_folder.h"

enum { DEPTH_MAX = 16 };

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
	*dir = NULL;
}

bool folder_name_is_plain(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-";

	return path[0] == '/' && path[1] && !strstr(path, "//") && !strstr(path, "/.") &&
		!path[strspn(path, plain)];
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* A stream over a folder below `at`; NULL if it is none, or a link. */
static DIR *dir_open(int at, const char *name)
{
	until_return(fd_close) int fd =
		openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		give_fd(&fd);
	return dir;
}

static bool dir_is_empty(DIR *dir)
{
	const struct dirent *entry;

	while ((entry = readdir(dir)))
		if (!is_dots(entry->d_name))
			return false;
	return true;
}

int folder_make(const char *path, bool *made, struct error *err)
{
	until_return(dir_close) DIR *dir = NULL;
	struct stat status;

	*made = !mkdir(path, 0755);
	if (!*made && errno != EEXIST)
		return fail(err, "cannot make the folder '%s': %m", path);
	dir = dir_open(AT_FDCWD, path);
	if (!dir)
		return fail(err, "'%s' is no folder; remove it, or name another with --folder",
			path);
	if (fstat(dirfd(dir), &status))
		return fail(err, "cannot look at '%s': %m", path);
	if (status.st_uid != geteuid() || (!*made && status.st_mode & 022))
		return fail(err, "the folder '%s' is someone else's, or others may write to it; "
			"name another with --folder", path);
	if (!dir_is_empty(dir))
		return fail(err, "the folder '%s' is not empty; remove it, or name another with "
			"--folder", path);
	/* The web server's user must get in, whatever the umask or whoever made the folder. */
	if (fchmod(dirfd(dir), 0755))
		return fail(err, "cannot set the mode of '%s': %m", path);
	return 0;
}

static int empty(DIR *dir, unsigned depth)
{
	const struct dirent *entry;
	int result = 0;

	while ((entry = readdir(dir))) {
		until_return(dir_close) DIR *below = NULL;

		if (is_dots(entry->d_name) || !unlinkat(dirfd(dir), entry->d_name, 0))
			continue;
		below = depth ? dir_open(dirfd(dir), entry->d_name) : NULL;
		if (!below || empty(below, depth - 1) ||
		    unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR))
			result = -1;
	}
	return result;
}

int folder_remove(const char *path, bool made, struct error *err)
{
	until_return(dir_close) DIR *dir = dir_open(AT_FDCWD, path);

	if (!dir || empty(dir, DEPTH_MAX) || (made && rmdir(path)))
		return fail(err, "cannot remove all of '%s': %m", path);
	return 0;
}

static int file_put(int at, const char *name, const char *bytes, mode_t mode)
{
	until_return(fd_close) int fd =
		openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n = (ssize_t)strlen(bytes);

	return fd < 0 || write(fd, bytes, (size_t)n) != n || fchmod(fd, mode) ? -1 : 0;
}

static int program_copy(int at, const char *name)
{
	until_return(fd_close) int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	until_return(fd_close) int out =
		openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700);
	ssize_t n;

	if (in < 0 || out < 0)
		return -1;
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	return n < 0 || fchmod(out, 0755) ? -1 : 0;
}

static int folders_put(int at)
{
	static const char *const names[] = {"etc", "srv", "srv/www", "tmp", "usr", "usr/sbin"};

	for (size_t i = 0; i < array_size(names); i++)
		if (mkdirat(at, names[i], 0755) || fchmodat(at, names[i], 0755, 0))
			return -1;
	return 0;
}

int folder_fill(const struct demo *demo, struct error *err)
{
	until_return(fd_close) int at =
		open(demo->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (at < 0 || folders_put(at) ||
	    file_put(at, "srv/www/index.html", "<!doctype html><title>A decoy</title>\n", 0644) ||
	    file_put(at, "etc/shadow", "decoy:*:16700:0:99999:7:::\n", 0644) ||
	    program_copy(at, "usr/sbin/httpd"))
		return fail(err, "cannot fill the folder '%s': %m", demo->folder);
	if (demo->is_root &&
	    fchownat(at, "srv/www", demo->web_uid, demo->web_gid, AT_SYMLINK_NOFOLLOW))
		return fail(err, "cannot give '%s/srv/www' to %s: %m", demo->folder,
			demo->web_user);
	return 0;
}
