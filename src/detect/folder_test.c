// SPDX-License-Identifier: Apache-2.0
// Tests: rule files below a folder are read in order; what cannot be read is said.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "detect/folder.h"

static char folder[] = "/tmp/saker-folder-test-XXXXXX";

static void file_write(const char *name, const char *text)
{
	char path[256];
	until_return(file_close) FILE *out = NULL;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	out = fopen(path, "we");
	assert_non_null(out);
	fputs(text, out);
}

static void rule_write(const char *name, const char *title)
{
	char text[256];

	snprintf(text, sizeof text, "title: %s\nlogsource: {product: linux}\n"
		"detection: {s: {F: x}, condition: s}\n", title);
	file_write(name, text);
}

static int make(void **state)
{
	char below[256];

	if (!mkdtemp(folder))
		return -1;
	snprintf(below, sizeof below, "%s/below", folder);
	mkdir(below, 0700);
	rule_write("b.yml", "second");
	rule_write("a.yaml", "first");
	rule_write("below/c.yml", "third");
	rule_write(".hidden.yml", "hidden");
	file_write("notes.txt", "title: none\n");
	return 0;
}

static int drop(void **state)
{
	static const char *const names[] = {"b.yml", "a.yaml", "below/c.yml", ".hidden.yml",
		"notes.txt", "lost.yml", "below"};
	char path[256];

	for (size_t i = 0; i < array_size(names); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		remove(path);
	}
	return rmdir(folder);
}

static void rules_are_numbered_by_path(void **state)
{
	static const char *const titles[] = {"first", "second", "third"};
	until_return(rules_free) struct rules *rules = rules_new();
	struct error err;

	assert_int_equal(rules_add_folder(rules, folder, &err), 3);
	assert_int_equal(rules_problems(rules), 0);
	for (size_t i = 0; i < array_size(titles); i++)
		assert_true(text_is(rules_get(rules, i)->title, titles[i]));
}

static void one_file_is_read_whatever_its_name(void **state)
{
	until_return(rules_free) struct rules *rules = rules_new();
	char path[256];
	struct error err;

	snprintf(path, sizeof path, "%s/.hidden.yml", folder);
	assert_int_equal(rules_add_folder(rules, path, &err), 1);
}

static void what_cannot_be_read_is_a_sentence(void **state)
{
	until_return(rules_free) struct rules *rules = rules_new();
	char path[256];
	struct error err;

	assert_int_equal(rules_add_folder(rules, "/nonexistent/folder", &err), -1);
	assert_non_null(strstr(err.text, "'/nonexistent/folder'"));
	snprintf(path, sizeof path, "%s/lost.yml", folder);
	assert_int_equal(symlink("/nonexistent/file", path), 0);
	assert_int_equal(rules_add_folder(rules, folder, &err), 3);
	assert_int_equal(rules_problems(rules), 1);
	assert_true(rules_problem(rules, 0)->fatal);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_numbered_by_path),
		cmocka_unit_test(one_file_is_read_whatever_its_name),
		cmocka_unit_test(what_cannot_be_read_is_a_sentence),
	};

	return cmocka_run_group_tests_name("folder", tests, make, drop);
}
