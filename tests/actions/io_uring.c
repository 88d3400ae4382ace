// SPDX-License-Identifier: Apache-2.0
// Files and connections without the system calls for them.
// event: kernel_ring
// event: file_create file.path~/by-ring
// event: file_open file.name=id_rsa
// event: file_rename file.path~/renamed-by-ring
// event: file_delete file.path~/renamed-by-ring
// event: network_connect destination.ip=127.0.0.1

#include "ring.h"

int main(int argc, char **argv)
{
	return ring_behave(argv[1], 0, false);
}
