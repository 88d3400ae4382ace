// SPDX-License-Identifier: Apache-2.0
// A file below another root has its place in the tree of all.
// event: file_create file.path~/root/inside

#include "action.h"

int main(int argc, char **argv)
{
	must(!mkdir(at(argv[1], "root"), 0700) || errno == EEXIST);
	must(!chroot(in_folder) && !chdir("/"));
	file_put("/inside", "x", 0600);
	return 0;
}
