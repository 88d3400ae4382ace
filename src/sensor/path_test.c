// SPDX-License-Identifier: Apache-2.0
// Paths made canonical and absolute, and their extensions.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "sensor/path.h"

static void assert_text(struct text text, const char *wanted)
{
	if (wanted ? !text_is(text, wanted) : text.at != NULL)
		fail_msg("'%.*s' is not '%s'", (int)text.n, text.at, wanted ? wanted : "(none)");
}

static void dots_and_double_slashes_disappear(void **state)
{
	static const struct { const char *path, *wanted;
	} cases[] = {
		{"/", "/"},
		{"//", "/"},
		{"/a", "/a"},
		{"/a/", "/a"},
		{"/a//b", "/a/b"},
		{"/./a", "/a"},
		{"/a/.", "/a"},
		{"/a/./b", "/a/b"},
		{"/a/..", "/"},
		{"/a/../b", "/b"},
		{"/..", "/"},
		{"/../../x", "/x"},
		{"/a/b/../../c", "/c"},
		{"/a/b/../../../c", "/c"},
		{"/...", "/..."},
		{"/a/.b", "/a/.b"},
		{"/a/..b/c", "/a/..b/c"},
		{"/a/b..", "/a/b.."},
		{"///a///b///", "/a/b"},
		{"a/../b", "a/../b"},
		{"", ""},
		{"memfd:x", "memfd:x"},
	};
	struct arena arena = {0};

	for (size_t i = 0; i < array_size(cases); i++)
		assert_text(path_canonical(&arena, text_of(cases[i].path)), cases[i].wanted);
	assert_null(path_canonical(&arena, (struct text){0}).at);
	arena_clear(&arena);
}

static void a_relative_path_begins_in_its_folder(void **state)
{
	static const struct { const char *folder, *path, *wanted;
	} cases[] = {
		{"/tmp", "x.sh", "/tmp/x.sh"},
		{"/tmp", "./x.sh", "/tmp/x.sh"},
		{"/tmp/a", "../x", "/tmp/x"},
		{"/tmp", "/x", "/x"},
		{"/", "x", "/x"},
		{NULL, "x", "x"},
		{"gone", "x", "x"},
		{"/tmp", "", ""},
	};
	struct arena arena = {0};

	for (size_t i = 0; i < array_size(cases); i++)
		assert_text(
			path_absolute(&arena, text_of(cases[i].folder), text_of(cases[i].path)),
			cases[i].wanted);
	arena_clear(&arena);
}

static void an_extension_follows_the_last_dot_of_the_name(void **state)
{
	static const struct { const char *path, *wanted;
	} cases[] = {
		{"/a/b.php", "php"},
		{"/a.d/b", NULL},
		{"/a/.bashrc", NULL},
		{"/a/b.tar.gz", "gz"},
		{"/a/b.", ""},
		{"/", NULL},
		{"", NULL},
		{"x.c", "c"},
	};

	for (size_t i = 0; i < array_size(cases); i++)
		assert_text(path_extension(text_of(cases[i].path)), cases[i].wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dots_and_double_slashes_disappear),
		cmocka_unit_test(a_relative_path_begins_in_its_folder),
		cmocka_unit_test(an_extension_follows_the_last_dot_of_the_name),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
