// SPDX-License-Identifier: Apache-2.0
// Content is gathered from folders and read back as it was; nothing outside of a folder comes
// along.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/content.h"

static char top[64];

static const struct {
	const char *path, *bytes; /* bytes NULL: a folder; beginning with '>': a symbolic link */
} files[] = {
	{"rules", NULL},
	{"rules/b.yml", "title: b\n"},
	{"rules/a", NULL},
	{"rules/a/z.yaml", "title: z\n"},
	{"rules/a/notes.txt", "no rule"},
	{"rules/inside.yml", ">b.yml"},
	{"rules/outside.yml", ">../secret.yml"},
	{"rules/empty.yml", ""},
	{"secret.yml", "title: secret\n"},
	{"list.txt", "192.0.2.1\n"},
};

static void path_of(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", top, name);
}

static int tree_make(void **state)
{
	char path[256];

	strcpy(top, "/tmp/saker-content-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	for (size_t i = 0; i < array_size(files); i++) {
		until_return(file_close) FILE *file = NULL;

		path_of(path, sizeof path, files[i].path);
		if (!files[i].bytes && mkdir(path, 0700))
			return -1;
		if (files[i].bytes && *files[i].bytes == '>' && symlink(files[i].bytes + 1, path))
			return -1;
		if (files[i].bytes && *files[i].bytes != '>' &&
			(!(file = fopen(path, "w")) || fputs(files[i].bytes, file) < 0))
			return -1;
	}
	return 0;
}

static int tree_remove(void **state)
{
	char path[256];

	for (size_t i = array_size(files); i-- > 0;) {
		path_of(path, sizeof path, files[i].path);
		remove(path);
	}
	return rmdir(top);
}

static void all_files_of_a_kind_come_in_order(void **state)
{
	static const struct {
		enum content_kind kind;
		const char *name, *bytes;
	} wanted[] = {
		{CONTENT_rules, "a/z.yaml", "title: z\n"},
		{CONTENT_rules, "b.yml", "title: b\n"},
		{CONTENT_rules, "empty.yml", ""},
		{CONTENT_rules, "inside.yml", "title: b\n"},
		{CONTENT_indicators, "list.txt", "192.0.2.1\n"},
	};
	struct error err = {0};
	char rules[128], list[128];
	const struct content_source sources[] = {
		{CONTENT_rules, rules}, {CONTENT_indicators, list}};
	struct content_item item;
	size_t n = 0;

	path_of(rules, sizeof rules, "rules");
	path_of(list, sizeof list, "list.txt");
	until_return(fd_close) int fd = content_gather(sources, 2, &err);
	assert_true(fd >= 0);
	until_return(content_close) struct content *content = content_open(fd, &err);
	assert_non_null(content);
	for (; content_next(content, &item); n++) {
		assert_true(n < array_size(wanted));
		assert_int_equal(item.kind, wanted[n].kind);
		assert_true(text_is(item.name, wanted[n].name));
		assert_true(text_is(item.bytes, wanted[n].bytes));
	}
	assert_int_equal(n, array_size(wanted));
}

static void the_bundle_cannot_be_changed_any_more(void **state)
{
	struct error err = {0};
	char rules[128];
	const struct content_source source = {CONTENT_rules, rules};

	path_of(rules, sizeof rules, "rules");
	until_return(fd_close) int fd = content_gather(&source, 1, &err);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
}

static void what_cannot_be_read_is_named(void **state)
{
	struct error err = {0};
	char missing[128];
	const struct content_source source = {CONTENT_rules, missing};

	path_of(missing, sizeof missing, "nowhere");
	assert_int_equal(content_gather(&source, 1, &err), -1);
	assert_non_null(strstr(err.text, "nowhere': No such file"));
}

static void too_much_is_refused_before_it_is_read(void **state)
{
	struct error err = {0};
	char big[128];
	const struct content_source source = {CONTENT_rules, big};
	int fd;

	path_of(big, sizeof big, "big.yml");
	fd = open(big, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(ftruncate(fd, (off_t)CONTENT_MAX + 1), 0);
	close(fd);
	assert_int_equal(content_gather(&source, 1, &err), -1);
	assert_non_null(strstr(err.text, "the content is too large"));
	unlink(big);
}

static void a_malformed_bundle_ends_early(void **state)
{
	/* kind, name length, length, pad, then nothing of what was promised */
	static const uint32_t heads[][4] = {
		{0, 100, 0, 0}, {0, 0, 100, 0}, {99, 0, 0, 0}, {0, UINT32_MAX, UINT32_MAX, 0}};

	for (size_t i = 0; i < array_size(heads); i++) {
		until_return(fd_close) int fd = memfd_create("bad", MFD_CLOEXEC);
		struct content_item item;

		assert_int_equal(write(fd, heads[i], sizeof heads[i]), sizeof heads[i]);
		until_return(content_close) struct content *content = content_open(fd, NULL);
		assert_non_null(content);
		assert_false(content_next(content, &item));
	}
}

static void the_rules_that_came_with_saker_are_found(void **state)
{
	char path[4096];

	assert_true(content_folder("rules", path, sizeof path));
	assert_int_equal(access(path, R_OK), 0);
	assert_false(content_folder("no such content", path, sizeof path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_files_of_a_kind_come_in_order),
		cmocka_unit_test(the_bundle_cannot_be_changed_any_more),
		cmocka_unit_test(what_cannot_be_read_is_named),
		cmocka_unit_test(too_much_is_refused_before_it_is_read),
		cmocka_unit_test(a_malformed_bundle_ends_early),
		cmocka_unit_test(the_rules_that_came_with_saker_are_found),
	};

	return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
