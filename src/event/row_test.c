// SPDX-License-Identifier: Apache-2.0
// Events as bytes, and back as JSON.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/own.h"
#include "event/row.h"

static const char example_json[] =
	"{\"@timestamp\":\"2015-09-26T10:01:00.001000000Z\",\"event.kind\":\"process_exec\","
	"\"event.sequence\":10,\"event.via\":\"io_uring\",\"event.truncated\":true,"
	"\"process.entity_id\":\"l3wqaaiaaaabmwqlyaaaimyaae\",\"process.pid\":4300,"
	"\"process.exit_code\":-9223372036854775807,\"process.start\":\"2015-09-26T10:00:59Z\","
	"\"process.executable\":\"/usr/bin/dash\","
	"\"process.command_line\":\"sh -c \\u0007\\\"id\\\"\","
	"\"process.args\":[\"sh\",\"\",\"-c\"],\"process.setuid_exec\":true,"
	"\"file.path\":\"\",\"destination.ip\":\"fe80::1\",\"source.ip\":\"192.0.2.1\","
	"\"parent.pid\":1,\"parent.executable\":\"/sbin/init\",\"parent.user.name\":\"root\","
	"\"ancestors.executable\":[\"/sbin/init\",\"/boot\"]}";

static struct event *example(struct arena *arena)
{
	struct event *event = event_read(text_of(example_json), arena, NULL);

	assert_non_null(event);
	return event;
}

static void is_json(struct row_reader *reader, const struct row_bytes *row,
	const struct json_writer *wanted)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	assert_true(row_json(reader, (struct text){row->at, row->n}, &out));
	assert_int_equal(out.n, wanted->n);
	assert_memory_equal(out.at, wanted->at, out.n);
}

static void a_row_is_the_same_json(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	until_return(json_writer_clear) struct json_writer json = {0};
	until_return(row_bytes_clear) struct row_bytes row = {0};
	until_return(row_reader_free) struct row_reader *reader = row_reader_new(row_schema());
	const struct event *event = example(&arena);

	event_write(event, &json);
	row_write(event, &row);
	is_json(reader, &row, &json);
	assert_true(row.n < json.n / 2);
}

static void a_row_is_the_same_event(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	until_return(json_writer_clear) struct json_writer json = {0}, again = {0};
	until_return(row_bytes_clear) struct row_bytes row = {0};
	until_return(row_reader_free) struct row_reader *reader = row_reader_new(row_schema());
	struct event *event = example(&arena);

	event_write(event, &json);
	row_write(event, &row);
	event = row_event(reader, (struct text){row.at, row.n}, &arena);
	assert_non_null(event);
	assert_true(text_is(process_up(event->process)->executable, "/sbin/init"));
	event_write(event, &again);
	assert_int_equal(json.n, again.n);
	assert_memory_equal(json.at, again.at, json.n);
}

/* Whatever was known before, the same is written. */
static void a_process_that_is_known_is_told_alike(void **state)
{
	static const enum event_kind kinds_told[] = {EVENT_file_open, EVENT_process_exec,
		EVENT_file_open, EVENT_network_connect, EVENT_file_delete};
	until_return(arena_clear) struct arena arena = {0};
	until_return(row_process_clear) struct row_process known = {0};
	until_return(row_reader_free) struct row_reader *reader = row_reader_new(row_schema());
	struct event *event = example(&arena);
	struct process *process = (struct process *)event->process;

	for (unsigned round = 0; round < 5 * array_size(kinds_told); round++) {
		until_return(json_writer_clear) struct json_writer plain = {0};
		until_return(row_bytes_clear) struct row_bytes row = {0};

		event->kind = kinds_told[round % array_size(kinds_told)];
		if (round == 8)
			process->uid = 33;
		if (round == 11)
			((struct process *)process->parent)->comm = TEXT("other");
		if (round == 14)
			process->parent = NULL;
		if (round == 19)
			event->process = NULL;
		event_write(event, &plain);
		row_write_with(event, &known, &row);
		is_json(reader, &row, &plain);
	}
}

static void columns_of_another_program_are_found_by_name(void **state)
{
	/* number, text, one that nobody knows, one of another type */
	static const char schema[] = "nprocess.pid\ntevent.kind\ntfield.of.old\ntprocess.uid\n";
	static const char row[] = "\x00\x0a\x01\x09" "file_open\x02\x01x\x03\x01y";
	until_return(row_reader_free) struct row_reader *reader = row_reader_new(text_of(schema));
	until_return(json_writer_clear) struct json_writer out = {0};

	assert_non_null(reader);
	assert_true(row_json(reader, (struct text){row, sizeof row - 1}, &out));
	assert_int_equal(out.n, strlen("{\"process.pid\":5,\"event.kind\":\"file_open\","
				       "\"event.action\":\"open\",\"field.of.old\":\"x\","
				       "\"process.uid\":\"y\"}"));
	assert_memory_equal(out.at,
		"{\"process.pid\":5,\"event.kind\":\"file_open\",\"event.action\":\"open\","
		"\"field.of.old\":\"x\",\"process.uid\":\"y\"}",
		out.n);
}

static void what_is_damaged_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} cases[] = {
		{"\x05", 1}, /* no such column */
		{"\x80", 1}, /* half a number */
		{"\x01\x09" "file", 6}, /* half a text */
		{"\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}, /* too long a number */
		{"\x02\x05\x01x", 4}, /* more texts than there are */
		{"\x03\x05" "1234", 6}, /* no family */
		{"\x03\x04" "123", 5}, /* half an address */
	};
	static const char schema[] = "nprocess.pid\ntevent.kind\nlprocess.args\nasource.ip\n";
	until_return(arena_clear) struct arena arena = {0};
	until_return(row_reader_free) struct row_reader *reader = row_reader_new(text_of(schema));

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(json_writer_clear) struct json_writer out = {0};

		assert_false(row_json(
			reader, (struct text){cases[i].bytes, cases[i].n}, &out));
		assert_null(row_event(
			reader, (struct text){cases[i].bytes, cases[i].n}, &arena));
	}
	assert_null(row_reader_new(TEXT("")));
	assert_null(row_reader_new(TEXT("tname")));
	assert_null(row_reader_new(TEXT("?name\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_the_same_json),
		cmocka_unit_test(a_row_is_the_same_event),
		cmocka_unit_test(a_process_that_is_known_is_told_alike),
		cmocka_unit_test(columns_of_another_program_are_found_by_name),
		cmocka_unit_test(what_is_damaged_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
