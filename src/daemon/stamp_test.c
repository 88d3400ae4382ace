// SPDX-License-Identifier: Apache-2.0
// Findings hold until the file changes.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/own.h"
#include "daemon/stamp.h"

static const int64_t second = 1000000000;
static const struct stamp program = {
	.device = 1, .inode = 77, .size = 4096, .mtime = 5000000000, .ctime = 6000000000};

static void a_finding_is_found_again(void **state)
{
	static struct stamp_cache cache;
	unsigned char finding[STAMP_FINDING] = {1, 2, 3};

	assert_null(stamp_find(&cache, &program));
	stamp_keep(&cache, &program, finding, 100 * second);
	assert_memory_equal(stamp_find(&cache, &program), finding, sizeof finding);
}

static const struct {
	const char *about;
	struct stamp stamp;
} changed[] = {
	{"another device", {2, 77, 4096, 5000000000, 6000000000}},
	{"another file", {1, 78, 4096, 5000000000, 6000000000}},
	{"another size", {1, 77, 4097, 5000000000, 6000000000}},
	{"written", {1, 77, 4096, 5000000001, 6000000000}},
	{"written, its time set back", {1, 77, 4096, 5000000000, 6000000001}},
};

static void a_changed_file_has_no_finding(void **state)
{
	static struct stamp_cache cache;
	unsigned char finding[STAMP_FINDING] = {1};

	stamp_keep(&cache, &program, finding, 100 * second);
	for (size_t i = 0; i < array_size(changed); i++)
		assert_null(stamp_find(&cache, &changed[i].stamp));
}

static void a_file_that_changed_just_now_is_not_kept(void **state)
{
	static struct stamp_cache cache;
	unsigned char finding[STAMP_FINDING] = {1};

	stamp_keep(&cache, &program, finding, 6 * second + second / 2);
	assert_null(stamp_find(&cache, &program));
	stamp_keep(&cache, &program, finding, 7 * second);
	assert_non_null(stamp_find(&cache, &program));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_found_again),
		cmocka_unit_test(a_changed_file_has_no_finding),
		cmocka_unit_test(a_file_that_changed_just_now_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
