// SPDX-License-Identifier: Apache-2.0
// An event as JSON: one flat object whose keys are the fields' dotted names.

#include <assert.h>

#include "base/own.h"
#include "event/event.h"

enum { ANCESTORS_MAX = 16 };

/* What is told of the parent, and under which key. */
static struct parent_field {
	const char *json;
	struct text key;
	const struct field *field;
} parent_fields[] = {
#define PARENT(name) \
	{"process." name, {"\"parent." name "\":", sizeof "\"parent." name "\":" - 1}, NULL},
#include "event/parent.def"
#undef PARENT
};

static const struct field *command_line; /* of the parent's */
static unsigned first_of[OBJECTS + 1]; /* an object's first field; the last one is field_count */

__attribute__((constructor)) static void objects_index(void)
{
	for (unsigned object = 0, n = 0; object <= OBJECTS; object++) {
		while (n < field_count && fields[n].object < object)
			n++;
		first_of[object] = n;
	}
	for (size_t i = 0; i < array_size(parent_fields); i++) {
		unsigned n = 0;

		while (n < field_count && strcmp(fields[n].json, parent_fields[i].json))
			n++;
		assert(n < field_count && fields[n].object == OBJECT_process);
		parent_fields[i].field = &fields[n];
		if (!strcmp(fields[n].json, "process.command_line"))
			command_line = &fields[n];
	}
}

static void list_write(struct text_list list, struct json_writer *out)
{
	json_array_open(out);
	for (size_t i = 0; i < list.n; i++)
		json_string(out, list.at[i]);
	json_array_close(out);
}

/* Writes the value behind its key, or neither where it is not known. */
static void field_write(const struct field *field, struct text key, const void *object,
	struct json_writer *out)
{
	const void *value = (const char *)object + field->offset;
	char buffer[FIELD_BUFFER];

	if (!field_known(field, object))
		return;
	if (field->type == FIELD_flag && !*(const bool *)value)
		return; /* what is not set is left out */
	json_key_made(out, key);
	switch (field->type) {
	case FIELD_text: json_string(out, *(const struct text *)value); break;
	case FIELD_number: json_number(out, *(const int64_t *)value); break;
	case FIELD_flag: json_bool(out, true); break;
	case FIELD_list: list_write(*(const struct text_list *)value, out); break;
	default: json_string(out, field_text(field, object, buffer)); break;
	}
}

static void object_write(enum object object, const void *values, bool lists,
	struct json_writer *out)
{
	for (unsigned n = first_of[object]; values && n < first_of[object + 1]; n++)
		if (lists || fields[n].type != FIELD_list)
			field_write(&fields[n], fields[n].key, values, out);
}

/*
 * Arguments and environment one by one, and the command lines of those above, are told once, with
 * the program's start (and where it was detected).
 */
static bool begins_program(enum event_kind kind)
{
	return kind == EVENT_process_exec || kind == EVENT_process_running ||
		kind == EVENT_detection;
}

static void parent_write(const struct process *parent, bool with_lines, struct json_writer *out)
{
	for (size_t i = 0; i < array_size(parent_fields); i++)
		if (with_lines || parent_fields[i].field != command_line)
			field_write(parent_fields[i].field, parent_fields[i].key, parent, out);
}

static void ancestors_write(const struct process *first, bool with_lines, struct json_writer *out)
{
	const struct process *process = first;

	json_key(out, TEXT("ancestors.executable"));
	json_array_open(out);
	for (int n = 0; process && n < ANCESTORS_MAX; n++, process = process_up(process))
		json_string(out, process->executable);
	json_array_close(out);
	if (!with_lines)
		return;
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

static void frame_write(const struct event *event, struct json_writer *out)
{
	const struct kind *kind = &kinds[event->kind];
	char buffer[FIELD_BUFFER];

	if (event->time != NUMBER_NONE) {
		json_key(out, TEXT("@timestamp"));
		json_string(out, time_text(event->time, buffer));
	}
	json_pair(out, "event.kind", kind->name);
	json_pair(out, "event.action", kind->action);
	if (event->sequence != NUMBER_NONE) {
		json_key(out, TEXT("event.sequence"));
		json_number(out, event->sequence);
	}
	if (event->source)
		json_pair(out, "event.source", event->source);
	if (event->via)
		json_pair(out, "event.via", event->via);
	if (event->truncated) {
		json_key(out, TEXT("event.truncated"));
		json_bool(out, true);
	}
}

static void above_write(const struct process *process, bool begins, struct json_writer *out)
{
	if (process && process->parent)
		parent_write(process->parent, begins, out);
	if (process && process_up(process))
		ancestors_write(process_up(process), begins, out);
}

void event_write(const struct event *event, struct json_writer *out)
{
	bool begins = begins_program(event->kind);

	json_object_open(out);
	frame_write(event, out);
	for (unsigned object = 0; object < OBJECTS; object++)
		object_write(object, event_object(event, object),
			object != OBJECT_process || begins, out);
	above_write(event->process, begins, out);
	json_object_close(out);
}

static bool is_known(const struct process_text *known, const struct process *process)
{
	return known->known && !memcmp(&known->process, process, sizeof *process) &&
		(!process->parent ||
		 !memcmp(&known->parent, process->parent, sizeof *process->parent));
}

static void process_learn(struct process_text *known, const struct process *process)
{
	memcpy(&known->process, process, sizeof *process);
	if (process->parent)
		memcpy(&known->parent, process->parent, sizeof *process->parent);
	json_writer_reset(&known->own);
	json_writer_reset(&known->above);
	object_write(OBJECT_process, process, false, &known->own);
	above_write(process, false, &known->above);
	known->known = true;
}

static void known_put(const struct json_writer *known, struct json_writer *out)
{
	if (known->n)
		json_raw(out, (struct text){known->at, known->n});
}

void event_write_with(const struct event *event, struct process_text *known,
	struct json_writer *out)
{
	if (!event->process || begins_program(event->kind)) {
		event_write(event, out);
		return;
	}
	if (!is_known(known, event->process))
		process_learn(known, event->process);
	json_object_open(out);
	frame_write(event, out);
	for (unsigned object = 0; object < OBJECTS; object++)
		if (object == OBJECT_process)
			known_put(&known->own, out);
		else
			object_write(object, event_object(event, object), true, out);
	known_put(&known->above, out);
	json_object_close(out);
}

void process_text_forget(struct process_text *text)
{
	text->known = false;
}

void process_text_clear(struct process_text *text)
{
	json_writer_clear(&text->own);
	json_writer_clear(&text->above);
	text->known = false;
}
