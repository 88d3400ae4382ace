// SPDX-License-Identifier: Apache-2.0
// The trie finds what looking at every range finds, on ranges made to be nested and close.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/own.h"
#include "intel/indicator/key.h"
#include "intel/indicator/trie.h"

enum { RANGES_MAX = 400, SETS = 60, QUESTIONS = 400, WIDTH_MAX = 17 };

static uint64_t random_state = 1;

static uint64_t random_next(void)
{
	random_state += KEY_A;
	return key_fold(random_state, KEY_B);
}

/* Few different bytes, so that much is nested and side by side. */
static void address_make(uint8_t *bytes, unsigned bits)
{
	static const uint8_t few[] = {0, 1, 0x7f, 0x80, 0xc0, 0xff};

	for (unsigned i = 0; i < bits / 8; i++)
		bytes[i] = few[random_next() % sizeof few];
}

static size_t width; /* of the ranges being sorted */

static int by_range(const void *a, const void *b)
{
	return memcmp(a, b, width);
}

static uint32_t ranges_make(uint8_t *ranges, unsigned bits)
{
	uint32_t n = (uint32_t)(random_next() % RANGES_MAX), different = 0;

	width = bits / 8 + 1;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *range = ranges + i * width;
		unsigned length = 1 + (unsigned)(random_next() % bits);

		address_make(range, bits);
		for (unsigned bit = length; bit < bits; bit++)
			range[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
		range[width - 1] = (uint8_t)length;
	}
	qsort(ranges, n, width, by_range);
	for (uint32_t i = 0; i < n; i++)
		if (!i || memcmp(ranges + i * width, ranges + (different - 1) * width, width))
			memmove(ranges + different++ * width, ranges + i * width, width);
	return different;
}

/* The ranges that hold the address, narrow first, by looking at all. */
static size_t slowly(const uint8_t *ranges, uint32_t n, unsigned bits, const uint8_t *address,
	uint32_t *found)
{
	size_t count = 0;

	for (unsigned length = bits; length; length--)
		for (uint32_t i = 0; i < n; i++) {
			const uint8_t *range = ranges + i * width;
			bool holds = range[width - 1] == length;

			for (unsigned bit = 0; bit < length && holds; bit++)
				holds = !((range[bit / 8] ^ address[bit / 8]) & 0x80 >> bit % 8);
			if (holds)
				found[count++] = i;
		}
	return count;
}

static void compare(const struct trie *trie, const uint8_t *ranges, const uint8_t *bytes)
{
	struct trie_address address = trie_address(bytes, trie->bits);
	uint32_t wanted[RANGES_MAX];
	size_t n = slowly(ranges, trie->ranges, trie->bits, bytes, wanted), i = 0;

	assert_true(!n || trie_begins(trie, bytes));

	for (uint32_t at = trie_find(trie, address); at < trie->ranges; at = trie->parent[at]) {
		if (!range_holds(ranges + at * width, trie->bits, address))
			continue;
		assert_true(i < n);
		assert_int_equal(at, wanted[i++]);
	}
	assert_int_equal(i, n);
}

static void one_set(unsigned bits)
{
	static uint8_t ranges[RANGES_MAX * WIDTH_MAX];
	until_return(trie_clear) struct trie_made made;
	uint32_t n = ranges_make(ranges, bits);
	struct trie trie;
	uint8_t bytes[16];

	trie_make(&made, ranges, n, bits);
	trie = (struct trie){made.node, made.leaf, made.parent, made.starts, made.nodes,
		made.leaves, n, bits};
	/* its size is linear, whatever the ranges are */
	assert_true(made.nodes <= n && made.leaves <= 4 * n + 64 * made.nodes);
	for (int i = 0; i < QUESTIONS; i++) {
		address_make(bytes, bits);
		compare(&trie, ranges, bytes);
	}
	for (uint32_t i = 0; i < n; i++)
		compare(&trie, ranges, ranges + i * width);
}

static void the_trie_finds_what_looking_at_all_finds(void **state)
{
	for (int i = 0; i < SETS; i++) {
		one_set(32);
		one_set(128);
	}
}

static void a_damaged_trie_ends(void **state)
{
	/* a node that is its own child, and one whose child is not there */
	const struct trie_node node[] = {
		{.children = ~UINT64_C(0), .child = 0, .bit = 0},
		{.children = ~UINT64_C(0), .child = 4000000000, .bit = 0},
		{.changes = 0, .leaf = 7, .bit = 0},
		{.bit = 4000000000},
	};
	const uint32_t leaf[] = {0}, parent[] = {RANGE_NONE};

	for (size_t i = 0; i < array_size(node); i++) {
		struct trie trie = {node + i, leaf, parent, NULL, 1, 1, 1, 32};

		assert_int_equal(trie_find(&trie, (struct trie_address){0, 0}), RANGE_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_trie_finds_what_looking_at_all_finds),
		cmocka_unit_test(a_damaged_trie_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
