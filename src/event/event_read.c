// SPDX-License-Identifier: Apache-2.0
// An event from the JSON that event_write makes.

#include "event/making.h"

enum { LIST_MAX = 65536 };

struct reading {
	struct json_reader json;
	struct making made;
};

/* Reads an array of strings whose '[' was taken. Other elements are skipped. */
static bool list_read(struct reading *in, struct text_list *list)
{
	size_t n = 0, size = 8;
	struct text *at = arena_alloc(in->made.arena, size * sizeof *at);
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
			struct text *more = arena_alloc(in->made.arena, 2 * size * sizeof *more);

			memcpy(more, at, n * sizeof *at);
			at = more;
			size *= 2;
		}
		at[n++] = in->json.text;
	}
	*list = (struct text_list){at, n};
	return true;
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
	return value_read(in, field, making_parent(&in->made));
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
		return list_read(in, &in->made.executables);
	if (token == JSON_ARRAY_OPEN && text_is(key, "ancestors.command_line"))
		return list_read(in, &in->made.command_lines);
	if (token == JSON_NUMBER && text_is(key, "event.sequence"))
		text_number(text, &in->made.event->sequence);
	else if (token == JSON_TRUE && text_is(key, "event.truncated"))
		in->made.event->truncated = true;
	else if (token == JSON_STRING && text_is(key, "@timestamp"))
		time_read(text, &in->made.event->time);
	else if (token == JSON_STRING && text_is(key, "event.source"))
		in->made.event->source = arena_copy(in->made.arena, text).at;
	else if (token == JSON_STRING && text_is(key, "event.via"))
		in->made.event->via = arena_copy(in->made.arena, text).at;
	else if (token == JSON_STRING && text_is(key, "event.kind")) {
		enum event_kind kind = kind_by_name(text);

		in->made.kind_known = kind != EVENT_KINDS;
		if (in->made.kind_known)
			in->made.event->kind = kind;
	} else
		return json_skip(&in->json, token);
	return true;
}

struct event *event_read(struct text json, struct arena *arena, struct error *err)
{
	struct reading in = {.made = {.arena = arena, .event = event_new(arena, EVENT_KINDS)}};
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
			read = value_read(&in, field, making_object(&in.made, field->object));
		else
			read = json_skip(&in.json, json_next(&in.json));
		if (!read)
			break;
	}
	if (in.json.error.text[0])
		return fail_null(err, "%s", in.json.error.text);
	if (json_next(&in.json) != JSON_END)
		return fail_null(err, "%s", in.json.error.text[0] ? in.json.error.text : "no end");
	if (!making_end(&in.made))
		return fail_null(err, "no 'event.kind' that saker knows");
	return in.made.event;
}
