// SPDX-License-Identifier: Apache-2.0
// A program that is on no disk.
// event: memory_file call.object=not-on-disk
// event: process_exec process.file.memfd=true process.args_count=2 process.executable~not-on-disk

#include "action.h"

int main(int argc, char **argv)
{
	extern char **environ;
	char *args[] = {"anything", "memfd-payload", NULL};
	int fd, self;
	pid_t pid;

	if (argc == 2 && !strcmp(argv[1], "memfd-payload"))
		return 0;
	fd = memfd_create("not-on-disk", MFD_CLOEXEC);
	self = open("/proc/self/exe", O_RDONLY);
	must(fd >= 0 && self >= 0);
	for (char buffer[65536];;) {
		ssize_t n = read(self, buffer, sizeof buffer);

		if (n <= 0)
			break;
		must(write(fd, buffer, (size_t)n) == n);
	}
	pid = fork();
	must(pid >= 0);
	if (!pid) {
		fexecve(fd, args, environ);
		_exit(1);
	}
	must(!ended(pid));
	return 0;
}
