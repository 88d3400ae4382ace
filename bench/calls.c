// SPDX-License-Identifier: Apache-2.0
// A system call that no sensor asks for, many times: what every unrelated call pays. bench-calls N

#include <sys/syscall.h>
#include <unistd.h>

#include "work.h"

int main(int argc, char **argv)
{
	long n = work_count(argc, argv, 2, "bench-calls N");
	struct work work = work_begin(n);

	for (long i = 0; i < n; i++)
		syscall(SYS_getppid);
	return work_end(&work);
}
