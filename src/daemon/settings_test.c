// SPDX-License-Identifier: Apache-2.0
// Settings: defaults, what a file changes, and how mistakes are named.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/own.h"
#include "daemon/settings.h"

static int read_text(struct settings *settings, const char *text, char *sentence)
{
	char path[] = "settings-XXXXXX";
	struct error err = {0};
	int fd = mkstemp(path), result;

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	result = settings_read(settings, path, &err);
	unlink(path);
	strcpy(sentence, err.text + (err.text[0] ? strlen(path) : 0));
	return result;
}

static void a_file_changes_only_what_it_names(void **state)
{
	struct settings settings;
	char sentence[1024];

	(void)state;
	settings_init(&settings);
	assert_string_equal(settings.store, "/var/lib/saker");
	assert_int_equal(settings.hold_deadline, 50);
	assert_int_equal(read_text(&settings, "# nothing\n\n hold_deadline = 20 # short\n"
		"watch = /srv/  /opt/\n", sentence), 0);
	assert_int_equal(settings.hold_deadline, 20);
	assert_int_equal(settings.watch.n, 2);
	assert_string_equal(settings.watch.at[1], "/opt/");
	assert_null(settings.watch.at[2]);
	assert_string_equal(settings.store, "/var/lib/saker");
	settings_clear(&settings);
}

static void mistakes_are_named_with_line_and_remedy(void **state)
{
	static const struct { const char *text, *sentence;
	} cases[] = {
		{"\nhold_dedline = 5\n",
			":2: no setting is called 'hold_dedline'; did you mean 'hold_deadline'"},
		{"zzz = 5\n", ":1: no setting is called 'zzz' (see `saker config --explain`)"},
		{"store\n", ":1: no '=' in 'store'; write: name = value"},
		{"hold_deadline = soon\n",
			":1: 'hold_deadline' must be a whole number, 0 or more, not 'soon'"},
		{"store = a\nstore = b\n", ":2: 'store' stands twice; keep one of the lines"},
	};
	char sentence[1024];

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		struct settings settings;

		settings_init(&settings);
		assert_int_equal(read_text(&settings, cases[i].text, sentence), -1);
		assert_string_equal(sentence, cases[i].sentence);
		settings_clear(&settings);
	}
}

static void a_file_that_is_not_there_changes_nothing(void **state)
{
	struct settings settings;

	(void)state;
	settings_init(&settings);
	assert_int_equal(settings_read(&settings, "no/such/file", NULL), 0);
	settings_clear(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_changes_only_what_it_names),
		cmocka_unit_test(mistakes_are_named_with_line_and_remedy),
		cmocka_unit_test(a_file_that_is_not_there_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
