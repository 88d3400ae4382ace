// SPDX-License-Identifier: Apache-2.0
// Findings: what has to be told of a record that some rule matched.

#include <stdio.h>

#include "base/own.h"
#include "cli/scan/finding.h"

const char *const glance_names[GLANCES] = {
#define GLANCE(name, ...) #name,
#include "cli/scan/glance.def"
#undef GLANCE
};

enum { NAMES_PER_GLANCE = 8, TOLD_MAX = 4096 };

static const char *const names[GLANCES][NAMES_PER_GLANCE] = {
#define GLANCE(name, ...) {__VA_ARGS__},
#include "cli/scan/glance.def"
#undef GLANCE
};

static struct text told_copy(struct arena *arena, struct text text)
{
	if (text.n > TOLD_MAX)
		text.n = TOLD_MAX;
	return arena_copy(arena, text);
}

struct finding *finding_new(struct arena *arena, const struct record *record,
	const struct rule **rules, size_t n, bool with_json, struct json_writer *scratch)
{
	struct finding *finding = arena_new(arena, struct finding);

	*finding = (struct finding){
		.rules = arena_alloc(arena, n * sizeof *rules),
		.n = n,
		.number = record->number,
		.time = record_time(record),
		.time_text = told_copy(arena, record->time_text),
		.host = told_copy(arena, record->host),
		.channel = told_copy(arena, record->channel),
		.event_id = record->event_id,
		.marks = record->marks,
	};
	memcpy(finding->rules, rules, n * sizeof *rules);
	for (unsigned g = 0; g < GLANCES; g++)
		for (unsigned i = 0; i < NAMES_PER_GLANCE && names[g][i]; i++) {
			struct text value = record_get(record, names[g][i]);

			if (!value.n || text_is(value, "-"))
				continue;
			finding->told[g] = told_copy(arena, value);
			break;
		}
	if (with_json) {
		json_writer_reset(scratch);
		record_write(record, scratch);
		finding->json = arena_copy(arena, (struct text){scratch->at, scratch->n});
	}
	return finding;
}

struct text finding_time(const struct finding *finding, struct arena *arena)
{
	char *text;

	if (finding->time == NUMBER_NONE)
		return finding->time_text;
	text = arena_alloc(arena, FIELD_BUFFER);
	time_text(finding->time, text);
	memcpy(text + 23, "Z", 2); /* milliseconds are what people read */
	return (struct text){text, 24};
}
