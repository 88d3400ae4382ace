// SPDX-License-Identifier: Apache-2.0
// Tests of numbers, times and durations as words, of tactics, and of the times that people give.

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/range.h"
#include "intrusion/tactic.h"
#include "intrusion/words.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000000)

static const struct {
	int64_t number;
	const char *words;
} numbers[] = {
	{ 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 1234567, "1,234,567" },
	{ -1000, "-1,000" },
	{ -999, "-999" }, { INT64_MAX, "9,223,372,036,854,775,807" },
}, durations[] = {
	{ 0, "0.000 s" }, { 1500000, "0.001 s" }, { 59 * SECOND, "59.000 s" },
	{ 60 * SECOND, "1 min 0 s" },
	{ 3661 * SECOND, "1 h 1 min" }, { 90000 * SECOND, "1 d 1 h" }, { -2 * SECOND, "-2.000 s" },
}, times[] = {
	{ 1443261600123456789, "2015-09-26T10:00:00.123Z" }, { 0, "1970-01-01T00:00:00.000Z" },
	{ NUMBER_NONE, "an unknown time" },
};

static void numbers_times_and_durations_have_words(void **state)
{
	until_return(arena_clear) struct arena arena = { 0 };

	for (size_t i = 0; i < array_size(numbers); i++)
		assert_string_equal(arena_copy(&arena, number_words(numbers[i].number, &arena)).at,
			numbers[i].words);
	for (size_t i = 0; i < array_size(durations); i++)
		assert_string_equal(
			arena_copy(&arena, duration_words(durations[i].number, &arena)).at,
			durations[i].words);
	for (size_t i = 0; i < array_size(times); i++)
		assert_string_equal(arena_copy(&arena, time_words(times[i].number, &arena)).at,
			times[i].words);
}

static const struct {
	const char *text;
	event_time time; /* NUMBER_NONE: refused */
} sinces[] = {
	{ "30s", 1000000 * SECOND - 30 * SECOND },
	{ "30m", 1000000 * SECOND - 1800 * SECOND },
	{ "2h", 1000000 * SECOND - 7200 * SECOND },
	{ "1d", 1000000 * SECOND - 86400 * SECOND },
	{ "1w", 1000000 * SECOND - 604800 * SECOND },
	{ "0m", 1000000 * SECOND },
	{ "1970-01-02", 86400 * SECOND },
	{ "2015-09-26T10:00:00Z", 1443261600 * SECOND },
	{ "2015-09-26T12:00:00+02:00", 1443261600 * SECOND },
	{ "", NUMBER_NONE },
	{ "m", NUMBER_NONE },
	{ "30", NUMBER_NONE },
	{ "-3m", NUMBER_NONE },
	{ "3y", NUMBER_NONE },
	{ "2015-02-30", NUMBER_NONE },
	{ "9223372036854775807d", NUMBER_NONE },
	{ "yesterday", NUMBER_NONE },
};

static void times_are_read_as_people_give_them(void **state)
{
	for (size_t i = 0; i < array_size(sinces); i++) {
		event_time time = NUMBER_NONE;
		struct error err = { 0 };
		int refused = range_since(sinces[i].text, 1000000 * SECOND, &time, &err);

		assert_int_equal(time, sinces[i].time);
		assert_int_equal(refused, time == NUMBER_NONE ? -1 : 0);
		assert_int_equal(strstr(err.text, "is no time; write 30m") != NULL, refused != 0);
	}
}

static void tactics_come_in_the_order_of_an_intrusion(void **state)
{
	until_return(arena_clear) struct arena arena = { 0 };

	assert_true(tactic_rank(TEXT("initial-access")) < tactic_rank(TEXT("execution")));
	assert_true(tactic_rank(TEXT("exfiltration")) < tactic_rank(TEXT("no such")));
	assert_int_equal(tactic_rank(TEXT("command_and_control")),
		tactic_rank(TEXT("Command and Control")));
	assert_true(
		text_is(tactic_words(TEXT("command-and-control"), &arena), "Command and control"));
	assert_true(text_is(tactic_words(TEXT("no\nsuch"), &arena), "no\\nsuch"));
}

static void levels_are_ordered(void **state)
{
	assert_true(level_rank(TEXT("critical")) > level_rank(TEXT("high")));
	assert_int_equal(level_rank(TEXT("strange")), level_rank(TEXT("informational")));
	assert_false(level_known(TEXT("strange")));
	assert_true(level_known(TEXT("low")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_times_and_durations_have_words),
		cmocka_unit_test(times_are_read_as_people_give_them),
		cmocka_unit_test(tactics_come_in_the_order_of_an_intrusion),
		cmocka_unit_test(levels_are_ordered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
