// SPDX-License-Identifier: Apache-2.0
// "Did you mean": which name is offered, and when none is.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/nearest.h"
#include "base/own.h"

static void the_nearest_name_is_offered_if_it_is_near(void **state)
{
	static const char *const names[] = {"detections", "doctor", "scan", "status"};
	static const struct { const char *given, *meant; } cases[] = {
		{"doctor", "doctor"}, {"dcotor", "doctor"}, {"DOCTOR", "doctor"},
		{"detection", "detections"}, {"stauts", "status"}, {"scna", "scan"},
		{"scn", "scan"}, {"sc", NULL}, {"xyzzy", NULL}, {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		const char *meant = nearest(cases[i].given, names, array_size(names));

		assert_int_equal(!!meant, !!cases[i].meant);
		if (meant)
			assert_string_equal(meant, cases[i].meant);
	}
	assert_null(nearest("scan", NULL, 0));
}

static void long_names_are_not_considered(void **state)
{
	char given[65], known[65];
	const char *const names[] = {known};

	(void)state;
	memset(given, 'a', 64);
	memset(known, 'a', 64);
	given[64] = known[63] = 0;
	assert_null(nearest(given, names, 1));
	given[63] = 0;
	assert_non_null(nearest(given, names, 1));
	known[63] = 'a';
	known[64] = 0;
	assert_null(nearest(given, names, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_name_is_offered_if_it_is_near),
		cmocka_unit_test(long_names_are_not_considered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
