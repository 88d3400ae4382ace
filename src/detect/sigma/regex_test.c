// SPDX-License-Identifier: Apache-2.0
// Tests: what a regular expression finds, and the limit of a search.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "detect/sigma/case_test.h"
#include "detect/sigma/regex.h"

static void a_search_finds_what_perl_would(void **state)
{
	until_return(regex_room_clear) struct regex_room room = {0};
	static const struct {
		const char *pattern;
		bool i, m, s;
		const char *value;
		enum regex_answer answer;
	} cases[] = {
		{"b+c", false, false, false, "aabbbcd", REGEX_yes},
		{"ABC", false, false, false, "abc", REGEX_no},
		{"ABC", true, false, false, "xabc", REGEX_yes},
		{"^b$", false, false, false, "a\nb\nc", REGEX_no},
		{"^b$", false, true, false, "a\nb\nc", REGEX_yes},
		{"a.b", false, false, false, "a\nb", REGEX_no},
		{"a.b", false, false, true, "a\nb", REGEX_yes},
		{"^(?!foo)bar", false, false, false, "barfoo", REGEX_yes},
		{"(a)\\1", false, false, false, "xaa", REGEX_yes},
		{"a.b", false, false, false, "a\xc3\xa9" "b", REGEX_yes},
		{"b", false, false, false, "\xff" "b", REGEX_yes},
		{"^$", false, false, false, "", REGEX_yes},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct error err;
		until_return(regex_free) struct regex *regex = regex_new(text_of(cases[i].pattern),
			cases[i].i, cases[i].m, cases[i].s, &err);

		assert_non_null(regex);
		if (regex_search(regex, text_of(cases[i].value), &room) != cases[i].answer)
			case_fails("'%s' on '%s'", cases[i].pattern, cases[i].value);
	}
}

static void a_mistake_is_named_with_its_place(void **state)
{
	struct error err;

	assert_null(regex_new(TEXT("ab(c"), false, false, false, &err));
	assert_non_null(strstr(err.text, "parenthesis"));
	assert_non_null(strstr(err.text, "character 5"));
}

static void a_search_that_takes_too_long_switches_the_pattern_off(void **state)
{
	until_return(regex_room_clear) struct regex_room room = {0};
	struct error err;
	char value[64];
	until_return(regex_free) struct regex *regex =
		regex_new(TEXT("^(a+a+)+(a+a+)+[xy]"), false, false, false, &err);

	memset(value, 'a', sizeof value);
	assert_non_null(regex);
	assert_int_equal(regex_search(regex, (struct text){value, sizeof value}, &room),
		REGEX_limit);
	assert_int_equal(regex_search(regex, TEXT("aaaaaax"), &room), REGEX_no);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_finds_what_perl_would),
		cmocka_unit_test(a_mistake_is_named_with_its_place),
		cmocka_unit_test(a_search_that_takes_too_long_switches_the_pattern_off),
	};

	return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}
