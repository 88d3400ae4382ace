// SPDX-License-Identifier: Apache-2.0
// From field names to the values of a typed event.

#include <stdio.h>
#include <strings.h>

#include "base/own.h"
#include "detect/sigma/binding.h"

static bool same(struct text a, const char *b)
{
	return b[0] && a.n == strlen(b) && !strncasecmp(a.at, b, a.n);
}

static void fields_bind(struct binding *binding, struct text name, bool process_only,
	enum relation relation)
{
	if (binding->n)
		return;
	for (unsigned i = 0; i < field_count && binding->n < BINDING_FIELDS; i++) {
		if (!same(name, fields[i].sigma) && !same(name, fields[i].json))
			continue;
		if (process_only && fields[i].object != OBJECT_process)
			continue;
		binding->relation = relation;
		binding->hash_named |= same(name, "Hashes");
		binding->fields[binding->n++] = fields + i;
	}
}

/* A JSON name of a process without its "process." in front. */
static void short_bind(struct binding *binding, struct text rest, enum relation relation)
{
	char name[128];

	if (rest.n >= sizeof name - 8)
		return;
	memcpy(name, "process.", 8);
	memcpy(name + 8, rest.at, rest.n);
	fields_bind(binding, (struct text){name, rest.n + 8}, true, relation);
}

static void related_bind(struct binding *binding, struct text name, struct text before,
	enum relation relation)
{
	struct text rest = {name.at + before.n, name.n - before.n};

	if (name.n <= before.n || strncasecmp(name.at, before.at, before.n))
		return;
	fields_bind(binding, rest, true, relation);
	short_bind(binding, rest, relation);
}

struct binding binding_find(struct text name)
{
	struct binding binding = {0};

	if (!name.n)
		return (struct binding){.relation = RELATION_keywords};
	if (same(name, "event.kind"))
		return (struct binding){.relation = RELATION_kind};
	if (same(name, "event.action"))
		return (struct binding){.relation = RELATION_action};
	if (same(name, "event.via"))
		return (struct binding){.relation = RELATION_via};
	if (same(name, "@timestamp") || same(name, "UtcTime"))
		return (struct binding){.relation = RELATION_time};
	fields_bind(&binding, name, false, RELATION_self);
	related_bind(&binding, name, TEXT("process.parent."), RELATION_parent);
	related_bind(&binding, name, TEXT("parent."), RELATION_parent);
	related_bind(&binding, name, TEXT("Parent"), RELATION_parent);
	related_bind(&binding, name, TEXT("ancestors."), RELATION_ancestors);
	related_bind(&binding, name, TEXT("Ancestor"), RELATION_ancestors);
	return binding;
}

/* The name of a process's field with something before it: "Parent" or "parent.". */
static void related_name(const char *before, struct text rest,
	void (*each)(void *context, struct text name), void *context)
{
	char name[128];
	int n = snprintf(name, sizeof name, "%s%.*s", before, (int)rest.n, rest.at);

	if (rest.n && n > 0 && (size_t)n < sizeof name)
		each(context, (struct text){name, (size_t)n});
}

static struct text short_name(const char *json)
{
	struct text name = text_of(json);

	if (text_starts(name, TEXT("process.")))
		return (struct text){name.at + 8, name.n - 8};
	return name;
}

void binding_names(const struct binding *binding, void (*each)(void *context, struct text name),
	void *context)
{
	if (binding->relation == RELATION_time) {
		each(context, TEXT("@timestamp"));
		each(context, TEXT("UtcTime"));
	}
	for (unsigned i = 0; i < binding->n; i++) {
		const struct field *field = binding->fields[i];
		struct text rest = short_name(field->json), sigma = text_of(field->sigma);

		switch (binding->relation) {
		case RELATION_self:
			related_name("", text_of(field->json), each, context);
			related_name("", sigma, each, context);
			break;
		case RELATION_parent:
			related_name("parent.", rest, each, context);
			related_name("process.parent.", rest, each, context);
			related_name("Parent", sigma, each, context);
			break;
		case RELATION_ancestors:
			related_name("ancestors.", rest, each, context);
			related_name("Ancestor", sigma, each, context);
			break;
		default:
			break;
		}
	}
}

static enum value_kind kind_of(enum field_type type)
{
	return type == FIELD_number ? VALUE_number : type == FIELD_flag ? VALUE_flag : VALUE_text;
}

/* As Sysmon writes them in `Hashes`. */
static const char *hash_name(const struct field *field)
{
	if (!strcmp(field->name, "md5"))
		return "MD5";
	return strcmp(field->name, "sha1") ? "SHA256" : "SHA1";
}

static void value_add(const struct field *field, const void *object, bool hash_named,
	struct row *row, uint32_t number)
{
	struct text_list list;
	struct text text;

	if (field->type == FIELD_list) {
		list = field_list(field, object);
		for (size_t i = 0; i < list.n; i++)
			row_add(row, number, VALUE_text, list.at[i], 1);
		return;
	}
	text = field_text(field, object, field->type == FIELD_text ? NULL :
		arena_alloc(&row->arena, FIELD_BUFFER));
	if (!text.at)
		return;
	if (hash_named)
		text = arena_format(&row->arena, "%s=%.*s", hash_name(field), (int)text.n,
			text.at);
	row_add(row, number, kind_of(field->type), text, 1);
}

static void values_add(const struct binding *binding, const struct event *event, struct row *row,
	uint32_t number)
{
	for (unsigned i = 0; i < binding->n; i++) {
		const void *object = event_object(event, binding->fields[i]->object);

		if (!object)
			continue;
		value_add(binding->fields[i], object, binding->hash_named, row, number);
		return;
	}
}

/* Numbers, times and ids are left out: keywords are words, and these would have to be spelled. */
static void keywords_add(const struct event *event, struct row *row, uint32_t number)
{
	for (unsigned i = 0; i < field_count; i++) {
		const void *object = event_object(event, fields[i].object);

		if (fields[i].type != FIELD_text && fields[i].type != FIELD_list)
			continue;
		if (object && field_known(fields + i, object))
			value_add(fields + i, object, false, row, number);
	}
}

static void ancestors_add(const struct binding *binding, const struct event *event,
	struct row *row, uint32_t number)
{
	const struct process *process = event->process ? process_up(event->process) : NULL;

	for (unsigned i = 0; process && i < ANCESTORS_MAX; i++, process = process_up(process))
		value_add(binding->fields[0], process, binding->hash_named, row, number);
}

static void time_add(const struct event *event, struct row *row, uint32_t number)
{
	if (event->time != NUMBER_NONE)
		row_add(row, number, VALUE_text,
			time_text(event->time, arena_alloc(&row->arena, FIELD_BUFFER)), 1);
}

void binding_fill(const struct binding *binding, const struct event *event, struct row *row,
	uint32_t number)
{
	switch (binding->relation) {
	case RELATION_none:
		break;
	case RELATION_self:
		values_add(binding, event, row, number);
		break;
	case RELATION_parent:
		if (event->process && event->process->parent)
			value_add(binding->fields[0], event->process->parent, binding->hash_named,
				row, number);
		break;
	case RELATION_ancestors:
		ancestors_add(binding, event, row, number);
		break;
	case RELATION_kind:
		row_add(row, number, VALUE_text, text_of(kinds[event->kind].name), 1);
		break;
	case RELATION_action:
		row_add(row, number, VALUE_text, text_of(kinds[event->kind].action), 1);
		break;
	case RELATION_via:
		if (event->via)
			row_add(row, number, VALUE_text, text_of(event->via), 1);
		break;
	case RELATION_time:
		time_add(event, row, number);
		break;
	case RELATION_keywords:
		keywords_add(event, row, number);
		break;
	}
}
