// SPDX-License-Identifier: Apache-2.0
// Names with a line end, with bytes that are no UTF-8, and a deep one.
// event: file_create file.path~line\nend
// event: file_create file.path~bad
// event: file_create file.path~/deepest

#include "action.h"

int main(int argc, char **argv)
{
	char path[8192];
	int n, fd = open(argv[1], O_RDONLY | O_DIRECTORY);

	file_put(at(argv[1], "line\nend"), "x", 0600);
	file_put(at(argv[1], "bad\xff\xfe"), "x", 0600);
	must(fd >= 0);
	n = 0;
	for (int i = 0; i < 61; i++) {
		n += snprintf(path + n, sizeof path - (size_t)n, "d");
		must(!mkdirat(fd, path, 0700) || errno == EEXIST);
		n += snprintf(path + n, sizeof path - (size_t)n, "/");
	}
	snprintf(path + n, sizeof path - (size_t)n, "deepest");
	must(openat(fd, path, O_WRONLY | O_CREAT, 0600) >= 0);
	return 0;
}
