// SPDX-License-Identifier: Apache-2.0
// BPF ring buffers, read from their memory.

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "sensor/bpf/wire.h"
#include "sensor/ring.h"

#define BUSY (1u << 31)
#define DISCARDED (1u << 30)

enum {
	RECORD_MAX = 256 << 10, /* no record of wire.h is longer */
};
enum { HEADER = 8 }; /* length and flags, then the page offset, before each record */

static const size_t size_max = (size_t)1 << 30;

static void *map_data(int fd, size_t page, size_t size)
{
	return mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, fd, (off_t)page);
}

/*
 * The kernel refuses to map more than there is: so the size can be found without asking bpf(2).
 */
static void *map_all(int fd, size_t page, size_t *size)
{
	void *found = MAP_FAILED;

	for (size_t n = page; n <= size_max; n *= 2) {
		void *map = map_data(fd, page, n);

		if (map == MAP_FAILED)
			break;
		if (found != MAP_FAILED)
			munmap(found, page + n);
		found = map;
		*size = n;
	}
	return found;
}

int ring_open(struct ring *ring, int fd, struct error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 0, again;
	void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *map;

	if (consumer == MAP_FAILED)
		return fail(err, "cannot map the first page of ring %d: %m", fd);
	map = map_all(fd, page, &size);
	if (map == MAP_FAILED) {
		fail(err, "cannot map the data of ring %d: %m", fd);
		munmap(consumer, page);
		return -1;
	}
	/*
	 * the second copy of the data counts as memory of this process: only its beginning is
	 * kept
	 */
	again = size < RECORD_MAX ? size : RECORD_MAX;
	munmap((char *)map + page + size + again, size - again);
	*ring = (struct ring){
		.consumer = consumer,
		.producer = map,
		.data = (const unsigned char *)map + page,
		.size = size,
		.again = again,
		.page = page,
	};
	return 0;
}

void ring_close(struct ring *ring)
{
	if (!ring->consumer)
		return;
	munmap(ring->consumer, ring->page);
	munmap((void *)ring->producer, ring->page + ring->size + ring->again);
	*ring = (struct ring){0};
}

bool ring_is_used(const struct ring *ring)
{
	return ring->consumer && __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
}

static uint64_t record_time(const unsigned char *record, size_t n)
{
	struct wire_head head;

	if (n < sizeof head)
		return 0; /* has no time: read it now, the handler says what is wrong */
	memcpy(&head, record, sizeof head);
	return head.time;
}

enum ring_end ring_read(struct ring *ring, uint64_t until, size_t most, ring_handler *on,
	void *context, size_t *read)
{
	unsigned long at = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);

	if (end - at > ring->size)
		goto broken;
	for (size_t n = 0; at != end; at += n) {
		const unsigned char *header = ring->data + (at & (ring->size - 1));
		uint32_t length = __atomic_load_n((const uint32_t *)header, __ATOMIC_ACQUIRE);

		if (length & BUSY)
			return RING_busy;
		n = ((size_t)(length & ~DISCARDED) + HEADER + 7) & ~(size_t)7;
		if (n > end - at || (at & (ring->size - 1)) + n > ring->size + ring->again)
			goto broken;
		if (!(length & DISCARDED)) {
			if (!most)
				return RING_enough;
			if (record_time(header + HEADER, length) >= until)
				return RING_later;
			on(context, header + HEADER, length);
			most--;
			++*read;
		}
		__atomic_store_n(ring->consumer, at + n, __ATOMIC_RELEASE);
	}
	return RING_empty;
broken:
	__atomic_store_n(ring->consumer, end, __ATOMIC_RELEASE);
	return RING_broken;
}
