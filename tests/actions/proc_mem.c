// SPDX-License-Identifier: Apache-2.0
// The same through a file of /proc.
// event: memory_write file.path~/mem target.process.executable~/proc_mem

#include "action.h"

int main(void)
{
	static char there[8];
	char path[64];
	pid_t pid = sleeper();
	int fd;

	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	must(fd >= 0);
	must(pwrite(fd, "written", 8, (off_t)there) == 8);
	kill_child(pid);
	return 0;
}
