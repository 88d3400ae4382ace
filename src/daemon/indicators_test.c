// SPDX-License-Identifier: Apache-2.0
// Lists of addresses: what stands in them is found, what is no address is named.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/own.h"
#include "daemon/indicators.h"

struct problems {
	size_t n;
	char last[256];
};

static void on_problem(void *context, const char *sentence)
{
	struct problems *problems = context;

	problems->n++;
	strncpy(problems->last, sentence, sizeof problems->last - 1);
}

static const char list[] = "# addresses of the test\n"
			   "192.0.2.7   # first\n"
			   "\n"
			   "\t2001:db8::7\r\n"
			   "198.51.100.1#second\n"
			   "192.0.2.7 # twice";

static void addresses_are_found_with_their_place(void **state)
{
	static const struct {
		const char *address;
		unsigned line; /* 0: not there */
		const char *comment;
	} cases[] = {
		{"198.51.100.1", 5, "second"},
		{"2001:db8::7", 4, ""},
		{"192.0.2.8", 0, NULL},
		{"2001:db8::8", 0, NULL},
		{"192.0.2.1", 0, NULL},
	};
	until_return(indicators_clear) struct indicators all = {0};
	struct problems problems = {0};
	struct address address;

	indicators_add(&all, TEXT("bad.txt"), text_of(list), on_problem, &problems);
	indicators_ready(&all);
	assert_int_equal(problems.n, 0);
	for (size_t i = 0; i < array_size(cases); i++) {
		const struct indicator *found;

		assert_true(address_read(text_of(cases[i].address), &address));
		found = indicators_find(&all, address);
		assert_int_equal(found ? found->line : 0, cases[i].line);
		if (found) {
			assert_true(text_is(found->file, "bad.txt"));
			assert_true(text_is(found->comment, cases[i].comment));
		}
	}
	assert_null(indicators_find(&all, (struct address){0}));
}

static void bad_lines_are_named_and_skipped(void **state)
{
	until_return(indicators_clear) struct indicators all = {0};
	struct problems problems = {0};
	struct address address;

	indicators_add(&all, TEXT("x.txt"),
		TEXT("300.1.1.1\n192.0.2.1 192.0.2.2\n\033[31mred\n192.0.2.3\n"), on_problem,
		&problems);
	indicators_ready(&all);
	assert_int_equal(problems.n, 3);
	assert_string_equal(problems.last, "x.txt:3: '\\x1b[31mred' is no IPv4 or IPv6 address");
	assert_true(address_read(TEXT("192.0.2.3"), &address));
	assert_non_null(indicators_find(&all, address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_found_with_their_place),
		cmocka_unit_test(bad_lines_are_named_and_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
