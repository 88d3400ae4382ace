// SPDX-License-Identifier: Apache-2.0
// `saker schema`: the kinds of events by class; with --json the JSON Schema (2020-12) of an event.

#include <stdio.h>

#include "base/json.h"
#include "base/own.h"
#include "cli/command.h"
#include "event/event.h"

static void pair(struct json_writer *out, const char *key, const char *value)
{
	json_key(out, text_of(key));
	json_string(out, text_of(value));
}

/* How a value of that type looks in JSON. */
static void type_schema(enum field_type type, struct json_writer *out)
{
	switch (type) {
	case FIELD_number: pair(out, "type", "integer"); break;
	case FIELD_flag: pair(out, "type", "boolean"); break;
	case FIELD_list:
		pair(out, "type", "array");
		json_key(out, TEXT("items"));
		json_object_open(out);
		pair(out, "type", "string");
		json_object_close(out);
		break;
	case FIELD_time:
		pair(out, "type", "string");
		pair(out, "format", "date-time");
		break;
	default: pair(out, "type", "string"); break;
	}
}

static void property(const char *name, enum field_type type, const char *sentence,
	struct json_writer *out)
{
	json_key(out, text_of(name));
	json_object_open(out);
	type_schema(type, out);
	pair(out, "description", sentence);
	json_object_close(out);
}

static void kind_property(struct json_writer *out)
{
	json_key(out, TEXT("event.kind"));
	json_object_open(out);
	json_key(out, TEXT("enum"));
	json_array_open(out);
	for (unsigned i = 0; i < EVENT_KINDS; i++)
		json_string(out, text_of(kinds[i].name));
	json_array_close(out);
	json_object_close(out);
}

static void schema_json(struct json_writer *out)
{
	json_object_open(out);
	pair(out, "$schema", "https://json-schema.org/draft/2020-12/schema");
	pair(out, "title", "an event of saker");
	pair(out, "type", "object");
	json_key(out, TEXT("required"));
	json_array_open(out);
	json_string(out, TEXT("event.kind"));
	json_array_close(out);
	json_key(out, TEXT("properties"));
	json_object_open(out);
	property("@timestamp", FIELD_time, "when it happened", out);
	kind_property(out);
	property("event.action", FIELD_text, "the ECS action of the kind", out);
	property("event.sequence", FIELD_number, "number of the event since saker started", out);
	property("event.source", FIELD_text, "live if absent, else iterator or log", out);
	property("event.truncated", FIELD_flag, "some value was longer than what is kept", out);
	property("ancestors.executable", FIELD_list, "programs of the ancestors, nearest first",
		out);
	property("ancestors.command_line", FIELD_list,
		"their command lines, at most 256 bytes each", out);
	for (unsigned i = 0; i < field_count; i++)
		property(fields[i].json, fields[i].type, fields[i].sentence, out);
	json_object_close(out);
	json_object_close(out);
}

static void schema_text(void)
{
	for (unsigned class_ = 0; class_ < EVENT_CLASSES; class_++) {
		printf("%s%s\n  %-18s %-20s %-20s %-8s\n", class_ ? "\n" : "", class_names[class_],
			"kind", "Sigma category", "ECS action", "OCSF");
		for (unsigned i = 0; i < EVENT_KINDS; i++)
			if (kinds[i].class_ == class_)
				printf("  %-18s %-20s %-20s %4d:%-3d %s\n", kinds[i].name,
					*kinds[i].category ? kinds[i].category : "-",
					kinds[i].action, kinds[i].ocsf_class,
					kinds[i].ocsf_activity, kinds[i].sentence);
	}
	printf("\nobjects\n");
	for (unsigned i = 0; i < OBJECTS; i++)
		printf("  %-18s %s\n", object_names[i], object_sentences[i]);
}

int command_schema(struct invocation *invocation)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	if (invocation->argc > 1)
		return usage(invocation);
	if (!invocation->json) {
		schema_text();
		return EXIT_done;
	}
	schema_json(&out);
	printf("%.*s\n", (int)out.n, out.at);
	return EXIT_done;
}
