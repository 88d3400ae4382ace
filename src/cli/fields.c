// SPDX-License-Identifier: Apache-2.0
// `saker fields`: the fields of an event, with their names elsewhere, from the tables.

#include <stdio.h>

#include "base/json.h"
#include "base/own.h"
#include "cli/command.h"
#include "event/event.h"

static const char *const type_names[] = {
	"text", "list", "number", "flag", "time", "id", "address",
};

/* What stands beside the fields of objects, as if it were an object's too. */
static const struct frame {
	enum field_type type;
	const char *json, *sentence;
} frame[] = {
#define FRAME(type, json, sentence) {FIELD_##type, json, sentence},
#include "event/frame.def"
#undef FRAME
};

static void line_json(const char *object, const struct field *field)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	json_object_open(&out);
	json_pair(&out, "object", object);
	json_pair(&out, "type", type_names[field->type]);
	json_pair(&out, "json", field->json);
	json_pair(&out, "sigma", field->sigma);
	json_pair(&out, "ocsf", field->ocsf);
	json_pair(&out, "sentence", field->sentence);
	json_object_close(&out);
	printf("%.*s\n", (int)out.n, out.at);
}

static void line_text(const struct field *field)
{
	printf("  %-36s %-20s %-8s %s\n", field->json, *field->sigma ? field->sigma : "-",
		type_names[field->type], field->sentence);
}

static void line(bool json, const char *object, const struct field *field)
{
	if (json)
		line_json(object, field);
	else
		line_text(field);
}

static void heading(bool json, const char *object, const char *sentence)
{
	if (!json)
		printf("\n%s: %s\n  %-36s %-20s type\n", object, sentence, "JSON", "Sigma");
}

static void frame_print(bool json)
{
	heading(json, "event", "what every event may say, whatever its objects");
	for (size_t i = 0; i < array_size(frame); i++)
		line(json, "event", &(struct field){.type = frame[i].type, .json = frame[i].json,
			.sigma = "", .ocsf = "", .sentence = frame[i].sentence});
}

int command_fields(struct invocation *invocation)
{
	bool json = invocation->json;

	if (invocation->argc > 1)
		return usage(invocation);
	if (!json)
		printf("JSON names are ECS names where ECS has the field. The parent's fields are "
		       "parent.* in JSON and Parent* in rules;\nany ancestor's are Ancestor* in "
		       "rules. OCSF names: --json.\n");
	frame_print(json);
	for (unsigned i = 0; i < field_count; i++) {
		enum object object = fields[i].object;

		if (!i || object != fields[i - 1].object)
			heading(json, object_names[object], object_sentences[object]);
		line(json, object_names[object], &fields[i]);
	}
	return EXIT_done;
}
