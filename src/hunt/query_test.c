// SPDX-License-Identifier: Apache-2.0
// Questions that are understood, and what is said of those that are not.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "hunt/query.h"

static const event_time now = 1700000000LL * 1000000000;

static void what_is_a_question_is_understood(void **state)
{
	static const char *const questions[] = {
		"",
		"| count",
		"process.name = curl",
		"process.name=curl",
		"process.name == \"curl\"",
		"process.name:cur*",
		"process.name: \"a b*\"",
		"Image endswith /sh and CommandLine contains \"-c \"",
		"process.pid in (1, 2, 3)",
		"destination.ip cidr 10.0.0.0/8",
		"destination.ip cidr (10.0.0.0/8, fe80::/10)",
		"destination.ip = fe80::1",
		"process.command_line matches \"(?i)base64.*-d\"",
		"not process.name = sh and (user.id = 0 or user.name = www-data)",
		"file.path exists and last 2h",
		"from 2026-11-25 and to 2026-11-25T10:00 and process.pid > 1",
		"descendant of (process.name = sshd) and event.kind = process_exec",
		"ancestor of (rule.level = high)",
		"ancestors.executable endswith /sshd",
		"process.parent.name = nginx and parent.pid >= 2",
		"process.setuid_exec = true",
		"@timestamp > 2026-11-25T10:00:00Z",
		"sequence by user.name within 5m [user.name = alice] [user.name = bob]",
		"sequence [process.pid = 1] [process.pid = 2] until [process.pid = 3] and last 1d",
		"process.pid = 1 | last 10 | fields @timestamp, process.name",
		"| count by user.name, process.name | first 5",
		"| top 10 process.executable",
		"| rare 10 process.executable",
		"| timeline",
		"| timeline 5m by event.kind",
	};

	for (size_t i = 0; i < array_size(questions); i++) {
		until_return(arena_clear) struct arena arena = {0};
		struct hunt_mistake mistake;
		struct hunt_query *query =
			query_parse(text_of(questions[i]), now, &arena, &mistake);

		if (!query)
			print_message("%s: %s\n", questions[i], mistake.sentence);
		assert_non_null(query);
		query_clear(query);
	}
}

static void a_mistake_is_told_with_its_place(void **state)
{
	static const struct {
		const char *question, *at, *says;
	} cases[] = {
		{"proces.name = curl", "proces.name", "did you mean 'process.name'"},
		{"Imag = x", "Imag", "did you mean 'Image'"},
		{"process.name is curl", "is", "a comparison is expected here"},
		{"process.name contain curl", "contain", "did you mean 'contains'"},
		{"process.pid = one", "one", "is a number, 'one' is none"},
		{"process.pid contains 1", "contains", "is a number; compare it by"},
		{"process.name < b", "<", "neither more nor less"},
		{"process.name cidr 10.0.0.0/8", "cidr", "is no address"},
		{"destination.ip cidr 10.0.0.0/99", "10.0.0.0/99", "is no network"},
		{"destination.ip = here", "here", "is no address"},
		{"event.kind = process_exce", "process_exce", "did you mean 'process_exec'"},
		{"process.setuid_exec = yes", "yes", "is true or false"},
		{"process.command_line matches \"(\"", "\"(\"", "parenthes"},
		{"process.name = \"curl", "\"curl", "has no end"},
		{"process.name = a b", "b", "is expected here; put a value"},
		{"(process.name = a", "", "')' is missing"},
		{"process.name = a)", ")", "is expected here"},
		{"process.name in a", "a", "'(' is missing"},
		{"last 2x", "2x", "how long"},
		{"not last 2h", "last", "for the whole question"},
		{"last 2h or process.pid = 1", "or", "for the whole question"},
		{"process.pid = 1 or last 2h", "", "for the whole question"},
		{"from yesterday", "yesterday", "a time is expected"},
		{"descendant (process.pid = 1)", "(", "'of' is missing"},
		{"descendant of ()", ")", "a field is expected"},
		{"sequence [process.pid = 1]", "", "two or more steps"},
		{"sequence by x [process.pid = 1]", "x", "no field is called"},
		{"| sum process.pid", "sum", "behind '|' stands one of"},
		{"| count | count", "count", "a table"},
		{"| top process.name", "process.name", "a number from 1"},
		{"| first 0", "0", "a number from 1"},
		{"process.pid ! 1", "!", "'!' stands for nothing"},
		{"process.pid =", "", "a value is expected"},
		{"=", "=", "a field is expected"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		struct hunt_mistake mistake;
		const char *question = cases[i].question;
		struct hunt_query *query = query_parse(text_of(question), now, &arena, &mistake);

		if (query || !strstr(mistake.sentence, cases[i].says))
			print_message("%s: %s\n", question, mistake.sentence);
		assert_null(query);
		assert_non_null(strstr(mistake.sentence, cases[i].says));
		assert_true(mistake.at <= strlen(question));
		if (*cases[i].at)
			assert_memory_equal(
				question + mistake.at, cases[i].at, strlen(cases[i].at));
	}
}

static void times_are_read(void **state)
{
	static const struct {
		const char *question;
		event_time from, to; /* s */
	} cases[] = {
		{"last 2h", 1700000000 - 7200, 0},
		{"from 2023-11-14", 1699920000, 0},
		{"from 2023-11-14T10:00 and to 1h", 1699956000, 1700000000 - 3600},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		struct hunt_mistake mistake;
		struct hunt_query *query =
			query_parse(text_of(cases[i].question), now, &arena, &mistake);

		assert_non_null(query);
		assert_int_equal(query->from, cases[i].from * 1000000000);
		assert_int_equal(query->to, cases[i].to * 1000000000);
		assert_null(query->filter);
	}
}

static void a_day_ends_with_its_last_moment(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	struct hunt_mistake mistake;
	struct hunt_query *query =
		query_parse(TEXT("from 2023-11-14 and to 2023-11-14"), now, &arena, &mistake);

	assert_non_null(query);
	assert_int_equal(query->to - query->from, INT64_C(86400000000000) - 1);
}

static void what_is_too_deep_is_refused(void **state)
{
	char question[4 * HUNT_DEPTH + 64] = "";
	until_return(arena_clear) struct arena arena = {0};
	struct hunt_mistake mistake;

	for (int i = 0; i < HUNT_DEPTH + 1; i++)
		strcat(question, "(");
	strcat(question, "process.pid = 1");
	for (int i = 0; i < HUNT_DEPTH + 1; i++)
		strcat(question, ")");
	assert_null(query_parse(text_of(question), now, &arena, &mistake));
	assert_non_null(strstr(mistake.sentence, "nested"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_a_question_is_understood),
		cmocka_unit_test(a_mistake_is_told_with_its_place),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(a_day_ends_with_its_last_moment),
		cmocka_unit_test(what_is_too_deep_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
