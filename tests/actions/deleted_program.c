// SPDX-License-Identifier: Apache-2.0
// A program that was removed before it was started.
// event: process_exec process.file.deleted=true process.executable~was-here

#include "action.h"

int main(int argc, char **argv)
{
	extern char **environ;
	char *args[] = {"was-here", "again", "again", NULL};
	int fd;

	if (argc > 2)
		return 0;
	copy_self(at(argv[1], "was-here"));
	fd = open(in_folder, O_RDONLY);
	must(fd >= 0 && !unlink(in_folder));
	fexecve(fd, args, environ);
	return 1;
}
