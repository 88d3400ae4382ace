// SPDX-License-Identifier: Apache-2.0
// Opens a file for reading and closes it, many times; not more than RATE times a second, where that
// is given. bench-opens N FILE [RATE]

#include <fcntl.h>
#include <unistd.h>

#include "work.h"

enum { AT_ONCE = 50 };

/* Waits until the i-th is due. */
static void pace(const struct work *work, long i, double rate)
{
	double early = work->wall + (double)i / rate - work_wall();
	struct timespec wait = {0, (long)(early * 1e9)};

	if (i % AT_ONCE == 0 && early > 0 && early < 1)
		nanosleep(&wait, NULL);
}

int main(int argc, char **argv)
{
	long n = work_count(argc, argv, 3, "bench-opens N FILE [RATE]");
	double rate = argc > 3 ? atof(argv[3]) : 0;
	struct work work = work_begin(n);

	for (long i = 0; i < n; i++) {
		int fd = open(argv[2], O_RDONLY | O_CLOEXEC);

		if (rate > 0)
			pace(&work, i, rate);

		if (fd < 0) {
			perror(argv[2]);
			return 1;
		}
		close(fd);
	}
	return work_end(&work);
}
