// SPDX-License-Identifier: Apache-2.0
// The ring reader over memory laid out as the kernel does, and over a ring of this kernel where
// one may be made.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "sensor/record_test.h"
#include "sensor/ring.h"

#include <cmocka.h> /* after ours: it makes a macro of fail */

enum { SIZE = 65536, HEADER = 8 };

#define BUSY (1u << 31)
#define DISCARDED (1u << 30)

/* A ring whose producer is the test: the data lies in a memfd that is mapped twice in a row. */
struct fixture {
	struct ring ring;
	unsigned long consumer, producer;
	unsigned char *data;
	size_t n, bytes;
	uint64_t times[64];
};

static int fixture_new(void **state)
{
	until_return(fd_close) int fd = memfd_create("ring", MFD_CLOEXEC);
	static struct fixture fixture;

	fixture = (struct fixture){0};
	assert_int_equal(ftruncate(fd, SIZE), 0);
	fixture.data = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < 2; i++)
		assert_ptr_not_equal(MAP_FAILED,
			mmap(fixture.data + i * SIZE, SIZE, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_FIXED, fd, 0));
	fixture.ring = (struct ring){
		.consumer = &fixture.consumer, .producer = &fixture.producer, .data = fixture.data,
		.size = SIZE, .again = SIZE, .page = 4096,
	};
	*state = &fixture;
	return 0;
}

static int fixture_free(void **state)
{
	struct fixture *fixture = *state;

	return munmap(fixture->data, 2 * SIZE);
}

static void produce(struct fixture *fixture, uint64_t time, uint32_t length, uint32_t flags)
{
	unsigned char *at = fixture->data + fixture->producer % SIZE;
	struct wire_head head = {.length = length, .time = time};
	uint32_t header[2] = {length | flags, 0};

	memcpy(at, header, sizeof header);
	memcpy(at + HEADER, &head, length < sizeof head ? length : sizeof head);
	fixture->producer += (length + HEADER + 7) & ~7u;
}

static void on_record(void *context, const void *bytes, size_t n)
{
	struct fixture *fixture = context;
	struct wire_head head = {0};

	memcpy(&head, bytes, n < sizeof head ? n : sizeof head);
	assert_int_equal((uintptr_t)bytes % 8, 0);
	fixture->times[fixture->n++ % 64] = head.time;
	fixture->bytes += n;
}

static enum ring_end read_until(struct fixture *fixture, uint64_t until, size_t most)
{
	size_t read = 0, before = fixture->n;
	enum ring_end end = ring_read(&fixture->ring, until, most, on_record, fixture, &read);

	assert_int_equal(read, fixture->n - before);
	return end;
}

static void records_are_read_once_and_their_space_given_back(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_until(fixture, 1000, 100), RING_empty);
	for (uint64_t i = 1; i <= 5; i++)
		produce(fixture, i, 100 + (uint32_t)i, 0);
	assert_false(ring_is_used(&fixture->ring));
	assert_int_equal(read_until(fixture, 1000, 100), RING_empty);
	assert_int_equal(fixture->n, 5);
	assert_int_equal(fixture->bytes, 515);
	assert_int_equal(fixture->consumer, fixture->producer);
	assert_int_equal(read_until(fixture, 1000, 100), RING_empty);
	assert_int_equal(fixture->n, 5);
	assert_true(ring_is_used(&fixture->ring));
}

static void reading_stops_where_it_must_and_goes_on_from_there(void **state)
{
	struct fixture *fixture = *state;
	uint32_t *busy;

	produce(fixture, 1, 100, 0);
	produce(fixture, 2, 100, DISCARDED);
	produce(fixture, 3, 100, 0);
	produce(fixture, 10, 100, 0);
	busy = (uint32_t *)(fixture->data + fixture->producer);
	produce(fixture, 11, 100, BUSY);
	produce(fixture, 12, 100, 0);
	assert_int_equal(read_until(fixture, 100, 1), RING_enough);
	assert_int_equal(fixture->n, 1);
	assert_int_equal(read_until(fixture, 10, 100), RING_later);
	assert_int_equal(fixture->n, 2);
	assert_int_equal(fixture->times[1], 3);
	assert_int_equal(read_until(fixture, 11, 100), RING_busy);
	assert_int_equal(fixture->n, 3);
	*busy &= ~BUSY;
	assert_int_equal(read_until(fixture, 13, 100), RING_empty);
	assert_int_equal(fixture->n, 5);
	assert_int_equal(fixture->times[4], 12);
}

static void records_go_round_the_end_of_the_data_in_one_piece(void **state)
{
	struct fixture *fixture = *state;
	uint64_t made = 0;

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 7; i++)
			produce(fixture, ++made, 5000 + (uint32_t)round, 0);
		assert_int_equal(read_until(fixture, UINT64_MAX, 100), RING_empty);
		assert_int_equal(fixture->n, made);
		assert_int_equal(fixture->times[(made - 1) % 64], made);
	}
}

static void an_impossible_length_empties_the_ring(void **state)
{
	static const struct { uint32_t length; unsigned long lead; enum ring_end end;
	} cases[] = {
		{0x3fffffff, 0, RING_broken},
		{SIZE, 0, RING_broken},
		{101, 0, RING_empty},
		{105, 0, RING_broken},
		{0, 0, RING_empty},
		{100, SIZE, RING_broken},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < array_size(cases); i++) {
		uint32_t *header = (uint32_t *)(fixture->data + fixture->producer % SIZE);

		produce(fixture, 1, 100, 0);
		*header = cases[i].length;
		if (!cases[i].length)
			fixture->producer = fixture->consumer + HEADER;
		fixture->producer += cases[i].lead;
		assert_int_equal(read_until(fixture, UINT64_MAX, 100), cases[i].end);
		assert_int_equal(fixture->consumer, fixture->producer);
		fixture->consumer = fixture->producer = fixture->producer & ~7ul;
	}
}

static void the_size_of_a_ring_is_found_by_mapping_it(void **state)
{
	static const uint32_t sizes[] = {4096, 65536, 8 << 20};

	for (size_t i = 0; i < array_size(sizes); i++) {
		union bpf_attr attr = {.map_type = BPF_MAP_TYPE_RINGBUF, .max_entries = sizes[i]};
		until_return(fd_close) int fd =
			(int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
		struct ring ring = {0};
		struct error err;

		if (fd < 0) {
			print_message("no ring can be made here: %s\n", strerror(errno));
			skip();
		}
		assert_int_equal(ring_open(&ring, fd, &err), 0);
		assert_int_equal(ring.size, sizes[i]);
		assert_false(ring_is_used(&ring));
		ring_close(&ring);
		assert_null(ring.consumer);
	}
}

static void what_is_no_ring_is_refused_with_a_sentence(void **state)
{
	struct ring ring = {0};
	struct error err;

	assert_int_equal(ring_open(&ring, -1, &err), -1);
	assert_string_equal(err.text, "cannot map the first page of ring -1: Bad file descriptor");
	assert_null(ring.consumer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(records_are_read_once_and_their_space_given_back,
			fixture_new, fixture_free),
		cmocka_unit_test_setup_teardown(reading_stops_where_it_must_and_goes_on_from_there,
			fixture_new, fixture_free),
		cmocka_unit_test_setup_teardown(records_go_round_the_end_of_the_data_in_one_piece,
			fixture_new, fixture_free),
		cmocka_unit_test_setup_teardown(an_impossible_length_empties_the_ring,
			fixture_new, fixture_free),
		cmocka_unit_test(the_size_of_a_ring_is_found_by_mapping_it),
		cmocka_unit_test(what_is_no_ring_is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
