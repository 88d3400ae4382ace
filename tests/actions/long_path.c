// SPDX-License-Identifier: Apache-2.0
// A path of more than 4,096 bytes, made step by step: told cut, and said to be.
// event: file_create event.truncated=true file.path~xxxxxxxx

#include "action.h"

int main(int argc, char **argv)
{
	char name[201];

	memset(name, 'x', 200);
	name[200] = 0;
	must(!chdir(argv[1]));
	for (int i = 0; i < 22; i++) {
		must(!mkdir(name, 0700) || errno == EEXIST);
		must(!chdir(name));
	}
	file_put("at-the-end", "x", 0600);
	return 0;
}
