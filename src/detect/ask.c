// SPDX-License-Identifier: Apache-2.0
// Asking a set of rules about typed events and recorded ones, and about the examples that rules
// carry.

#include <strings.h>

#include "detect/rules_private.h"
#include "detect/sigma/record.h"

static void fill(void *context, struct row *row, uint32_t field)
{
	struct rules *rules = context;

	binding_fill(rules->bindings + field, row->event, row, field);
}

static size_t event_run(struct rules *rules, const struct partition *partition,
	const struct event *event, const struct rule **hits, size_t max)
{
	struct row *row = &rules->row;

	row_begin(row);
	row->fill = fill;
	row->context = rules;
	row->event = event;
	return matcher_run(&rules->matcher, partition, row, hits, max);
}

size_t rules_match(struct rules *rules, const struct event *event, const struct rule **hits,
	size_t max)
{
	struct partition *partition = rules->kinds[event->kind];

	if (!partition)
		return 0;
	memcpy(rules->matcher.sources, partition->set,
		source_words(&rules->set.sources) * sizeof *rules->matcher.sources);
	return event_run(rules, partition, event, hits, max);
}

/* A field that the record does not have by this name: by another, or a flag that is not set. */
static void record_fill(void *context, struct row *row, uint32_t field)
{
	struct rules *rules = context;
	const struct binding *binding = rules->bindings + field;

	if (field >= rules->alias_fields)
		return;
	for (uint32_t i = rules->alias_start[field]; i < rules->alias_start[field + 1]; i++) {
		struct slot *other = row->slots + rules->aliases[i];

		if (rules->aliases[i] == field || other->epoch != row->epoch || !other->first)
			continue;
		for (uint32_t v = other->first; v; v = row->values[v].next) {
			struct text text = row->values[v].view[VIEW_raw];

			if (binding->hash_named && !memchr(text.at, '=', text.n))
				text = arena_format(&row->arena, "SHA256=%.*s", (int)text.n,
					text.at);
			row_add(row, field, row->values[v].kind, text, 1);
		}
		return;
	}
	if (rules->kind_known && binding->relation == RELATION_self &&
	    binding->fields[0]->type == FIELD_flag)
		row_add(row, field, VALUE_flag, TEXT("false"), 1);
}

/* Whether the row has that value (caseless) in that field. */
static bool row_has(void *context, struct text field, struct text value)
{
	struct rules *rules = context;
	uint32_t number = fields_intern(&rules->set.names, field);

	for (uint32_t v = row_first(&rules->row, number); v; v = rules->row.values[v].next) {
		struct text text = rules->row.values[v].view[VIEW_raw];

		if (text.n == value.n && !strncasecmp(text.at, value.at, text.n))
			return true;
	}
	return false;
}

static void row_rename(void *context, struct text to, struct text from)
{
	struct rules *rules = context;
	struct row *row = &rules->row;
	uint32_t target = fields_intern(&rules->set.names, to);
	uint32_t source = fields_intern(&rules->set.names, from);

	if (row_first(row, target))
		return;
	for (uint32_t v = row_first(row, source); v; v = row->values[v].next)
		row_add(row, target, row->values[v].kind, row->values[v].view[VIEW_raw], 1);
}

/* The logsources of a recorded event that is in the row. */
static void record_route(struct rules *rules, const struct record *record)
{
	const struct sources *sources = &rules->set.sources;
	uint64_t *set = rules->matcher.sources;

	if (record->is_stated) {
		route_stated(sources, &record->stated, set);
	} else if (record->kind != EVENT_KINDS) {
		route_kind(sources, record->kind, set);
	} else if (record->channel.n && record->id != NUMBER_NONE) {
		route_windows(sources, record->channel, record->id, row_has, rules, set);
		route_renames(record->channel, record->id, row_rename, rules);
	} else if (rules->assumes) {
		route_stated(sources, &rules->assumed, set);
	} else {
		rules->unrouted++;
		route_unknown(sources, set);
	}
}

/*
 * Matches a recorded event; `forced`: with the rules of this logsource, whatever the event says.
 */
static int64_t record_run(struct rules *rules, struct text json, const struct sigma_rule *forced,
	const struct rule **hits, size_t max, struct error *err)
{
	struct row *row = &rules->row;
	struct partition *partition;
	struct record record;

	row_begin(row);
	row->fill = record_fill;
	row->context = rules;
	if (record_read(&record, row, &rules->set.names, rules->keywords, json, err))
		return -1;
	rules->kind_known = record.kind != EVENT_KINDS;
	sources_forget(rules);
	if (forced && !rules->kind_known) {
		rules->matcher.sources[forced->source / 64] = UINT64_C(1) << forced->source % 64;
		if (record.channel.n)
			route_renames(record.channel, record.id, row_rename, rules);
	} else {
		record_route(rules, &record);
	}
	partition = matcher_partition(&rules->matcher);
	return partition ? (int64_t)matcher_run(&rules->matcher, partition, row, hits, max) : 0;
}

int64_t rules_match_json(struct rules *rules, struct text json, const struct rule **hits,
	size_t max, struct error *err)
{
	return record_run(rules, json, NULL, hits, max, err);
}

static bool rule_in(const struct rule *rule, const struct rule **hits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (hits[i] == rule)
			return true;
	return false;
}

size_t rules_test(struct rules *rules,
	void (*report)(void *context, const struct rule_test_result *result), void *context)
{
	const struct rule **hits =
		arena_alloc(&rules->arena, rules->set.n * sizeof *hits);
	size_t run = 0;

	for (size_t i = 0; i < rules->set.n; i++) {
		const struct sigma_rule *rule = rules->set.at[i];

		for (struct rule_example *e = rule->examples; e; e = e->next, run++) {
			int64_t n = record_run(rules, e->json, rule, hits, rules->set.n, NULL);
			struct rule_test_result result = {
				.rule = &rule->rule,
				.index = e->index,
				.wanted = e->wanted,
				.matched = n > 0 && rule_in(&rule->rule, hits, (size_t)n),
			};

			if (result.matched != result.wanted)
				report(context, &result);
		}
	}
	return run;
}
