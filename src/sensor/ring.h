/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BPF ring buffer, read straight from its memory (layout: kernel/bpf/ringbuf.c,
 * Documentation/bpf/ringbuf.rst): one page with the consumer's position, which is ours to write,
 * one with the producer's, then the data, whose beginning is mapped once more behind its end so
 * that no record is ever in two pieces. Opening needs nothing but mmap(2), reading nothing at
 * all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct ring {
	unsigned long *consumer; /* NULL: not open */
	const unsigned long *producer;
	const unsigned char *data; /* size bytes, and their first `again` bytes once more */
	size_t size; /* a power of two */
	size_t again;
	size_t page;
};

/*
 * Maps the ring of a map descriptor, whose size is the largest that the kernel lets map. -1 with
 * a sentence.
 */
int ring_open(struct ring *ring, int fd, struct error *err);
void ring_close(struct ring *ring);

/* Whether someone has read from it before. */
bool ring_is_used(const struct ring *ring);

enum ring_end {
	RING_empty,
	RING_later, /* the next record is from `until` or after it */
	RING_busy, /* the next record is still being written */
	RING_enough, /* `most` records were read */
	RING_broken, /* a length is impossible: everything that was in the ring is thrown away */
};

/* A record of `n` bytes, 8-byte aligned, valid during the call. */
typedef void ring_handler(void *context, const void *bytes, size_t n);

/*
 * Reads records of before `until` (boot ns, as their heads say), at most `most`. Counts them in
 * `read`.
 */
enum ring_end ring_read(struct ring *ring, uint64_t until, size_t most, ring_handler *on,
	void *context, size_t *read);
