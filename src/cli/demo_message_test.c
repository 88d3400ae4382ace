// SPDX-License-Identifier: Apache-2.0
// The demonstration's messages have the shapes that are known, and its steps name rules that are
// shipped.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "cli/demo.h"
#include "cli/demo_message.h"

static const char *rules_folder;

/* w0 = 0x1234abcd, and the first words that were printed of an observed handshake. */
static const struct {
	enum handshake_form form;
	uint8_t first[4];
	unsigned inverted, rotated; /* where the two words stand */
	uint8_t wanted_inverted[4], wanted_rotated[4];
} handshakes[] = {
	{HANDSHAKE_old, {0xcd, 0xab, 0x34, 0x12}, 1, 2, {0x32, 0x54, 0xcb, 0xed},
		{0x57, 0x69, 0x24, 0x9a}},
	{HANDSHAKE_new, {0xcd, 0xab, 0x34, 0x12}, 3, 8, {0x32, 0x54, 0xcb, 0xed},
		{0x57, 0x69, 0x24, 0x9a}},
	{HANDSHAKE_old, {0xae, 0x3d, 0, 0}, 1, 2, {0x51, 0xc2, 0xff, 0xff}, {0x7b, 0, 0, 0x5c}},
	{HANDSHAKE_old, {0, 0, 0, 0}, 1, 2, {0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 0}},
};

static void a_handshake_has_its_two_words_and_nothing_else_changes(void **state)
{
	for (size_t i = 0; i < array_size(handshakes); i++) {
		const uint8_t *inverted, *rotated;
		uint8_t bytes[HANDSHAKE_BYTES];
		unsigned changed = 0;

		memset(bytes, 0xaa, sizeof bytes);
		memcpy(bytes, handshakes[i].first, 4);
		handshake_shape(bytes, handshakes[i].form);
		inverted = bytes + 4 * handshakes[i].inverted;
		rotated = bytes + 4 * handshakes[i].rotated;
		assert_memory_equal(bytes, handshakes[i].first, 4);
		assert_memory_equal(inverted, handshakes[i].wanted_inverted, 4);
		assert_memory_equal(rotated, handshakes[i].wanted_rotated, 4);
		for (unsigned k = 4; k < HANDSHAKE_BYTES; k += 4)
			changed += memcmp(bytes + k, "\xaa\xaa\xaa\xaa", 4) != 0;
		assert_int_equal(changed, 2);
	}
}

static void a_message_names_its_size_type_and_sum(void **state)
{
	static const uint8_t wanted[] = {
		28, 0, 0, 0, /* size */ 4, 0, 0, 0, /* type */ 0xfe, 2, 0, 0, /* sum */
		0x44, 0x33, 0x22, 0x11, /* key */ 0, 0, 0, 0, /* not compressed */ 4, 0, 0, 0,
		0xff, 0xff, 0xff, 0x01,
	};
	uint8_t bytes[MESSAGE_HEADER_BYTES + 4] = {0};

	memcpy(bytes + MESSAGE_HEADER_BYTES, "\xff\xff\xff\x01", 4);
	message_shape(bytes, 4, MESSAGE_BEACON, 0x11223344);
	assert_memory_equal(bytes, wanted, sizeof wanted);
}

static bool file_has_line(const char *path, const char *line)
{
	until_return(file_close) FILE *file = fopen(path, "re");
	char read[512];

	while (file && fgets(read, sizeof read, file)) {
		read[strcspn(read, "\n")] = 0;
		if (!strcmp(read, line))
			return true;
	}
	return false;
}

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
	*dir = NULL;
}

static bool folder_has_line(const char *folder, const char *line, unsigned depth)
{
	until_return(dir_close) DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[1024];

		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.')
			continue;
		if (file_has_line(path, line) || (depth && folder_has_line(path, line, depth - 1)))
			return true;
	}
	return false;
}

static void every_step_names_rules_that_are_shipped(void **state)
{
	for (size_t i = 0; i < DEMO_STEPS; i++) {
		const char *const *rule = demo_steps[i].rules;

		assert_non_null(*rule);
		for (; *rule; rule++) {
			char line[256];

			snprintf(line, sizeof line, "title: %s", *rule);
			if (!folder_has_line(rules_folder, line, 2))
				print_error("no rule is called '%s'\n", *rule);
			assert_true(folder_has_line(rules_folder, line, 2));
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handshake_has_its_two_words_and_nothing_else_changes),
		cmocka_unit_test(a_message_names_its_size_type_and_sum),
		cmocka_unit_test(every_step_names_rules_that_are_shipped),
	};

	rules_folder = argc > 1 ? argv[1] : "content/rules";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
