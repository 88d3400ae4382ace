// SPDX-License-Identifier: Apache-2.0
// Findings: what has to be told of a record that some rule matched.

#include <stdio.h>

#include "base/own.h"
#include "base/printable.h"
#include "cli/scan/finding.h"
#include "cli/scan/indicators.h"

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

struct glance_key {
	uint64_t key;
	unsigned glance, rank; /* which of the glance's names it is */
};

enum { KEYS = 256 };
static struct glance_key keys[KEYS]; /* open addressing; 0: free */

void finding_init(void)
{
	for (unsigned g = 0; g < GLANCES; g++)
		for (unsigned i = 0; i < NAMES_PER_GLANCE && names[g][i]; i++) {
			uint64_t key = name_key_add(NAME_KEY_START, text_of(names[g][i]));
			uint32_t at = key % KEYS;

			while (keys[at].key)
				at = (at + 1) % KEYS;
			keys[at] = (struct glance_key){key, g, i};
		}
}

static const struct glance_key *key_find(uint64_t key)
{
	for (uint32_t at = key % KEYS; keys[at].key; at = (at + 1) % KEYS)
		if (keys[at].key == key)
			return keys + at;
	return NULL;
}

static struct text told_copy(struct arena *arena, struct text text)
{
	if (text.n > TOLD_MAX)
		text.n = TOLD_MAX;
	return arena_copy(arena, text);
}

/*
 * Each glance gets the value of the first of its names that the record has. Names are found by
 * their keys, in one pass over the record.
 */
static void glances_take(struct finding *finding, const struct record *record,
	struct arena *arena)
{
	unsigned best[GLANCES];

	for (unsigned g = 0; g < GLANCES; g++)
		best[g] = NAMES_PER_GLANCE;
	for (size_t i = 0; i < record->n; i++) {
		const struct record_field *field = record->at + i;
		const struct glance_key *key = key_find(field->name->key);

		if (!key || field->kind >= VALUE_null || key->rank >= best[key->glance] ||
		    !field->value.n || text_is(field->value, "-"))
			continue;
		best[key->glance] = key->rank;
		finding->told[key->glance] = field->value;
	}
	for (unsigned g = 0; g < GLANCES; g++)
		finding->told[g] = told_copy(arena, finding->told[g]);
}

struct finding *finding_new(struct arena *arena, const struct record *record,
	const struct rule **rules, const struct exception **exceptions, size_t n, bool with_json,
	struct json_writer *scratch)
{
	struct finding *finding = arena_new(arena, struct finding);

	*finding = (struct finding){
		.rules = arena_alloc(arena, n * sizeof *rules),
		.exceptions = arena_alloc(arena, n * sizeof *exceptions),
		.notes = arena_alloc(arena, n * sizeof(struct finding_note)),
		.n = n,
		.number = record->number,
		.time = record_time(record),
		.time_text = told_copy(arena, record->time_text),
		.host = told_copy(arena, record->host),
		.channel = told_copy(arena, record->channel),
		.event_id = record->event_id,
		.marks = record->marks,
	};
	memset(finding->notes, 0, n * sizeof *finding->notes);
	memcpy(finding->rules, rules, n * sizeof *rules);
	memcpy(finding->exceptions, exceptions, n * sizeof *exceptions);
	glances_take(finding, record, arena);
	if (with_json) {
		json_writer_reset(scratch);
		record_write(record, scratch);
		finding->json = arena_copy(arena, (struct text){scratch->at, scratch->n});
	}
	return finding;
}

void finding_note_hit(struct arena *arena, struct finding_note *note,
	const struct record_hit *hit)
{
	const struct indicator *known = &hit->indicator;
	struct text field = hit->field->text;

	*note = (struct finding_note){
		.type = text_of(indicator_names[hit->hit.type]),
		.value = told_copy(arena, hit->value),
		.provider = known->source,
		.label = known->label.n ? known->label : known->comment,
		.field = arena_copy(arena, field),
	};
	note->sentence = arena_format(arena, "%.*s %.*s is listed by %.*s%s%.*s%s",
		TEXT_PRINT(note->field), TEXT_PRINT(note->value), TEXT_PRINT(known->source),
		note->label.n ? " (" : "", TEXT_PRINT(note->label), note->label.n ? ")" : "");
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
