// SPDX-License-Identifier: Apache-2.0
// Addresses of listed names: known while the answer holds, bounded, and said which one had to go.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/resolved.h"

static struct resolved resolved;

static struct address address_of(unsigned number)
{
	return (struct address){.family = 4,
		.bytes = {192, 0, (uint8_t)(number >> 8), (uint8_t)number}};
}

static void an_address_is_known_while_the_answer_holds(void **state)
{
	struct address address = address_of(7), other = address_of(8), left;
	struct indicator_hit hit = {.number = 3}, found;

	resolved = (struct resolved){0};
	assert_true(resolved_keep(&resolved, &address, 100, hit, &left));
	assert_int_equal(left.family, 0);
	assert_true(resolved_find(&resolved, &address, 99, &found));
	assert_int_equal(found.number, 3);
	assert_false(resolved_find(&resolved, &address, 100, &found));
	assert_false(resolved_find(&resolved, &other, 1, &found));
	/* another answer makes it hold longer, and is no news */
	assert_false(resolved_keep(&resolved, &address, 200, hit, &left));
	assert_true(resolved_find(&resolved, &address, 150, &found));
}

static void the_one_that_ends_first_makes_room(void **state)
{
	struct indicator_hit hit = {.number = 1}, found;
	struct address left, address;

	resolved = (struct resolved){0};
	for (unsigned i = 0; i < RESOLVED_MAX; i++) {
		address = address_of(i);
		assert_true(resolved_keep(&resolved, &address, 1000 + i, hit, &left));
		assert_int_equal(left.family, 0);
	}
	address = address_of(5000);
	assert_true(resolved_keep(&resolved, &address, 9000, hit, &left));
	assert_memory_equal(left.bytes, address_of(0).bytes, 4);
	assert_true(resolved_find(&resolved, &address, 1, &found));
	assert_false(resolved_find(&resolved, &left, 1, &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_known_while_the_answer_holds),
		cmocka_unit_test(the_one_that_ends_first_makes_room),
	};

	return cmocka_run_group_tests_name("resolved", tests, NULL, NULL);
}
