// SPDX-License-Identifier: Apache-2.0
// An event from the JSON that event_write makes.

#include "event/event.h"

enum { LIST_MAX = 65536, ANCESTORS_MAX = 16 };

struct reading {
	struct json_reader json;
	struct arena *arena;
	struct event *event;
	struct process *process, *parent; /* NULL until one of their fields comes */
	struct text_list executables, command_lines; /* of the ancestors */
	bool kind_known;
};

/* Reads an array of strings whose '[' was taken. Other elements are skipped. */
static bool list_read(struct reading *in, struct text_list *list)
{
	size_t n = 0, size = 8;
	struct text *at = arena_alloc(in->arena, size * sizeof *at);
	enum json_token token;

	while ((token = json_next(&in->json)) != JSON_ARRAY_CLOSE) {
		if (token != JSON_STRING) {
			if (!json_skip(&in->json, token))
				return false;
			continue;
		}
		if (n == LIST_MAX)
			continue;
		if (n == size) {
			struct text *more = arena_alloc(in->arena, 2 * size * sizeof *more);

			memcpy(more, at, n * sizeof *at);
			at = more;
			size *= 2;
		}
		at[n++] = in->json.text;
	}
	*list = (struct text_list){at, n};
	return true;
}

static void *object_of(struct reading *in, enum object object)
{
	struct event *event = in->event;

	switch (object) {
	case OBJECT_process:
		if (!in->process)
			event->process = in->process = process_new(in->arena);
		return in->process;
	case OBJECT_file: return event->file ? event->file : (event->file = file_new(in->arena));
	case OBJECT_network:
		return event->network ? event->network : (event->network = network_new(in->arena));
	case OBJECT_dns: return event->dns ? event->dns : (event->dns = dns_new(in->arena));
	case OBJECT_call: return event->call ? event->call : (event->call = call_new(in->arena));
	case OBJECT_target:
		return event->target ? event->target : (event->target = target_new(in->arena));
	case OBJECT_login:
		return event->login ? event->login : (event->login = login_new(in->arena));
	case OBJECT_detection:
		return event->detection ? event->detection
					: (event->detection = detection_new(in->arena));
	case OBJECT_sensor:
		return event->sensor ? event->sensor : (event->sensor = sensor_new(in->arena));
	case OBJECTS: break;
	}
	return NULL;
}

/* Puts a value into its place; one of another type, or that cannot be read, leaves the field
 * unknown. */
static bool value_read(struct reading *in, const struct field *field, void *object)
{
	void *value = (char *)object + field->offset;
	enum json_token token = json_next(&in->json);
	struct text text = in->json.text;

	if (field->type == FIELD_list && token == JSON_ARRAY_OPEN)
		return list_read(in, value);
	if (field->type == FIELD_flag && (token == JSON_TRUE || token == JSON_FALSE))
		*(bool *)value = token == JSON_TRUE;
	else if (field->type == FIELD_number && token == JSON_NUMBER)
		text_number(text, value);
	else if (token != JSON_STRING)
		return json_skip(&in->json, token);
	else if (field->type == FIELD_text)
		*(struct text *)value = text;
	else if (field->type == FIELD_time)
		time_read(text, value);
	else if (field->type == FIELD_id)
		entity_read(text, value);
	else if (field->type == FIELD_address)
		address_read(text, value);
	return true;
}

static bool parent_value_read(struct reading *in, struct text key)
{
	char name[64] = "process.";
	const struct field *field = NULL;

	key = (struct text){key.at + strlen("parent."), key.n - strlen("parent.")};
	if (key.n < sizeof name - strlen(name)) {
		memcpy(name + strlen(name), key.at, key.n);
		field = field_by_json((struct text){name, strlen("process.") + key.n});
	}
	if (!field || field->object != OBJECT_process)
		return json_skip(&in->json, json_next(&in->json));
	if (!in->parent)
		in->parent = process_new(in->arena);
	return value_read(in, field, in->parent);
}

static bool is_frame(struct text key)
{
	return text_starts(key, TEXT("@")) || text_starts(key, TEXT("event.")) ||
	       text_starts(key, TEXT("ancestors."));
}

/* The keys that belong to no object. Anything else is skipped. */
static bool other_read(struct reading *in, struct text key)
{
	enum json_token token = json_next(&in->json);
	struct text text = in->json.text;

	if (token == JSON_ARRAY_OPEN && text_is(key, "ancestors.executable"))
		return list_read(in, &in->executables);
	if (token == JSON_ARRAY_OPEN && text_is(key, "ancestors.command_line"))
		return list_read(in, &in->command_lines);
	if (token == JSON_NUMBER && text_is(key, "event.sequence"))
		text_number(text, &in->event->sequence);
	else if (token == JSON_TRUE && text_is(key, "event.truncated"))
		in->event->truncated = true;
	else if (token == JSON_STRING && text_is(key, "@timestamp"))
		time_read(text, &in->event->time);
	else if (token == JSON_STRING && text_is(key, "event.source"))
		in->event->source = arena_copy(in->arena, text).at;
	else if (token == JSON_STRING && text_is(key, "event.via"))
		in->event->via = arena_copy(in->arena, text).at;
	else if (token == JSON_STRING && text_is(key, "event.kind")) {
		enum event_kind kind = kind_by_name(text);

		in->kind_known = kind != EVENT_KINDS;
		if (in->kind_known)
			in->event->kind = kind;
	} else
		return json_skip(&in->json, token);
	return true;
}

/* The chain upwards: the parent with what it said of itself, then the others with what the lists
 * say. */
static void ancestors_link(struct reading *in)
{
	struct process *below = in->process;
	bool linked = false;

	for (size_t i = 0; below && i < in->executables.n && i < ANCESTORS_MAX; i++) {
		bool is_parent = !linked && in->parent &&
			text_equal(in->parent->executable, in->executables.at[i]);
		struct process *up = is_parent ? in->parent : process_new(in->arena);

		if (!is_parent) {
			if (in->executables.at[i].n)
				up->executable = in->executables.at[i];
			if (i < in->command_lines.n)
				up->command_line = in->command_lines.at[i];
		}
		if (in->parent && !linked && !is_parent)
			below->previous = up; /* an earlier image stands before the parent */
		else
			below->parent = up;
		linked |= is_parent;
		below = up;
	}
	if (in->process && in->parent)
		in->process->parent = in->parent;
}

struct event *event_read(struct text json, struct arena *arena, struct error *err)
{
	struct reading in = {.arena = arena, .event = event_new(arena, EVENT_KINDS)};
	enum json_token token;

	json_reader_init(&in.json, json, arena);
	if (json_next(&in.json) != JSON_OBJECT_OPEN)
		return fail_null(err, "no JSON object");
	while ((token = json_next(&in.json)) == JSON_KEY) {
		struct text key = in.json.text;
		const struct field *field;
		bool read;

		if (text_starts(key, TEXT("parent.")))
			read = parent_value_read(&in, key);
		else if (is_frame(key))
			read = other_read(&in, key);
		else if ((field = field_by_json(key)))
			read = value_read(&in, field, object_of(&in, field->object));
		else
			read = json_skip(&in.json, json_next(&in.json));
		if (!read)
			break;
	}
	if (in.json.error.text[0])
		return fail_null(err, "%s", in.json.error.text);
	if (json_next(&in.json) != JSON_END)
		return fail_null(err, "%s", in.json.error.text[0] ? in.json.error.text : "no end");
	if (!in.kind_known)
		return fail_null(err, "no 'event.kind' that saker knows");
	ancestors_link(&in);
	return in.event;
}
