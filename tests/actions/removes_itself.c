// SPDX-License-Identifier: Apache-2.0
// A program that removes its own file while it runs, and goes on.
// event: process_exec process.executable~/removes-me
// event: file_delete file.path~/removes-me

#include "action.h"

int main(int argc, char **argv)
{
	char *args[] = {"removes-me", argv[1], "again", NULL};

	if (argc > 2) {
		must(!unlink(at(argv[1], "removes-me")));
		return 0;
	}
	copy_self(at(argv[1], "removes-me"));
	execv(in_folder, args);
	return 1;
}
