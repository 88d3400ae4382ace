// SPDX-License-Identifier: Apache-2.0
// Events as JSON and back: nothing that was known is lost, nothing is made up.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "event/event.h"

static struct process *image_new(struct arena *arena, const char *path,
	const struct process *parent)
{
	struct process *process = process_new(arena);

	process->executable = text_of(path);
	process->command_line = text_of(path);
	process->parent = parent;
	return process;
}

/* httpd -> env -> (the same pid) sh */
static struct event *example(struct arena *arena)
{
	static const struct text args[] = {{"sh", 2}, {"-c", 2}, {"id", 2}};
	struct event *event = event_new(arena, EVENT_process_exec);
	struct process *init = image_new(arena, "/sbin/init", NULL);
	struct process *httpd = image_new(arena, "/usr/sbin/httpd", init);
	struct process *env = image_new(arena, "/usr/bin/env", httpd);
	struct process *sh = image_new(arena, "/usr/bin/dash", httpd);

	sh->previous = env;
	httpd->pid = 10;
	sh->pid = 11;
	sh->uid = 0;
	sh->entity = (struct entity){1, 2};
	sh->args = (struct text_list){args, array_size(args)};
	sh->memfd = true;
	event->time = 1443261600000000001;
	event->sequence = 7;
	event->process = sh;
	event->network = network_new(arena);
	event->network->destination_ip = (struct address){4, {127, 0, 0, 1}};
	return event;
}

static void what_was_written_is_read(void **state)
{
	struct arena arena = {0};
	struct json_writer out = {0}, again = {0};
	struct error err = {0};
	struct event *event;

	(void)state;
	event_write(example(&arena), &out);
	event = event_read((struct text){out.at, out.n}, &arena, &err);
	assert_string_equal(err.text, "");
	assert_non_null(event);
	assert_int_equal(event->kind, EVENT_process_exec);
	assert_true(event->time == 1443261600000000001 && event->sequence == 7);
	assert_true(event->process->uid == 0 && event->process->memfd);
	assert_true(event->process->gid == NUMBER_NONE);
	assert_int_equal(event->process->args.n, 3);
	assert_true(text_is(event->process->previous->executable, "/usr/bin/env"));
	assert_true(text_is(event->process->parent->executable, "/usr/sbin/httpd"));
	assert_true(event->process->parent->pid == 10);
	assert_ptr_equal(event->process->previous->parent, event->process->parent);
	assert_true(text_is(event->process->parent->parent->executable, "/sbin/init"));
	assert_null(event->file);
	event_write(event, &again);
	assert_true(text_equal((struct text){out.at, out.n}, (struct text){again.at, again.n}));
	json_writer_clear(&out);
	json_writer_clear(&again);
	arena_clear(&arena);
}

static void what_is_no_event_is_refused_with_a_reason(void **state)
{
	static const struct { const char *json, *sentence; } cases[] = {
		{"", "no JSON object"}, {"[]", "no JSON object"},
		{"{}", "no 'event.kind' that saker knows"},
		{"{\"event.kind\":\"moon_landing\"}", "no 'event.kind' that saker knows"},
		{"{\"event.kind\":\"process_exec\"", "no ',' between two values at byte 29"},
		{"{\"event.kind\":\"process_exec\"}x", "something behind the value at byte 30"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		struct arena arena = {0};
		struct error err = {0};

		assert_null(event_read(text_of(cases[i].json), &arena, &err));
		assert_string_equal(err.text, cases[i].sentence);
		arena_clear(&arena);
	}
}

static void values_of_another_type_are_left_out(void **state)
{
	struct arena arena = {0};
	struct event *event = event_read(
		TEXT("{\"event.kind\":\"file_create\",\"file.size\":\"big\","
		     "\"file.path\":{\"a\":[1]},\"file.mode\":1.5,\"unknown\":[{}],\"parent.pid\":"
		     "{}}"),
		&arena, NULL);

	(void)state;
	assert_non_null(event);
	assert_true(event->file->size == NUMBER_NONE && event->file->mode == NUMBER_NONE);
	assert_null(event->file->path.at);
	arena_clear(&arena);
}

static bool is_told(struct text key)
{
	static const char *const others[] = {
#define FRAME(type, json, sentence) json,
#include "event/frame.def"
#undef FRAME
#define PARENT(name) "parent." name,
#include "event/parent.def"
#undef PARENT
	};

	for (size_t i = 0; i < array_size(others); i++)
		if (text_is(key, others[i]))
			return true;
	return field_by_json(key);
}

static void every_key_that_is_written_stands_in_a_table(void **state)
{
	until_return(json_writer_clear) struct json_writer out = {0};
	until_return(arena_clear) struct arena arena = {0};
	struct event *event = example(&arena);
	struct json_reader in;
	enum json_token token;
	size_t keys = 0;

	(void)state;
	event->source = "iterator";
	event->truncated = true;
	event_write(event, &out);
	json_reader_init(&in, (struct text){out.at, out.n}, &arena);
	while ((token = json_next(&in)) > JSON_ERROR)
		if (token == JSON_KEY) {
			assert_true(is_told(in.text));
			keys++;
		}
	assert_int_equal(token, JSON_END);
	assert_true(keys > 15);
}

static void arguments_are_told_with_the_program_only(void **state)
{
	static const struct { enum event_kind kind; size_t args; } cases[] = {
		{EVENT_process_exec, 3}, {EVENT_process_running, 3}, {EVENT_detection, 3},
		{EVENT_process_fork, 0}, {EVENT_process_exit, 0}, {EVENT_file_create, 0},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(json_writer_clear) struct json_writer out = {0};
		until_return(arena_clear) struct arena arena = {0};
		struct event *event = example(&arena);

		event->kind = cases[i].kind;
		event_write(event, &out);
		event = event_read((struct text){out.at, out.n}, &arena, NULL);
		assert_int_equal(event->process->args.n, cases[i].args);
		assert_true(text_is(event->process->command_line, "/usr/bin/dash"));
	}
}

static void a_key_is_compared_whole(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	struct event *event = event_read(TEXT("{\"event.kind\":\"process_exec\",\"process.pid\":5,"
		"\"parent.pid\\u0000\":1,\"parent.\":2,\"process.pid\\u0000\":3}"), &arena, NULL);

	(void)state;
	assert_non_null(event);
	assert_true(event->process->pid == 5);
	assert_null(event->process->parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(what_is_no_event_is_refused_with_a_reason),
		cmocka_unit_test(values_of_another_type_are_left_out),
		cmocka_unit_test(every_key_that_is_written_stands_in_a_table),
		cmocka_unit_test(arguments_are_told_with_the_program_only),
		cmocka_unit_test(a_key_is_compared_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
