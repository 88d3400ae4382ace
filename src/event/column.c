// SPDX-License-Identifier: Apache-2.0
// The columns of an event, from the tables, and the way through them.

#include <assert.h>
#include <stdio.h>

#include "base/own.h"
#include "event/column.h"

enum { ANCESTORS_MAX = 16, ANCESTOR_LINE = 256, COLUMNS_MAX = 512, KEY_MAX = 64 };

static const char *const parent_names[] = {
#define PARENT(name) name,
#include "event/parent.def"
#undef PARENT
};

static struct column all[COLUMNS_MAX];
static char keys[COLUMNS_MAX][KEY_MAX];
static unsigned count, first_parent, executables, command_lines;
static unsigned first_of[OBJECTS + 1]; /* an object's first field; the last one is field_count */
static unsigned parent_line; /* column of the parent's command line */

const struct column *const columns = all;

unsigned column_count(void)
{
	return count;
}

static void add(const char *name, enum field_type type, const struct field *field)
{
	int n = snprintf(keys[count], KEY_MAX, "\"%s\":", name);

	assert(count < COLUMNS_MAX && n < KEY_MAX);
	all[count] = (struct column){name, type, {keys[count], (size_t)n}, field};
	count++;
}

static void parents_add(void)
{
	static char names[array_size(parent_names)][KEY_MAX];

	first_parent = count;
	for (size_t i = 0; i < array_size(parent_names); i++) {
		char of_process[KEY_MAX];
		unsigned n = 0;

		snprintf(of_process, KEY_MAX, "process.%s", parent_names[i]);
		while (n < field_count && strcmp(fields[n].json, of_process))
			n++;
		assert(n < field_count && fields[n].object == OBJECT_process);
		if (!strcmp(parent_names[i], "command_line"))
			parent_line = count;
		snprintf(names[i], KEY_MAX, "parent.%s", parent_names[i]);
		add(names[i], fields[n].type, &fields[n]);
	}
}

__attribute__((constructor)) static void columns_make(void)
{
	add("@timestamp", FIELD_time, NULL);
	add("event.kind", FIELD_text, NULL);
	add("event.sequence", FIELD_number, NULL);
	add("event.source", FIELD_text, NULL);
	add("event.via", FIELD_text, NULL);
	add("event.truncated", FIELD_flag, NULL);
	assert(count == COLUMN_fields);
	for (unsigned i = 0; i < field_count; i++)
		add(fields[i].json, fields[i].type, &fields[i]);
	parents_add();
	executables = count;
	add("ancestors.executable", FIELD_list, NULL);
	command_lines = count;
	add("ancestors.command_line", FIELD_list, NULL);
	for (unsigned object = 0, n = 0; object <= OBJECTS; object++) {
		while (n < field_count && fields[n].object < object)
			n++;
		first_of[object] = n;
	}
}

static void field_give(unsigned column, const void *object, column_each *each, void *context)
{
	const struct field *field = all[column].field;
	const void *value = (const char *)object + field->offset;

	if (!field_known(field, object))
		return;
	if (field->type == FIELD_flag && !*(const bool *)value)
		return; /* what is not set is left out */
	each(context, column, value);
}

void columns_frame(const struct event *event, column_each *each, void *context)
{
	struct text kind = text_of(kinds[event->kind].name);
	struct text source = text_of(event->source), via = text_of(event->via);

	if (event->time != NUMBER_NONE)
		each(context, COLUMN_time, &event->time);
	each(context, COLUMN_kind, &kind);
	if (event->sequence != NUMBER_NONE)
		each(context, COLUMN_sequence, &event->sequence);
	if (source.at)
		each(context, COLUMN_source, &source);
	if (via.at)
		each(context, COLUMN_via, &via);
	if (event->truncated)
		each(context, COLUMN_truncated, &event->truncated);
}

void columns_object(enum object object, const void *values, bool lists, column_each *each,
	void *context)
{
	for (unsigned n = first_of[object]; values && n < first_of[object + 1]; n++)
		if (lists || fields[n].type != FIELD_list)
			field_give(COLUMN_fields + n, values, each, context);
}

static void ancestors_give(
	const struct process *first, bool with_lines, column_each *each, void *context)
{
	struct text programs[ANCESTORS_MAX], lines[ANCESTORS_MAX];
	struct text_list list = {programs, 0};

	for (const struct process *process = first; process && list.n < ANCESTORS_MAX;
		process = process_up(process)) {
		struct text line = process->command_line;

		programs[list.n] = process->executable;
		/* a line of 128 KiB is told once, with its own process */
		lines[list.n++] = (struct text){
			line.at, line.n < ANCESTOR_LINE ? line.n : ANCESTOR_LINE};
	}
	each(context, executables, &list);
	list.at = lines;
	if (with_lines)
		each(context, command_lines, &list);
}

void columns_above(
	const struct process *process, bool begins, column_each *each, void *context)
{
	const struct process *parent = process ? process->parent : NULL;

	for (unsigned i = first_parent; parent && i < executables; i++)
		if (begins || i != parent_line)
			field_give(i, parent, each, context);
	if (process && process_up(process))
		ancestors_give(process_up(process), begins, each, context);
}

bool column_begins(enum event_kind kind)
{
	return kind == EVENT_process_exec || kind == EVENT_process_running ||
		kind == EVENT_detection;
}

void columns_event(const struct event *event, column_each *each, void *context)
{
	bool begins = column_begins(event->kind);

	columns_frame(event, each, context);
	for (unsigned object = 0; object < OBJECTS; object++)
		columns_object((enum object)object, event_object(event, (enum object)object),
			object != OBJECT_process || begins, each, context);
	columns_above(event->process, begins, each, context);
}
