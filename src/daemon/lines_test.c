// SPDX-License-Identifier: Apache-2.0
// Detections as lines: they say what happened, and hostile strings in them do nothing.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/own.h"
#include "daemon/lines.h"

static const struct text techniques[] = {{"T1505.003", 9}, {"T1059.004", 9}};

/* What differs between the cases. */
struct story {
	enum event_kind kind;
	const char *title, *command_line, *file, *address, *rung, *result;
	int64_t error;
	bool user;
};

static struct event *event_make(struct arena *arena, const struct story *story)
{
	struct event *event = event_new(arena, EVENT_detection);
	struct detection *d = event->detection = detection_new(arena);
	struct process *process = process_new(arena), *parent = process_new(arena);

	assert_true(time_read(TEXT("2015-09-26T10:00:00Z"), &event->time));
	parent->name = TEXT("httpd");
	parent->pid = 812;
	process->name = TEXT("sh");
	process->pid = 900;
	process->parent = parent;
	process->command_line = text_of(story->command_line);
	process->executable = TEXT("/bin/sh");
	process->uid = 33;
	process->user = story->user ? TEXT("www-data") : (struct text){0};
	event->process = process;
	if (story->file) {
		event->file = file_new(arena);
		event->file->path = text_of(story->file);
	}
	if (story->address) {
		event->network = network_new(arena);
		assert_true(
			address_read(text_of(story->address), &event->network->destination_ip));
		event->network->destination_port = 443;
	}
	d->rule_name = text_of(story->title);
	d->level = TEXT("high");
	d->event_kind = text_of(kinds[story->kind].name);
	d->techniques = (struct text_list){techniques, 2};
	d->rung = text_of(story->rung);
	d->result = text_of(story->result);
	d->error = story->error;
	return event;
}

static const struct {
	struct story story;
	const char *line;
} cases[] = {
	{{EVENT_process_exec, "Web server starts a shell", "sh -c id", NULL, NULL, "signal",
		 "prevented", 0, true},
		"10:00:00Z high      Web server starts a shell: httpd(812) -> sh -c id (user "
		"www-data, T1505.003, T1059.004): prevented by signal\n"},
	{{EVENT_process_exec, "Shell", NULL, NULL, NULL, NULL, "detected", 0, false},
		"10:00:00Z high      Shell: httpd(812) -> /bin/sh (user 33, T1505.003, "
		"T1059.004)\n"},
	{{EVENT_file_create, "Script", "x", "/var/www/a.php", NULL, NULL, "off", 0, true},
		"10:00:00Z high      Script: sh(900) creates /var/www/a.php (user www-data, "
		"T1505.003, T1059.004): not prevented, prevention is off\n"},
	{{EVENT_network_connect, "Call", "x", NULL, "192.0.2.1", "connect", "failed", 1, true},
		"10:00:00Z high      Call: sh(900) connects to 192.0.2.1:443 (user www-data, "
		"T1505.003, T1059.004): failed by connect (Operation not permitted)\n"},
	{{EVENT_network_connect, "Call", "x", NULL, "2001:db8::1", NULL, "detected", 0, true},
		"10:00:00Z high      Call: sh(900) connects to [2001:db8::1]:443 (user www-data, "
		"T1505.003, T1059.004)\n"},
	{{EVENT_process_exec, "E", "a\nb\033[2Jc\xff", NULL, NULL, NULL, "detected", 0, true},
		"10:00:00Z high      E: httpd(812) -> a\\nb\\x1b[2Jc\\xff (user www-data, "
		"T1505.003, T1059.004)\n"},
};

static void lines_say_what_happened(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		struct text line =
			line_detection(&arena, event_make(&arena, &cases[i].story), false);

		if (!text_is(line, cases[i].line))
			print_error("case %zu: %.*s", i, (int)line.n, line.at);
		assert_true(text_is(line, cases[i].line));
	}
}

static void colour_is_only_there_when_asked_for(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	struct event *event = event_make(&arena, &cases[0].story);
	struct text plain = line_detection(&arena, event, false),
		    coloured = line_detection(&arena, event, true);

	assert_null(memchr(plain.at, '\033', plain.n));
	assert_non_null(memmem(coloured.at, coloured.n, "\033[31mhigh", 9));
	assert_non_null(memmem(coloured.at, coloured.n, "\033[0m", 4));
}

static void a_line_has_a_limit_and_one_end(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	struct story story = cases[0].story;
	static char long_[200000];
	struct text line;

	memset(long_, '\n', sizeof long_ - 1);
	story.command_line = story.title = long_;
	line = line_detection(&arena, event_make(&arena, &story), false);
	assert_true(line.n <= 4096);
	assert_ptr_equal(memchr(line.at, '\n', line.n), line.at + line.n - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_say_what_happened),
		cmocka_unit_test(colour_is_only_there_when_asked_for),
		cmocka_unit_test(a_line_has_a_limit_and_one_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
