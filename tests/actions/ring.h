/* SPDX-License-Identifier: Apache-2.0 */
/* An io_uring of one entry, by system calls alone. */
#pragma once

#include <linux/io_uring.h>

#include "action.h"

struct ring {
	int fd;
	struct io_uring_sqe *entries;
	unsigned *tail, *mask, *array, *done_head, *done_tail, *done_mask;
	struct io_uring_cqe *done;
};

static inline void ring_open(struct ring *ring, unsigned flags)
{
	struct io_uring_params p = {.flags = flags, .sq_thread_idle = 1000};
	char *in, *out;

	ring->fd = (int)syscall(SYS_io_uring_setup, 4, &p);
	skip_unless(ring->fd >= 0);
	in = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
	out = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_CQ_RING);
	ring->entries = mmap(NULL, p.sq_entries * sizeof(struct io_uring_sqe),
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
	must(in != MAP_FAILED && out != MAP_FAILED && ring->entries != MAP_FAILED);
	ring->tail = (unsigned *)(in + p.sq_off.tail);
	ring->mask = (unsigned *)(in + p.sq_off.ring_mask);
	ring->array = (unsigned *)(in + p.sq_off.array);
	ring->done_head = (unsigned *)(out + p.cq_off.head);
	ring->done_tail = (unsigned *)(out + p.cq_off.tail);
	ring->done_mask = (unsigned *)(out + p.cq_off.ring_mask);
	ring->done = (struct io_uring_cqe *)(out + p.cq_off.cqes);
}

/* Does one operation; what came of it. `polled`: a thread of the kernel looks into the ring. */
static inline int ring_do(struct ring *ring, const struct io_uring_sqe *entry, bool polled)
{
	unsigned tail = *ring->tail, i = tail & *ring->mask, head = *ring->done_head;
	int result;

	ring->entries[i] = *entry;
	ring->array[i] = i;
	__atomic_store_n(ring->tail, tail + 1, __ATOMIC_RELEASE);
	if (!polled)
		must(syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) ==
			1);
	while (__atomic_load_n(ring->done_tail, __ATOMIC_ACQUIRE) == head) {
		if (polled) /* it may have fallen asleep */
			syscall(SYS_io_uring_enter, ring->fd, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL,
				0);
		usleep(1000);
	}
	result = ring->done[head & *ring->done_mask].res;
	__atomic_store_n(ring->done_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

/* Makes, reads, renames and removes files of a folder, and connects, without the calls for it. */
static inline int ring_behave(const char *folder, unsigned flags, bool polled)
{
	struct sockaddr_in address = loopback(0);
	socklen_t n = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	struct ring ring;

	must(!chdir(folder));
	file_put("id_rsa", "secret", 0600);
	ring_open(&ring, flags);
	must(ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD,
		.addr = (uintptr_t)"by-ring", .len = 0600, .open_flags = O_WRONLY | O_CREAT}, polled) >= 0);
	must(ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD,
		.addr = (uintptr_t)"id_rsa", .open_flags = O_RDONLY}, polled) >= 0);
	must(!ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD,
		.addr = (uintptr_t)"by-ring", .len = (unsigned)AT_FDCWD,
		.off = (uintptr_t)"renamed-by-ring"}, polled));
	must(!ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD,
		.addr = (uintptr_t)"renamed-by-ring"}, polled));
	must(!bind(listener, (void *)&address, n) && !listen(listener, 1));
	must(!getsockname(listener, (void *)&address, &n));
	must(!ring_do(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_CONNECT, .fd = client,
		.addr = (uintptr_t)&address, .off = n}, polled));
	return 0;
}
