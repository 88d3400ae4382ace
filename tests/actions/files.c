// SPDX-License-Identifier: Apache-2.0
// What can happen to a file.
// event: file_create file.path~/one
// event: file_write file.path~/one file.size=5
// event: file_mode file.path~/one file.mode=493
// event: file_owner file.path~/one file.uid=65534
// event: file_attribute file.path~/one call.object=trusted.saker
// event: file_truncate file.path~/one file.size=2
// event: file_time file.path~/one file.backdated_days~
// event: file_rename file.path~/two file.old_path~/one
// event: file_create file.path~/hard file.old_path~/two
// event: file_create file.path~/soft file.old_path~two
// event: file_create file.path~/folder
// event: file_delete file.path~/two
// event: file_delete file.path~/folder

#include "action.h"

int main(int argc, char **argv)
{
	struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};

	must(!chdir(argv[1]));
	file_put("one", "12345", 0644);
	must(!chmod("one", 0755));
	must(!chown("one", 65534, -1));
	if (setxattr("one", "trusted.saker", "x", 1, 0))
		must(errno == ENOTSUP);
	must(!truncate("one", 2));
	must(!utimensat(AT_FDCWD, "one", old, 0));
	must(!rename("one", "two"));
	must(!link("two", "hard"));
	must(!symlink("two", "soft"));
	must(!mkdir("folder", 0700));
	must(!rmdir("folder"));
	must(!unlink("soft") && !unlink("hard") && !unlink("two"));
	return 0;
}
