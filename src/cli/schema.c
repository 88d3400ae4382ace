// SPDX-License-Identifier: Apache-2.0
// `saker schema`: the kinds of events by class; with --json the JSON Schema (2020-12) of an event.

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/own.h"
#include "cli/command.h"
#include "event/event.h"

/* How a value of that type looks in JSON. */
static void type_schema(enum field_type type, struct json_writer *out)
{
	switch (type) {
	case FIELD_number: json_pair(out, "type", "integer"); break;
	case FIELD_flag: json_pair(out, "type", "boolean"); break;
	case FIELD_list:
		json_pair(out, "type", "array");
		json_key(out, TEXT("items"));
		json_object_open(out);
		json_pair(out, "type", "string");
		json_object_close(out);
		break;
	case FIELD_time:
		json_pair(out, "type", "string");
		json_pair(out, "format", "date-time");
		break;
	default: json_pair(out, "type", "string"); break;
	}
}

static void property(const char *name, enum field_type type, const char *sentence,
	struct json_writer *out)
{
	json_key(out, text_of(name));
	json_object_open(out);
	type_schema(type, out);
	json_pair(out, "description", sentence);
	json_object_close(out);
}

/* The kind is one of the table's names, the others are of a type. */
static void frame_property(const char *name, enum field_type type, const char *sentence,
	struct json_writer *out)
{
	if (strcmp(name, "event.kind")) {
		property(name, type, sentence, out);
		return;
	}
	json_key(out, text_of(name));
	json_object_open(out);
	json_key(out, TEXT("enum"));
	json_array_open(out);
	for (unsigned i = 0; i < EVENT_KINDS; i++)
		json_string(out, text_of(kinds[i].name));
	json_array_close(out);
	json_pair(out, "description", sentence);
	json_object_close(out);
}

static void parent_property(const char *name, struct json_writer *out)
{
	char of_process[64], of_parent[64];
	const struct field *field;

	snprintf(of_process, sizeof of_process, "process.%s", name);
	snprintf(of_parent, sizeof of_parent, "parent.%s", name);
	field = field_by_json(text_of(of_process));
	property(of_parent, field->type, field->sentence, out);
}

static void properties(struct json_writer *out)
{
	json_object_open(out);
#define FRAME(type, json, sentence) frame_property(json, FIELD_##type, sentence, out);
#include "event/frame.def"
#undef FRAME
	for (unsigned i = 0; i < field_count; i++)
		property(fields[i].json, fields[i].type, fields[i].sentence, out);
#define PARENT(name) parent_property(name, out);
#include "event/parent.def"
#undef PARENT
	json_object_close(out);
}

static void schema_json(struct json_writer *out)
{
	json_object_open(out);
	json_pair(out, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_pair(out, "title", "an event of saker");
	json_pair(out, "type", "object");
	json_key(out, TEXT("required"));
	json_array_open(out);
	json_string(out, TEXT("event.kind"));
	json_array_close(out);
	json_key(out, TEXT("properties"));
	properties(out);
	json_object_close(out);
}

static void kind_line(const struct kind *kind)
{
	printf("  %-18s %-20s %-20s %4d:%-3d %s\n", kind->name,
		*kind->category ? kind->category : "-", kind->action, kind->ocsf_class,
		kind->ocsf_activity, kind->sentence);
}

static void schema_text(void)
{
	for (unsigned class_ = 0; class_ < EVENT_CLASSES; class_++) {
		printf("%s%s\n  %-18s %-20s %-20s %-8s\n", class_ ? "\n" : "",
			class_names[class_], "kind", "Sigma category", "ECS action", "OCSF");
		for (unsigned i = 0; i < EVENT_KINDS; i++)
			if (kinds[i].class_ == class_)
				kind_line(&kinds[i]);
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
