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
	struct sockaddr_in address = loopback(0);
	socklen_t n = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	struct ring ring;

	must(!chdir(argv[1]));
	file_put("id_rsa", "secret", 0600);
	ring_open(&ring, 0);
	must(ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD,
		.addr = (uintptr_t)"by-ring", .len = 0600, .open_flags = O_WRONLY | O_CREAT}, false) >= 0);
	must(ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD,
		.addr = (uintptr_t)"id_rsa", .open_flags = O_RDONLY}, false) >= 0);
	must(!ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD,
		.addr = (uintptr_t)"by-ring", .len = (unsigned)AT_FDCWD,
		.off = (uintptr_t)"renamed-by-ring"}, false));
	must(!ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD,
		.addr = (uintptr_t)"renamed-by-ring"}, false));
	must(!bind(listener, (void *)&address, n) && !listen(listener, 1));
	must(!getsockname(listener, (void *)&address, &n));
	must(!ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_CONNECT, .fd = client,
		.addr = (uintptr_t)&address, .off = n}, false));
	return 0;
}
