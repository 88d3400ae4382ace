// SPDX-License-Identifier: Apache-2.0
// A copy of an event says the same when the event is gone.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/own.h"
#include "daemon/copy.h"

/* Ancestors beyond what is copied; each with a previous image that has the same parent. */
static struct process *family_make(struct arena *arena, int depth)
{
	struct process *process = process_new(arena);

	process->pid = depth;
	process->entity = (struct entity){1, (uint64_t)depth};
	process->executable = arena_format(arena, "/bin/p%d", depth);
	process->command_line = arena_format(arena, "p%d -x", depth);
	if (!depth)
		return process;
	process->parent = family_make(arena, depth - 1);
	process->previous = process_new(arena);
	((struct process *)process->previous)->executable = TEXT("/bin/before");
	((struct process *)process->previous)->parent = process->parent;
	return process;
}

static void json_of(const struct event *event, struct json_writer *out)
{
	json_writer_reset(out);
	event_write(event, out);
}

static void a_copy_outlives_what_it_was_made_of(void **state)
{
	until_return(arena_clear) struct arena kept = {0};
	until_return(json_writer_clear) struct json_writer before = {0}, after = {0};
	struct arena gone = {0};
	struct event *event = event_new(&gone, EVENT_file_create), *copy;
	struct text args[] = {arena_format(&gone, "a"), arena_format(&gone, "b")};
	struct process *process = family_make(&gone, 8);

	process->args = (struct text_list){args, 2};
	event->time = 1443261600000000000;
	event->process = process;
	event->file = file_new(&gone);
	event->file->path = arena_format(&gone, "/var/www/%s", "x.php");
	event->detection = detection_new(&gone);
	event->detection->rule_name = arena_format(&gone, "rule %d", 1);
	json_of(event, &before);
	copy = event_copy(&kept, event);
	memset(args, 0, sizeof args);
	memset(process, 0xee, sizeof *process);
	arena_clear(&gone);
	json_of(copy, &after);
	assert_int_equal(before.n, after.n);
	assert_memory_equal(before.at, after.at, after.n);
}

static void a_long_line_of_ancestors_is_cut(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	const struct process *copy = process_copy(&arena, family_make(&arena, 500));
	int depth = 0;

	for (; copy; copy = copy->parent)
		depth++;
	assert_in_range(depth, 16, COPY_RELATIVES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_outlives_what_it_was_made_of),
		cmocka_unit_test(a_long_line_of_ancestors_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
