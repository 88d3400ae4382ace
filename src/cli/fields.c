// SPDX-License-Identifier: Apache-2.0
// `saker fields`: the fields of an event, with their names elsewhere, from the tables.

#include <stdio.h>

#include "base/json.h"
#include "cli/command.h"
#include "event/event.h"

static const char *const type_names[] = {"text", "list", "number", "flag", "time", "id",
	"address"};

static void pair(struct json_writer *out, const char *key, const char *value)
{
	json_key(out, text_of(key));
	json_string(out, text_of(value));
}

static void field_json(const struct field *field, struct json_writer *out)
{
	json_writer_reset(out);
	json_object_open(out);
	pair(out, "object", object_names[field->object]);
	pair(out, "type", type_names[field->type]);
	pair(out, "json", field->json);
	pair(out, "sigma", field->sigma);
	pair(out, "ocsf", field->ocsf);
	pair(out, "sentence", field->sentence);
	json_object_close(out);
	printf("%.*s\n", (int)out->n, out->at);
}

static void field_line(const struct field *field)
{
	printf("  %-36s %-20s %-8s %s\n", field->json, *field->sigma ? field->sigma : "-",
		type_names[field->type], field->sentence);
}

int command_fields(struct invocation *invocation)
{
	struct json_writer out = {0};

	if (invocation->argc > 1)
		return usage(invocation);
	if (!invocation->json)
		printf("JSON names are ECS names where ECS has the field. The parent's fields are "
		       "parent.* "
		       "in JSON and Parent* in rules;\nany ancestor's are Ancestor* in rules. "
		       "OCSF names: "
		       "--json.\n");
	for (unsigned i = 0; i < field_count; i++) {
		if (invocation->json) {
			field_json(&fields[i], &out);
			continue;
		}
		if (!i || fields[i].object != fields[i - 1].object)
			printf("\n%s: %s\n  %-36s %-20s %-8s\n", object_names[fields[i].object],
				object_sentences[fields[i].object], "JSON", "Sigma", "type");
		field_line(&fields[i]);
	}
	json_writer_clear(&out);
	return EXIT_done;
}
