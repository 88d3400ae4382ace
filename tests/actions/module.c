// SPDX-License-Identifier: Apache-2.0
// Bytes that are no module are handed to the kernel.
// needs: kernel_module
// event: kernel_module file.result~
// event: kernel_module file.path~/no-module

#include "action.h"

int main(int argc, char **argv)
{
	int fd;

	file_put(at(argv[1], "no-module"), "no module", 0600);
	fd = open(in_folder, O_RDONLY);
	must(fd >= 0);
	must(syscall(SYS_finit_module, fd, "", 0) < 0);
	must(errno != EPERM);
	must(syscall(SYS_init_module, "no module", 9, "") < 0);
	return 0;
}
