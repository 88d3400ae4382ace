// SPDX-License-Identifier: Apache-2.0
// What stands behind '|', and sequences, over events in memory.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "hunt/run.h"

/* Six events, ten seconds apart from 2023-11-14T22:13:20 on. */
static const char *const events[] = {
	"{\"@timestamp\":\"2023-11-14T22:13:20Z\",\"event.kind\":\"process_exec\","
	"\"process.entity_id\":\"aaaaaaaaaaaaaaaaaaaaaaaaae\",\"process.pid\":1,"
	"\"process.name\":\"sshd\",\"process.user.name\":\"root\"}",
	"{\"@timestamp\":\"2023-11-14T22:13:30Z\",\"event.kind\":\"process_exec\","
	"\"process.entity_id\":\"aaaaaaaaaaaaaaaaaaaaaaaaai\",\"process.pid\":2,"
	"\"process.name\":\"bash\",\"process.user.name\":\"alice\","
	"\"process.args\":[\"bash\",\"-c\",\"id\"]}",
	"{\"@timestamp\":\"2023-11-14T22:13:40Z\",\"event.kind\":\"file_write\","
	"\"process.entity_id\":\"aaaaaaaaaaaaaaaaaaaaaaaaai\",\"process.pid\":2,"
	"\"process.name\":\"bash\",\"process.user.name\":\"alice\",\"file.path\":\"/tmp/a\"}",
	"{\"@timestamp\":\"2023-11-14T22:13:50Z\",\"event.kind\":\"process_exec\","
	"\"process.entity_id\":\"aaaaaaaaaaaaaaaaaaaaaaaaam\",\"process.pid\":3,"
	"\"process.name\":\"curl\",\"process.user.name\":\"alice\"}",
	"{\"@timestamp\":\"2023-11-14T22:14:00Z\",\"event.kind\":\"file_write\","
	"\"process.entity_id\":\"aaaaaaaaaaaaaaaaaaaaaaaaam\",\"process.pid\":3,"
	"\"process.name\":\"curl\",\"process.user.name\":\"alice\",\"file.path\":\"/tmp/b\"}",
	"{\"@timestamp\":\"2023-11-14T22:14:10Z\",\"event.kind\":\"process_exit\","
	"\"process.entity_id\":\"aaaaaaaaaaaaaaaaaaaaaaaaae\",\"process.pid\":1,"
	"\"process.name\":\"sshd\"}",
};

static int read_all(void *context, const struct store_query *query,
	bool (*each)(void *each_context, const struct store_item *item), void *each_context,
	struct error *err)
{
	for (size_t i = 0; i < array_size(events); i++)
		if (!each(each_context, &(struct store_item){.json = text_of(events[i])}))
			break;
	return 0;
}

/* 3 is below 2, that below 1. */
static struct entity above(void *context, struct entity entity)
{
	struct entity none = {0, 0}, up = {entity.high, entity.low - 1};

	return entity.low <= 1 ? none : up;
}

struct answer {
	char text[2048];
	size_t n;
};

static void add(struct answer *answer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct answer *answer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	answer->n += (size_t)vsnprintf(answer->text + answer->n, sizeof answer->text - answer->n,
		format, args);
	va_end(args);
	assert_true(answer->n < sizeof answer->text);
}

static int number_of(struct text json)
{
	for (size_t i = 0; i < array_size(events); i++)
		if (text_is(json, events[i]))
			return (int)i;
	return -1;
}

static bool take_event(void *context, const struct event *event, struct text json)
{
	add(context, "%d ", number_of(json));
	return true;
}

static bool take_sequence(void *context, const struct text *json, size_t n)
{
	add(context, "(");
	for (size_t i = 0; i < n; i++)
		add(context, "%s%d", i ? " " : "", number_of(json[i]));
	add(context, ")");
	return true;
}

static bool take_row(void *context, const struct text *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(context, "%.*s%s", cells[i].at ? (int)cells[i].n : 1,
			cells[i].at ? cells[i].at : "-", i + 1 < n ? "," : ";");
	return true;
}

static void take_columns(void *context, const struct text *names, size_t n)
{
	take_row(context, names, n);
	add(context, " ");
}

static void is_answered(const char *question, const char *wanted)
{
	until_return(arena_clear) struct arena arena = {0};
	struct answer answer = {.n = 0};
	struct hunt_sink sink = {&answer, take_event, take_sequence, take_columns, take_row};
	struct hunt_source source = {NULL, read_all, above};
	struct hunt_numbers numbers;
	struct hunt_mistake mistake;
	struct hunt_query *query = query_parse(text_of(question), 0, &arena, &mistake);
	struct error err;

	if (!query)
		print_message("%s: %s\n", question, mistake.sentence);
	assert_non_null(query);
	assert_int_equal(hunt_run(query, &source, &sink, &numbers, &err), 0);
	if (strcmp(answer.text, wanted))
		print_message("%s\n", question);
	assert_string_equal(answer.text, wanted);
	query_clear(query);
}

static void events_are_found(void **state)
{
	is_answered("process.name = bash", "1 2 ");
	is_answered("process.args = -c", "1 ");
	is_answered("process.name:BA*", "1 2 ");
	is_answered("process.name matches \"^c.rl$\"", "3 4 ");
	is_answered("not user.name exists", "5 ");
	is_answered("user.name != alice", "0 5 ");
	is_answered("@timestamp >= 2023-11-14T22:14", "4 5 ");
}

static void relatives_are_found(void **state)
{
	is_answered("descendant of (process.name = sshd) and event.kind = process_exec", "1 3 ");
	is_answered("descendant of (process.name = curl)", "");
	is_answered("ancestor of (process.name = curl)", "0 1 2 5 ");
	is_answered("descendant of (descendant of (process.name = sshd))", "3 4 ");
}

static void some_of_them_are_taken(void **state)
{
	is_answered("| first 2", "0 1 ");
	is_answered("| last 2", "4 5 ");
	is_answered("event.kind = process_exec | last 2 | first 1", "1 ");
	is_answered("| first 3 | last 1", "2 ");
	is_answered("| last 4 | first 2 | last 1", "3 ");
	is_answered("event.kind = file_write | fields process.pid, file.path, rule.id",
		"process.pid,file.path,rule.id; 2,/tmp/a,-;3,/tmp/b,-;");
	is_answered("| last 2 | fields process.pid", "process.pid; 3;1;");
	is_answered("| fields process.pid | first 1", "process.pid; 1;");
}

static void they_are_counted(void **state)
{
	is_answered("| count", "count; 6;");
	is_answered("process.pid = 99 | count", "count; 0;");
	is_answered("| count by user.name", "process.user.name,count; alice,4;-,1;root,1;");
	is_answered("| count by event.kind, user.name | first 2",
		"event.kind,process.user.name,count; file_write,alice,2;process_exec,alice,2;");
	is_answered("| top 1 process.name", "process.name,count; bash,2;");
	is_answered("| rare 1 event.kind", "event.kind,count; process_exit,1;");
	is_answered("process.args exists | count by process.args",
		"process.args,count; bash -c id,1;");
}

static void they_are_put_on_a_line_of_time(void **state)
{
	is_answered("| timeline 30s",
		"@timestamp,count; 2023-11-14T22:13:00.000000000Z,1;"
		"2023-11-14T22:13:30.000000000Z,3;2023-11-14T22:14:00.000000000Z,2;");
	is_answered("event.kind = process_exec | timeline 10s",
		"@timestamp,count; 2023-11-14T22:13:20.000000000Z,1;"
		"2023-11-14T22:13:30.000000000Z,1;2023-11-14T22:13:40.000000000Z,0;"
		"2023-11-14T22:13:50.000000000Z,1;");
	is_answered("| timeline 1h by user.name",
		"@timestamp,process.user.name,count; 2023-11-14T22:00:00.000000000Z,alice,4;"
		"2023-11-14T22:00:00.000000000Z,-,1;2023-11-14T22:00:00.000000000Z,root,1;");
}

static void what_follows_each_other_is_found(void **state)
{
	is_answered("sequence by process.pid [event.kind = process_exec] "
		    "[event.kind = file_write]",
		"(1 2)(3 4)");
	is_answered(
		"sequence [event.kind = process_exec] [event.kind = file_write]", "(1 2)(3 4)");
	is_answered("sequence by process.pid within 5s [event.kind = process_exec] "
		    "[event.kind = file_write]",
		"");
	is_answered("sequence [process.name = sshd] [process.name = curl] [process.name = sshd]",
		"(0 3 5)");
	is_answered("sequence [process.name = sshd] [process.name = curl] "
		    "until [process.name = bash]",
		"");
	is_answered("sequence by process.pid [event.kind = process_exec] [event.kind = file_write]"
		    " | first 1",
		"(1 2)");
	is_answered("sequence by process.pid [event.kind = process_exec] [event.kind = file_write]"
		    " | count by process.name",
		"process.name,count; bash,1;curl,1;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_found),
		cmocka_unit_test(relatives_are_found),
		cmocka_unit_test(some_of_them_are_taken),
		cmocka_unit_test(they_are_counted),
		cmocka_unit_test(they_are_put_on_a_line_of_time),
		cmocka_unit_test(what_follows_each_other_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
