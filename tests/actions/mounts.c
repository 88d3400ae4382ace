// SPDX-License-Identifier: Apache-2.0
// File systems are mounted and taken away, in a namespace of its own.
// event: mount_change call.name=mount call.object=a-source call.into~/point
// event: mount_change call.name=umount call.into~/point

#include "action.h"

int main(int argc, char **argv)
{
	must(!unshare(CLONE_NEWNS));
	must(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(!mkdir(at(argv[1], "point"), 0700));
	must(!mount("a-source", in_folder, "tmpfs", 0, NULL));
	must(!umount(in_folder));
	must(!rmdir(in_folder));
	return 0;
}
