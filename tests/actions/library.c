// SPDX-License-Identifier: Apache-2.0
// A file is mapped as code.
// event: library_load file.path~/a-library

#include "action.h"

int main(int argc, char **argv)
{
	int fd;

	copy_self(at(argv[1], "a-library"));
	fd = open(in_folder, O_RDONLY);
	must(fd >= 0);
	must(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED);
	return 0;
}
