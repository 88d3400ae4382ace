// SPDX-License-Identifier: Apache-2.0
// Opens a file for reading and closes it, many times. bench-opens N FILE

#include <fcntl.h>
#include <unistd.h>

#include "work.h"

int main(int argc, char **argv)
{
	long n = work_count(argc, argv, 3, "bench-opens N FILE");
	struct work work = work_begin(n);

	for (long i = 0; i < n; i++) {
		int fd = open(argv[2], O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			perror(argv[2]);
			return 1;
		}
		close(fd);
	}
	return work_end(&work);
}
