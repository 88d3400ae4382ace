// SPDX-License-Identifier: Apache-2.0
// Arenas and what is made in them.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
	struct arena arena = {0};
	char *before = NULL;

	(void)state;
	for (size_t n = 0; n < 3000; n++) {
		char *piece = arena_alloc(&arena, n);

		assert_int_equal((uintptr_t)piece % 16, 0);
		memset(piece, (int)n, n);
		if (before && n > 1)
			assert_int_equal((unsigned char)before[0], (n - 1) & 255);
		before = piece;
	}
	arena_clear(&arena);
}

static void a_reset_arena_gives_the_same_memory_again(void **state)
{
	struct arena arena = {0};
	void *first = arena_alloc(&arena, 10);

	(void)state;
	arena_alloc(&arena, 1 << 20);
	arena_reset(&arena);
	assert_ptr_equal(arena_alloc(&arena, 10), first);
	arena_clear(&arena);
	assert_null(arena.first);
}

static void copies_end_with_nul_and_no_text_stays_no_text(void **state)
{
	struct arena arena = {0};
	struct text copy = arena_copy(&arena, (struct text){"abcdef", 3});

	(void)state;
	assert_string_equal(copy.at, "abc");
	assert_null(arena_copy(&arena, (struct text){0}).at);
	copy = arena_format(&arena, "%d-%s", 7, "x");
	assert_int_equal(copy.n, 3);
	assert_string_equal(copy.at, "7-x");
	arena_clear(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
		cmocka_unit_test(a_reset_arena_gives_the_same_memory_again),
		cmocka_unit_test(copies_end_with_nul_and_no_text_stays_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
