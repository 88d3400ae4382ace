// SPDX-License-Identifier: Apache-2.0
// What a field of a question means in an event.

#include <stdio.h>
#include <strings.h>

#include "base/own.h"
#include "hunt/field.h"

enum { SECOND = 1000000000, ANCESTORS = 16, YEARS = 100 };

static const struct {
	const char *name;
	enum hunt_owner owner;
	enum field_type type;
} frame[HUNT_FRAME_NAMES] = {
	{"@timestamp", OWNER_time, FIELD_time},
	{"event.kind", OWNER_kind, FIELD_text},
	{"event.action", OWNER_action, FIELD_text},
	{"event.sequence", OWNER_sequence, FIELD_number},
	{"event.source", OWNER_source, FIELD_text},
	{"event.via", OWNER_via, FIELD_text},
	{"event.truncated", OWNER_truncated, FIELD_flag},
};

const char *const hunt_frame_names[HUNT_FRAME_NAMES] = {"@timestamp", "event.kind",
	"event.action", "event.sequence", "event.source", "event.via", "event.truncated"};

static bool is_named(struct text name, const char *known)
{
	return name.n == strlen(known) && !strncasecmp(name.at, known, name.n);
}

/* "parent.pid" is process.pid of the parent. */
static const struct field *field_of_process(struct text name)
{
	char full[96];
	const struct field *field;

	if (name.n + sizeof "process." > sizeof full)
		return NULL;
	snprintf(full, sizeof full, "process.%.*s", (int)name.n, name.at);
	field = field_by_json(text_of(full));
	return field && field->object == OBJECT_process ? field : NULL;
}

static bool relative_find(struct text name, struct hunt_field *field)
{
	static const struct {
		const char *start;
		enum hunt_owner owner;
	} starts[] = {{"parent.", OWNER_parent}, {"process.parent.", OWNER_parent},
		{"ancestors.", OWNER_ancestors}};
	static const struct {
		const char *name, *json;
		enum hunt_owner owner;
	} sigma[] = {{"ParentImage", "executable", OWNER_parent},
		{"ParentCommandLine", "command_line", OWNER_parent},
		{"ParentUser", "user.name", OWNER_parent},
		{"ParentProcessId", "pid", OWNER_parent},
		{"ParentProcessGuid", "entity_id", OWNER_parent},
		{"AncestorImage", "executable", OWNER_ancestors},
		{"AncestorCommandLine", "command_line", OWNER_ancestors}};

	for (size_t i = 0; i < array_size(starts); i++) {
		size_t n = strlen(starts[i].start);

		if (name.n <= n || strncasecmp(name.at, starts[i].start, n))
			continue;
		field->owner = starts[i].owner;
		field->field = field_of_process((struct text){name.at + n, name.n - n});
	}
	for (size_t i = 0; i < array_size(sigma); i++)
		if (is_named(name, sigma[i].name)) {
			field->owner = sigma[i].owner;
			field->field = field_of_process(text_of(sigma[i].json));
		}
	return field->field;
}

bool hunt_field_find(struct text name, struct hunt_field *field)
{
	*field = (struct hunt_field){.name = name};
	for (size_t i = 0; i < array_size(frame); i++)
		if (is_named(name, frame[i].name)) {
			*field = (struct hunt_field){.owner = frame[i].owner,
				.type = frame[i].type, .name = text_of(frame[i].name)};
			return true;
		}
	if (!relative_find(name, field)) {
		field->owner = OWNER_event;
		field->field = field_by_json(name);
		if (!field->field)
			field->field = field_by_sigma(name);
		/* the user that ECS means is the process's */
		if (!field->field && (text_starts(name, TEXT("user.")) ||
					     text_starts(name, TEXT("group."))))
			field->field = field_of_process(name);
		if (!field->field)
			return false;
		field->name = text_of(field->field->json);
	}
	field->type = field->field->type == FIELD_list ? FIELD_text : field->field->type;
	return true;
}

bool hunt_duration(struct text text, int64_t *duration)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
	int64_t n;

	if (text.n < 2 || !text_number((struct text){text.at, text.n - 1}, &n) || n < 1)
		return false;
	for (size_t i = 0; i < array_size(units); i++)
		if (text.at[text.n - 1] == units[i].unit) {
			if (n > YEARS * INT64_C(31557600) / units[i].seconds)
				return false;
			*duration = n * units[i].seconds * SECOND;
			return true;
		}
	return false;
}

bool hunt_time(struct text text, event_time now, bool end, event_time *time)
{
	static const struct {
		size_t n;
		const char *rest;
		int64_t span;
	} forms[] = {{10, "T00:00:00Z", 86400}, {16, ":00Z", 60}, {19, "Z", 1}, {20, "", 1}};
	int64_t ago;
	char full[64];

	if (hunt_duration(text, &ago)) {
		*time = now - ago;
		return true;
	}
	for (size_t i = 0; i < array_size(forms); i++) {
		if (text.n != forms[i].n)
			continue;
		snprintf(full, sizeof full, "%.*s%s", (int)text.n, text.at, forms[i].rest);
		if (!time_read(text_of(full), time))
			continue;
		*time += end ? forms[i].span * SECOND - 1 : 0;
		return true;
	}
	return time_read(text, time);
}

/* The values of one field of one object. */
static bool object_values(
	const struct field *field, const void *object, hunt_each *each, void *context)
{
	const char *value = (const char *)object + field->offset;
	char buffer[FIELD_BUFFER];

	switch (field->type) {
	case FIELD_flag: return each(context, (struct text){0}, *(const bool *)value);
	case FIELD_number:
	case FIELD_time:
		return *(const int64_t *)value == NUMBER_NONE ||
			each(context, (struct text){0}, *(const int64_t *)value);
	case FIELD_list: {
		struct text_list list = field_list(field, object);

		for (size_t i = 0; i < list.n; i++)
			if (!each(context, list.at[i], 0))
				return false;
		return true;
	}
	default:
		return !field_known(field, object) ||
			each(context, field_text(field, object, buffer), 0);
	}
}

static void text_give(const char *string, hunt_each *each, void *context)
{
	if (string)
		each(context, text_of(string), 0);
}

/* Each of those above, the nearest first; an earlier program of the same process is one. */
static void ancestors_values(
	const struct event *event, const struct field *field, hunt_each *each, void *context)
{
	const struct process *process = event->process ? process_up(event->process) : NULL;

	for (int i = 0; process && i < ANCESTORS; i++, process = process_up(process))
		if (!object_values(field, process, each, context))
			return;
}

void hunt_values(const struct event *event, const struct hunt_field *field, hunt_each *each,
	void *context)
{
	const void *object;

	switch (field->owner) {
	case OWNER_time: each(context, (struct text){0}, event->time); break;
	case OWNER_kind: text_give(kinds[event->kind].name, each, context); break;
	case OWNER_action: text_give(kinds[event->kind].action, each, context); break;
	case OWNER_sequence:
		if (event->sequence != NUMBER_NONE)
			each(context, (struct text){0}, event->sequence);
		break;
	case OWNER_source:
		text_give(event->source ? event->source : "live", each, context);
		break;
	case OWNER_via: text_give(event->via, each, context); break;
	case OWNER_truncated: each(context, (struct text){0}, event->truncated); break;
	case OWNER_event:
		object = event_object(event, field->field->object);
		if (object)
			object_values(field->field, object, each, context);
		break;
	case OWNER_parent:
		if (event->process && event->process->parent)
			object_values(field->field, event->process->parent, each, context);
		break;
	case OWNER_ancestors: ancestors_values(event, field->field, each, context); break;
	}
}

struct joining {
	const struct hunt_field *field;
	struct arena *arena;
	struct text text;
};

static struct text number_text(
	enum field_type type, int64_t number, struct arena *arena)
{
	char buffer[FIELD_BUFFER];

	if (type == FIELD_time)
		return arena_copy(arena, time_text(number, buffer));
	if (type == FIELD_flag)
		return number ? TEXT("true") : TEXT("false");
	return arena_format(arena, "%lld", (long long)number);
}

static bool join(void *context, struct text text, int64_t number)
{
	struct joining *joining = context;
	enum field_type type = joining->field->type;

	if (type == FIELD_number || type == FIELD_time || type == FIELD_flag)
		text = number_text(type, number, joining->arena);
	else
		text = arena_copy(joining->arena, text.at ? text : TEXT(""));
	if (!joining->text.at)
		joining->text = text;
	else
		joining->text = arena_format(joining->arena, "%.*s %.*s", (int)joining->text.n,
			joining->text.at, (int)text.n, text.at);
	return true;
}

struct text hunt_text(
	const struct event *event, const struct hunt_field *field, struct arena *arena)
{
	struct joining joining = {.field = field, .arena = arena};

	hunt_values(event, field, join, &joining);
	return joining.text;
}
