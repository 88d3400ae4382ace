// SPDX-License-Identifier: Apache-2.0
// Names of users from passwd texts.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "sensor/users.h"

static const char passwd[] =
	"root:x:0:0:root:/root:/bin/bash\n"
	"toor:x:0:0::/root:/bin/sh\n"
	"\n"
	"# a comment\n"
	"broken\n"
	"half:x:\n"
	"minus:x:-5:0::/:\n"
	"huge:x:4294967296:0::/:\n"
	":x:7:0::/:\n"
	"letters:x:12a:0::/:\n"
	"www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
	"nobody:x:65534:65534::/nonexistent:/bin/false\n"
	"last:x:4294967295:1::/:/bin/sh";

static void an_id_has_the_first_name_that_is_given_to_it(void **state)
{
	static const struct { uint32_t uid; const char *name;
	} cases[] = {
		{0, "root"},
		{33, "www-data"},
		{65534, "nobody"},
		{UINT32_MAX, "last"},
		{7, NULL},
		{12, NULL},
		{1, NULL},
	};
	until_return(users_free) struct users *users = users_new(passwd);

	for (size_t i = 0; i < array_size(cases); i++) {
		struct text name = users_name(users, cases[i].uid);

		if (cases[i].name)
			assert_true(text_is(name, cases[i].name));
		else
			assert_null(name.at);
	}
}

static void no_text_has_no_names(void **state)
{
	static const char *const cases[] = {NULL, "", "\n\n", ":::", "a:b:0"};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(users_free) struct users *users = users_new(cases[i]);

		assert_null(users_name(users, 0).at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_has_the_first_name_that_is_given_to_it),
		cmocka_unit_test(no_text_has_no_names),
	};

	return cmocka_run_group_tests_name("users", tests, NULL, NULL);
}
