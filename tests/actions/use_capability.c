// SPDX-License-Identifier: Apache-2.0
// A right that few programs need.
// needs: process_capability_use
// event: process_capability_use call.operation=CAP_MKNOD

#include "action.h"

int main(int argc, char **argv)
{
	must(!mknod(at(argv[1], "device"), S_IFBLK | 0600, 0));
	unlink(in_folder);
	return 0;
}
