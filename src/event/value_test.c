// SPDX-License-Identifier: Apache-2.0
// Times, addresses, identities and fields as text, and back.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "base/own.h"
#include "event/event.h"

static void times_are_read_with_zone_and_fraction(void **state)
{
	static const struct { const char *text, *utc;
	} cases[] = {
		{"2015-09-26T10:00:00Z", "2015-09-26T10:00:00.000000000Z"},
		{"2015-09-26T10:00:00.5+02:00", "2015-09-26T08:00:00.500000000Z"},
		{"2015-09-26 10:00:00", "2015-09-26T10:00:00.000000000Z"},
		{"1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"},
		{"2016-02-29T00:00:00-0130", "2016-02-29T01:30:00.000000000Z"},
		{"2015-13-01T00:00:00Z", NULL},
		{"2015-09-26", NULL},
		{"2015-09-26T10:00:00.Z", NULL},
		{"9999-01-01T00:00:00Z", NULL},
		{"", NULL},
		{"2015-09-26T10:00:00Zx", NULL},
	};
	char buffer[FIELD_BUFFER];

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		event_time time = 0;

		assert_int_equal(time_read(text_of(cases[i].text), &time), !!cases[i].utc);
		if (cases[i].utc)
			assert_true(text_is(time_text(time, buffer), cases[i].utc));
	}
}

/* What the C library says of the same time. */
static void library_time(event_time time, char *buffer)
{
	int64_t nanoseconds = time % 1000000000;
	time_t seconds = time / 1000000000;
	struct tm tm;
	size_t n;

	if (nanoseconds < 0) {
		nanoseconds += 1000000000;
		seconds--;
	}
	assert_non_null(gmtime_r(&seconds, &tm));
	n = strftime(buffer, FIELD_BUFFER, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buffer + n, FIELD_BUFFER - n, ".%09dZ", (int)nanoseconds);
}

static void every_day_is_written_as_the_library_does(void **state)
{
	static const int64_t day = INT64_C(86400000000000);
	char buffer[FIELD_BUFFER], wanted[FIELD_BUFFER];

	(void)state;
	for (int64_t days = INT64_MIN / day + 1; days < INT64_MAX / day; days++) {
		int64_t time = days * day + (days % 3 - 1) * (days & 0xffffff) * 1234567;
		struct text text = time_text(time, buffer);

		library_time(time, wanted);
		assert_true(text_is(text, wanted));
	}
	time_text(INT64_MAX, buffer);
	assert_string_equal(buffer, "2262-04-11T23:47:16.854775807Z");
	time_text(INT64_MIN + 1, buffer);
	assert_string_equal(buffer, "1677-09-21T00:12:43.145224193Z");
	assert_null(time_text(NUMBER_NONE, buffer).at);
}

static void identities_come_back_and_grow_with_time(void **state)
{
	static const struct entity cases[] = {
		{0, 0}, {0, 1}, {UINT64_MAX, UINT64_MAX}, {0x0123456789abcdef, 0xfedcba9876543210},
	};
	char a[FIELD_BUFFER], b[FIELD_BUFFER];

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		struct entity read = {1, 1};
		struct text text = entity_text(cases[i], a);

		assert_int_equal(text.n, ENTITY_TEXT);
		assert_true(entity_read(text, &read) && entity_equal(read, cases[i]));
		text.n--;
		assert_false(entity_read(text, &read));
	}
	assert_false(entity_read(TEXT("zzzzzzzzzzzzzzzzzzzzzzzzz3"), &(struct entity){0, 0}));
	entity_text((struct entity){5, 7}, a);
	entity_text((struct entity){5, 8}, b);
	assert_string_not_equal(a, b);
}

static void addresses_of_both_families_come_back(void **state)
{
	static const struct { const char *text, *written; } cases[] = {
		{"127.0.0.1", "127.0.0.1"}, {"FE80:0:0:0:0:0:0:1", "fe80::1"}, {"::", "::"},
		{"1.2.3", NULL}, {"", NULL}, {"1.2.3.4.5", NULL},
	};
	char buffer[FIELD_BUFFER];

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		struct address address = {0};

		assert_int_equal(address_read(text_of(cases[i].text), &address),
			!!cases[i].written);
		if (cases[i].written)
			assert_true(text_is(address_text(address, buffer), cases[i].written));
	}
}

static void fields_are_found_by_both_names(void **state)
{
	static const struct { const char *sigma, *json; } cases[] = {
		{"Image", "process.executable"}, {"CommandLine", "process.command_line"},
		{"commandline", "process.command_line"}, {"COMMANDLINE", "process.command_line"},
		{"TargetFilename", "file.path"}, {"Imag", NULL}, {"Image ", NULL}, {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		const struct field *field = field_by_sigma(text_of(cases[i].sigma));

		assert_int_equal(!!field, !!cases[i].json);
		if (field)
			assert_string_equal(field->json, cases[i].json);
	}
	assert_string_equal(field_by_json(TEXT("FILE.path"))->sigma, "TargetFilename");
	assert_null(field_by_json(TEXT("process.nothing")));
	assert_null(field_by_json(TEXT("process.pid\0")));
	assert_null(field_by_json((struct text){0}));
}

/* Where objects share a Sigma name, the first of them has it. */
static void every_sigma_name_finds_the_first_field_that_bears_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < field_count; i++) {
		const struct field *field = field_by_sigma(text_of(fields[i].sigma));

		if (!*fields[i].sigma)
			continue;
		assert_true(field && field <= &fields[i]);
		assert_string_equal(field->sigma, fields[i].sigma);
	}
}

static void every_json_name_is_used_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < field_count; i++)
		assert_ptr_equal(field_by_json(text_of(fields[i].json)), &fields[i]);
	for (unsigned i = 0; i < EVENT_KINDS; i++)
		assert_int_equal(kind_by_name(text_of(kinds[i].name)), i);
}

static void a_fresh_object_knows_nothing(void **state)
{
	struct arena arena = {0};
	struct process *process = process_new(&arena);
	char buffer[FIELD_BUFFER];

	(void)state;
	for (unsigned i = 0; i < field_count; i++)
		if (fields[i].object == OBJECT_process && fields[i].type != FIELD_flag)
			assert_false(field_known(&fields[i], process));
	process->uid = 0;
	assert_true(text_is(field_text(field_by_sigma(TEXT("UserId")), process, buffer), "0"));
	arena_clear(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_with_zone_and_fraction),
		cmocka_unit_test(every_day_is_written_as_the_library_does),
		cmocka_unit_test(identities_come_back_and_grow_with_time),
		cmocka_unit_test(addresses_of_both_families_come_back),
		cmocka_unit_test(fields_are_found_by_both_names),
		cmocka_unit_test(every_sigma_name_finds_the_first_field_that_bears_it),
		cmocka_unit_test(every_json_name_is_used_once),
		cmocka_unit_test(a_fresh_object_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
