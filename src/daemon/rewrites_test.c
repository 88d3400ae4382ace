// SPDX-License-Identifier: Apache-2.0
// Who makes readable files unreadable.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "daemon/rewrites.h"

enum { MOST = 5, READABLE = 450, NOISE = 795 };

static const struct entity program = {1, 1}, shell = {1, 2}, other = {1, 3};

static struct message_file file_of(unsigned number, const char *path, uint32_t entropy)
{
	struct message_file file = {.stamp = {.device = 1, .inode = number, .size = 4096}};

	file.sifted.found.known = 1;
	file.sifted.found.entropy = entropy;
	file.sifted.found.head_length = SCAN_HEAD;
	snprintf(file.path, sizeof file.path, "%s", path);
	return file;
}

static void seen(struct rewrites *rewrites, unsigned number, const char *path)
{
	struct message_file file = file_of(number, path, READABLE);

	rewrites_seen(rewrites, &file);
}

static struct entity wrote(struct rewrites *rewrites, unsigned number, const char *path,
	uint32_t entropy, struct entity who)
{
	struct message_file file = file_of(number, path, entropy);
	struct entity all[] = {who, shell};

	return rewrites_wrote(rewrites, &file, all, array_size(all), 1000);
}

static struct entity gone(struct rewrites *rewrites, struct text path)
{
	return rewrites_gone(rewrites, path, (struct text){NULL, 0}, 1000);
}

static void path_print(char *path, size_t size, unsigned number)
{
	snprintf(path, size, "/srv/file%u.txt", number);
}

static void rewriting_is_counted_up_to_the_number(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(MOST);
	char path[64];

	for (unsigned i = 1; i <= MOST; i++) {
		path_print(path, sizeof path, i);
		seen(rewrites, i, path);
		assert_int_equal(entity_equal(wrote(rewrites, i, path, NOISE, program), program),
			i == MOST);
	}
	assert_true(rewrites_is_known(rewrites, &program, 1));
	assert_false(rewrites_is_known(rewrites, &shell, 1));
	assert_false(rewrites_is_known(rewrites, &other, 1));
}

static void what_was_caught_does_not_count_for_the_one_above(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(MOST);
	char path[64];

	for (unsigned i = 1; i < 2 * MOST; i++) {
		path_print(path, sizeof path, i);
		seen(rewrites, i, path);
		wrote(rewrites, i, path, NOISE, i <= MOST ? program : other);
	}
	assert_false(rewrites_is_known(rewrites, &shell, 1));
}

static void a_program_for_each_file_is_no_way_out(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(MOST);
	struct entity caught = {0, 0};
	char path[64];

	for (unsigned i = 1; i <= MOST; i++) {
		path_print(path, sizeof path, i);
		seen(rewrites, i, path);
		caught = wrote(rewrites, i, path, NOISE, (struct entity){2, i});
	}
	assert_true(entity_equal(caught, shell));
}

static void a_copy_counts_when_the_original_goes(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(1);
	struct entity caught;

	seen(rewrites, 1, "/srv/file.txt");
	caught = wrote(rewrites, 2, "/srv/file.txt.locked", NOISE, program);
	assert_true(entity_is_none(caught));
	caught = gone(rewrites, TEXT("/srv/another.txt"));
	assert_true(entity_is_none(caught));
	caught = gone(rewrites, TEXT("/srv/file.txt"));
	assert_true(entity_equal(caught, program));
	caught = gone(rewrites, TEXT("/srv/file.txt"));
	assert_true(entity_is_none(caught));
}

static void a_copy_that_goes_itself_was_just_one(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(1);

	seen(rewrites, 1, "/srv/file.txt");
	wrote(rewrites, 2, "/srv/file.txt.new", NOISE, program);
	assert_true(entity_is_none(gone(rewrites, TEXT("/srv/file.txt.new"))));
	assert_true(entity_is_none(gone(rewrites, TEXT("/srv/file.txt"))));
	wrote(rewrites, 3, "/srv/file.txt.new", NOISE, program);
	assert_true(entity_equal(rewrites_gone(rewrites, TEXT("/srv/file.txt.new"),
		TEXT("/srv/file.txt"), 1000), program));
}

static void an_inode_that_was_another_files_hides_nothing(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(1);

	wrote(rewrites, 7, "/srv/gone", NOISE, other);
	seen(rewrites, 1, "/srv/file.txt");
	assert_true(entity_is_none(wrote(rewrites, 7, "/srv/file.txt.new", NOISE, program)));
	assert_true(entity_equal(gone(rewrites, TEXT("/srv/file.txt")), program));
	/* the same name, another file */
	seen(rewrites, 2, "/srv/another");
	assert_true(entity_equal(wrote(rewrites, 3, "/srv/another", NOISE, program), program));
}

static void what_is_ordinary_counts_for_nobody(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(1);
	struct message_file packed = file_of(1, "/srv/a", NOISE);

	/* never seen before */
	assert_true(entity_is_none(wrote(rewrites, 7, "/srv/new", NOISE, program)));
	/* written again as noise that it was already */
	assert_true(entity_is_none(wrote(rewrites, 7, "/srv/new", NOISE, program)));
	/* text to text */
	seen(rewrites, 8, "/srv/b");
	assert_true(entity_is_none(wrote(rewrites, 8, "/srv/b", READABLE + 60, program)));
	/* packed by a known program */
	seen(rewrites, 1, "/srv/a");
	memcpy(packed.sifted.found.head, "\x1f\x8b\x08", 3);
	assert_true(entity_is_none(rewrites_wrote(rewrites, &packed, &program, 1, 1000)));
	assert_false(rewrites_is_known(rewrites, &program, 1));
}

static void a_short_file_says_nothing(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(1);
	struct message_file file = file_of(1, "/srv/a", READABLE);

	file.stamp.size = 100;
	rewrites_seen(rewrites, &file);
	file.sifted.found.entropy = 660;
	assert_true(entity_is_none(rewrites_wrote(rewrites, &file, &program, 1, 1000)));
}

static void a_minute_later_the_count_begins_again(void **state)
{
	until_return(rewrites_free) struct rewrites *rewrites = rewrites_new(2);
	struct message_file file = file_of(1, "/srv/a", NOISE);

	seen(rewrites, 1, "/srv/a");
	assert_true(entity_is_none(rewrites_wrote(rewrites, &file, &program, 1, 1000)));
	seen(rewrites, 1, "/srv/a");
	assert_true(entity_is_none(
		rewrites_wrote(rewrites, &file, &program, 1, 1001 + REWRITES_WINDOW)));
	seen(rewrites, 1, "/srv/a");
	assert_true(entity_equal(
		rewrites_wrote(rewrites, &file, &program, 1, 1002 + REWRITES_WINDOW), program));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rewriting_is_counted_up_to_the_number),
		cmocka_unit_test(what_was_caught_does_not_count_for_the_one_above),
		cmocka_unit_test(a_program_for_each_file_is_no_way_out),
		cmocka_unit_test(a_copy_counts_when_the_original_goes),
		cmocka_unit_test(a_copy_that_goes_itself_was_just_one),
		cmocka_unit_test(an_inode_that_was_another_files_hides_nothing),
		cmocka_unit_test(what_is_ordinary_counts_for_nobody),
		cmocka_unit_test(a_short_file_says_nothing),
		cmocka_unit_test(a_minute_later_the_count_begins_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
