// SPDX-License-Identifier: Apache-2.0
// An event as JSON: one flat object whose keys are the fields' dotted names.

#include "base/own.h"
#include "event/event.h"

enum { ANCESTORS_MAX = 16, KEY_MAX = 64 };

/* What is told of the parent. */
static const char *const parent_fields[] = {"process.entity_id", "process.pid", "process.start",
	"process.executable", "process.name", "process.command_line", "process.user.id",
	"process.user.name", "process.working_directory", "process.thread.name"};

static unsigned first_of[OBJECTS + 1]; /* an object's first field; the last one is field_count */

__attribute__((constructor)) static void objects_index(void)
{
	for (unsigned object = 0, n = 0; object <= OBJECTS; object++) {
		while (n < field_count && fields[n].object < object)
			n++;
		first_of[object] = n;
	}
}

static void list_write(struct text_list list, struct json_writer *out)
{
	json_array_open(out);
	for (size_t i = 0; i < list.n; i++)
		json_string(out, list.at[i]);
	json_array_close(out);
}

static void value_write(const struct field *field, const void *object, struct json_writer *out)
{
	const void *value = (const char *)object + field->offset;
	char buffer[FIELD_BUFFER];

	switch (field->type) {
	case FIELD_number: json_number(out, *(const int64_t *)value); break;
	case FIELD_flag: json_bool(out, *(const bool *)value); break;
	case FIELD_list: list_write(field_list(field, object), out); break;
	default: json_string(out, field_text(field, object, buffer)); break;
	}
}

static bool is_worth_writing(const struct field *field, const void *object)
{
	if (field->type == FIELD_flag) /* what is not set is left out */
		return *(const bool *)((const char *)object + field->offset);
	return field_known(field, object);
}

static void object_write(enum object object, const void *values, bool lists,
	struct json_writer *out)
{
	for (unsigned n = first_of[object]; values && n < first_of[object + 1]; n++) {
		if (!is_worth_writing(&fields[n], values) ||
			(fields[n].type == FIELD_list && !lists))
			continue;
		json_key(out, text_of(fields[n].json));
		value_write(&fields[n], values, out);
	}
}

/* Arguments and environment one by one are told once, with the program's start (and where it was
 * detected). */
static bool begins_program(enum event_kind kind)
{
	return kind == EVENT_process_exec || kind == EVENT_process_running ||
	       kind == EVENT_detection;
}

/* "process.pid" of the parent is "parent.pid". */
static void parent_write(const struct process *parent, struct json_writer *out)
{
	for (size_t i = 0; i < array_size(parent_fields); i++) {
		const struct field *field = field_by_json(text_of(parent_fields[i]));
		char key[KEY_MAX] = "parent.";

		if (!is_worth_writing(field, parent))
			continue;
		strcat(key, parent_fields[i] + strlen("process."));
		json_key(out, text_of(key));
		value_write(field, parent, out);
	}
}

static void ancestors_write(const struct process *first, struct json_writer *out)
{
	const struct process *process = first;

	json_key(out, TEXT("ancestors.executable"));
	json_array_open(out);
	for (int n = 0; process && n < ANCESTORS_MAX; n++, process = process_up(process))
		json_string(out, process->executable);
	json_array_close(out);
	json_key(out, TEXT("ancestors.command_line"));
	json_array_open(out);
	process = first;
	for (int n = 0; process && n < ANCESTORS_MAX; n++, process = process_up(process)) {
		struct text line = process->command_line;

		/* a line of 128 KiB is told once, with its own process */
		json_string(out, (struct text){line.at, line.n < 256 ? line.n : 256});
	}
	json_array_close(out);
}

void event_write(const struct event *event, struct json_writer *out)
{
	const struct kind *kind = &kinds[event->kind];
	char buffer[FIELD_BUFFER];

	json_object_open(out);
	if (event->time != NUMBER_NONE) {
		json_key(out, TEXT("@timestamp"));
		json_string(out, time_text(event->time, buffer));
	}
	json_key(out, TEXT("event.kind"));
	json_string(out, text_of(kind->name));
	json_key(out, TEXT("event.action"));
	json_string(out, text_of(kind->action));
	if (event->sequence != NUMBER_NONE) {
		json_key(out, TEXT("event.sequence"));
		json_number(out, event->sequence);
	}
	if (event->source) {
		json_key(out, TEXT("event.source"));
		json_string(out, text_of(event->source));
	}
	if (event->truncated) {
		json_key(out, TEXT("event.truncated"));
		json_bool(out, true);
	}
	for (unsigned object = 0; object < OBJECTS; object++)
		object_write(object, event_object(event, object),
			object != OBJECT_process || begins_program(event->kind), out);
	if (event->process && event->process->parent)
		parent_write(event->process->parent, out);
	if (event->process && process_up(event->process))
		ancestors_write(process_up(event->process), out);
	json_object_close(out);
}
