// SPDX-License-Identifier: Apache-2.0
// The beginning and the end of containers, from the steps of their processes.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "sensor/containers.h"

static const struct text none, a = {"aaaa", 4}, b = {"bbbb", 4};

static void the_first_begins_it_and_the_last_ends_it(void **state)
{
	until_return(containers_free) struct containers *c = containers_new();

	assert_int_equal(containers_enter(c, a, none), CONTAINER_began);
	containers_count(c, a); /* a fork */
	assert_int_equal(containers_enter(c, a, a), CONTAINER_none); /* an exec inside */
	assert_int_equal(containers_leave(c, a), CONTAINER_none);
	assert_int_equal(containers_leave(c, a), CONTAINER_ended);
	assert_int_equal(containers_running(c), 0);
}

static void who_comes_later_from_outside_enters(void **state)
{
	until_return(containers_free) struct containers *c = containers_new();

	containers_count(c, a); /* it ran before */
	assert_int_equal(containers_enter(c, a, none), CONTAINER_entered);
	assert_int_equal(containers_enter(c, b, a), CONTAINER_began); /* out of one into another */
	assert_int_equal(containers_running(c), 2);
	assert_int_equal(containers_leave(c, a), CONTAINER_ended);
	assert_int_equal(containers_leave(c, b), CONTAINER_ended);
}

static void outside_of_all_nothing_happens(void **state)
{
	until_return(containers_free) struct containers *c = containers_new();

	assert_int_equal(containers_enter(c, none, none), CONTAINER_none);
	assert_int_equal(containers_leave(c, none), CONTAINER_none);
	assert_int_equal(containers_leave(c, a), CONTAINER_none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_begins_it_and_the_last_ends_it),
		cmocka_unit_test(who_comes_later_from_outside_enters),
		cmocka_unit_test(outside_of_all_nothing_happens),
	};

	return cmocka_run_group_tests_name("containers", tests, NULL, NULL);
}
