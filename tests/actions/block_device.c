// SPDX-License-Identifier: Apache-2.0
// A disk is read without its file system.
// event: device_open process.name=block_device file.path~/disk

#include "action.h"

int main(int argc, char **argv)
{
	struct stat root;
	char bytes[1024];
	int fd;

	must(!stat("/", &root));
	skip_unless(root.st_dev >> 8 && !mknod(at(argv[1], "disk"), S_IFBLK | 0400, root.st_dev));
	fd = open(in_folder, O_RDONLY);
	unlink(in_folder);
	skip_unless(fd >= 0);
	must(read(fd, bytes, sizeof bytes) == sizeof bytes);
	return 0;
}
