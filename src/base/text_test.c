// SPDX-License-Identifier: Apache-2.0
// Texts, their numbers and their hash.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "base/text.h"

static void numbers_fill_the_whole_text_and_fit(void **state)
{
	static const struct { const char *text; bool is; int64_t number;
	} cases[] = {
		{"0", true, 0},
		{"007", true, 7},
		{"-1", true, -1},
		{"", false, 0},
		{"-", false, 0},
		{"1 ", false, 0},
		{"0x17", false, 0},
		{"9223372036854775807", true, INT64_MAX},
		{"9223372036854775808", false, 0},
		{"-9223372036854775808", true, INT64_MIN},
		{"-9223372036854775809", false, 0},
		{"1443154610881087147", true, 1443154610881087147},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		int64_t number = 42;

		assert_int_equal(text_number(text_of(cases[i].text), &number), cases[i].is);
		assert_true(number == (cases[i].is ? cases[i].number : 42));
	}
}

static void the_last_part_of_a_path_is_found(void **state)
{
	static const struct { const char *path, *name; } cases[] = {
		{"/usr/bin/dash", "dash"}, {"dash", "dash"}, {"/tmp/", ""}, {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++)
		assert_true(text_is(text_basename(text_of(cases[i].path)), cases[i].name));
}

static void the_hash_is_the_published_one(void **state)
{
	(void)state; /* FNV-1a, 64 bits: the test vectors of draft-eastlake-fnv, appendix C */
	assert_true(text_hash(TEXT("")) == 0xcbf29ce484222325);
	assert_true(text_hash(TEXT("a")) == 0xaf63dc4c8601ec8c);
	assert_true(text_hash(TEXT("foobar")) == 0x85944171f73967e8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_fill_the_whole_text_and_fit),
		cmocka_unit_test(the_last_part_of_a_path_is_found),
		cmocka_unit_test(the_hash_is_the_published_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
