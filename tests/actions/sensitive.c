// SPDX-License-Identifier: Apache-2.0
// A file with a sensitive name is read.
// event: file_open file.name=id_rsa

#include "action.h"

int main(int argc, char **argv)
{
	file_put(at(argv[1], "id_rsa"), "secret", 0600);
	must(open(in_folder, O_RDONLY) >= 0);
	return 0;
}
