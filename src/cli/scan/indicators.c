// SPDX-License-Identifier: Apache-2.0
// Records asked for indicators.

#include "base/own.h"
#include "cli/scan/indicators.h"
#include "intel/guess.h"

enum { FIELD_HITS = 8 };

/* Fields whose values do not look like what they are. */
static const struct {
	const char *name;
	enum indicator_type type;
} typed_fields[] = {
	{"cs-user-agent", INDICATOR_user_agent},
	{"c-useragent", INDICATOR_user_agent},
	{"user_agent.original", INDICATOR_user_agent},
	{"UserAgent", INDICATOR_user_agent},
	{"Imphash", INDICATOR_imphash},
};

/* The type of such a field, INDICATOR_TYPES if it is another or the set has none of them. */
static enum indicator_type type_of(const struct indicators *set, const struct record_name *name)
{
	for (size_t i = 0; i < array_size(typed_fields); i++) {
		if (!indicators_count(set, typed_fields[i].type))
			continue;
		if (name_key_add(NAME_KEY_START, text_of(typed_fields[i].name)) == name->key)
			return typed_fields[i].type;
	}
	return INDICATOR_TYPES;
}

static bool is_there(const struct record_hit *hits, size_t n, struct indicator_hit hit)
{
	for (size_t i = 0; i < n; i++)
		if (hits[i].hit.type == hit.type && hits[i].hit.number == hit.number)
			return true;
	return false;
}

/* The hits in one field's value, and with which part of it. */
static size_t field_find(const struct indicators *set, const struct record_field *field,
	int64_t now, struct indicator_hit *hits, struct text *found)
{
	size_t n = indicator_find_parts(set, field->value, now, hits, found, FIELD_HITS), more;
	enum indicator_type type = type_of(set, field->name);

	if (type == INDICATOR_TYPES)
		return n;
	more = indicator_find_typed(set, type, field->value, now, hits + n, FIELD_HITS - n);
	for (size_t i = 0; i < more; i++)
		found[n + i] = field->value;
	return n + more;
}

static struct rule type_rules[INDICATOR_TYPES];

void indicator_rules_init(const struct rules *rules)
{
	static const struct {
		const char *id, *title;
	} words[INDICATOR_TYPES] = {
#define INDICATOR(name, ...) {"indicator-" #name, "Listed indicator (" #name ")"},
#include "intel/indicator.def"
#undef INDICATOR
	};

	for (size_t i = 0; i < INDICATOR_TYPES; i++)
		type_rules[i] = (struct rule){
			.id = text_of(words[i].id),
			.title = text_of(words[i].title),
			.level = TEXT("high"),
			.number = (unsigned)(rules_count(rules) + i),
		};
}

const struct rule *indicator_rule(enum indicator_type type)
{
	return type_rules + type;
}

size_t indicators_scan_record(const struct indicators *set, const struct record *record,
	int64_t now, struct record_hit *hits, size_t max)
{
	event_time time = record_time(record);
	size_t n = 0;

	if (time == NUMBER_NONE)
		time = now;
	for (size_t i = 0; i < record->n && n < max; i++) {
		const struct record_field *field = &record->at[i];
		struct indicator_hit here[FIELD_HITS];
		struct text found[FIELD_HITS];
		size_t count;

		if (field->kind != VALUE_text || !field->value.n)
			continue;
		count = field_find(set, field, time, here, found);
		for (size_t j = 0; j < count && n < max; j++) {
			if (is_there(hits, n, here[j]))
				continue;
			hits[n] = (struct record_hit){field->name, found[j], here[j], {}};
			indicator_read(set, here[j], &hits[n++].indicator);
		}
	}
	return n;
}
