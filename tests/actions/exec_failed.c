// SPDX-License-Identifier: Apache-2.0
// A program that may not be started.
// event: process_exec_failed call.result=13 call.object~forbidden

#include "action.h"

int main(int argc, char **argv)
{
	const char *path = at(argv[1], "forbidden");

	file_put(path, "x", 0600);
	execl(path, path, (char *)NULL);
	must(errno == EACCES);
	return 0;
}
