// SPDX-License-Identifier: Apache-2.0
// The kernel's own file systems, seen through mounts of ours.

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "sensor/kernelfs.h"

int kernelfs_open(const char *type, struct error *err)
{
	until_return(fd_close) int context = fsopen(type, FSOPEN_CLOEXEC);
	int mount = -1;

	if (context >= 0 && !fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	return mount >= 0 ? mount : fail(err, "this kernel gives no %s: %m", type);
}

int kernelfs_read(int mount, const char *path, char *text, size_t size)
{
	until_return(fd_close) int fd = openat(mount, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return -1;
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = 0;
	return 0;
}

int cgroup_root(char *path, size_t size, struct error *err)
{
	until_return(file_close) FILE *mounts = fopen("/proc/self/mounts", "re");
	char line[4096], folder[2048], type[64];

	while (mounts && fgets(line, sizeof line, mounts))
		if (sscanf(line, "%*s %2047s %63s", folder, type) == 2 &&
			!strcmp(type, "cgroup2")) {
			snprintf(path, size, "%s", folder);
			return 0;
		}
	return fail(err,
		"the unified cgroup tree is not mounted; mount -t cgroup2 none /sys/fs/cgroup");
}

int cgroup_identify(const char *folder, uint64_t *id, uint32_t *level, struct error *err)
{
	char root[PATH_MAX], real[PATH_MAX];
	struct stat st;
	uint32_t depth = 0;
	size_t n;

	if (cgroup_root(root, sizeof root, err) < 0)
		return -1;
	if (!realpath(folder, real) || stat(real, &st))
		return fail(err, "cannot find the cgroup '%s': %m", folder);
	n = strlen(root);
	if (strncmp(real, root, n) || (real[n] && real[n] != '/'))
		return fail(err, "'%s' is not in the unified cgroup tree, which is at '%s'",
			folder, root);
	for (const char *at = real + n; *at; at++)
		depth += *at == '/';
	*id = st.st_ino;
	*level = depth;
	return 0;
}
