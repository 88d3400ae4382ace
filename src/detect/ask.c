// SPDX-License-Identifier: Apache-2.0
// Asking a set of rules about typed events and recorded ones, and about the examples that rules
// carry.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/correlation/correlator.h"
#include "detect/rules_private.h"

/* A name that only one field has, written the same way. */
#define NUMBER_PLAIN (UINT32_C(1) << 31)

enum { EXAMPLE_BYTES = 1 << 20 };

struct matcher {
	struct rules *rules;
	struct decider decider;
	struct row row;
	struct routes routes;
	uint32_t asker; /* by which names know it */
	uint64_t unrouted;
	enum audit_record audit_record; /* that the event at hand is looked at as */
	bool kind_known; /* of the record at hand: what is not set in it, is false */
	/* for records that come as JSON text */
	struct record_names *names;
	struct record_json *json;
	struct record record;
	struct arena arena;
};

struct matcher *matcher_new(struct rules *rules)
{
	static uint32_t askers;
	struct matcher *matcher = memory_new(sizeof *matcher);

	matcher->rules = rules;
	matcher->asker = __atomic_add_fetch(&askers, 1, __ATOMIC_RELAXED);
	decider_init(&matcher->decider, &rules->set, &rules->problems);
	row_init(&matcher->row, rules->set.names.n);
	routes_init(&matcher->routes, &rules->partitions, &rules->set.names);
	matcher->routes.assumed = rules->assumed;
	matcher->routes.assumes = rules->assumes;
	return matcher;
}

void matcher_free(struct matcher **matcher)
{
	struct matcher *m = *matcher;

	if (!m)
		return;
	decider_clear(&m->decider);
	row_clear(&m->row);
	routes_clear(&m->routes);
	record_json_free(&m->json);
	record_names_free(&m->names);
	record_clear(&m->record);
	arena_clear(&m->arena);
	memory_free(matcher);
}

uint64_t matcher_unrouted(const struct matcher *matcher)
{
	return matcher->unrouted;
}

static void event_fill(void *context, struct row *row, uint32_t field)
{
	struct rules *rules = context;

	binding_fill(rules->bindings + field, row->event, row, field);
}

static void audit_record_fill(void *context, struct row *row, uint32_t field)
{
	struct matcher *matcher = context;
	const struct rules *rules = matcher->rules;

	if (field < rules->alias_fields)
		audit_fill(rules->audit_fields[field], matcher->audit_record, row, field);
}

static int number_order(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a, *y = *(const struct rule *const *)b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* Rules about records of the audit daemon: each record that it would have written by itself. */
static size_t audit_run(struct matcher *matcher, enum event_kind kind, const struct rule **hits,
	size_t max)
{
	size_t n = 0;

	for (unsigned record = 0; record < AUDIT_RECORDS; record++) {
		size_t used = n < max ? n : max;

		if (!audit_has(kind, record))
			continue;
		row_begin(&matcher->row);
		matcher->row.fill = audit_record_fill;
		matcher->row.context = matcher;
		matcher->audit_record = record;
		n += decider_run(&matcher->decider, matcher->rules->audit, NULL, &matcher->row,
			hits + used, max - used);
	}
	return n;
}

/* Puts hits of several runs in order and leaves out what came twice; how many are left. */
static size_t hits_join(const struct rule **hits, size_t n)
{
	size_t left = 0;

	qsort(hits, n, sizeof *hits, number_order);
	for (size_t i = 0; i < n; i++)
		if (!left || hits[i] != hits[left - 1])
			hits[left++] = hits[i];
	return left;
}

size_t matcher_event(struct matcher *matcher, const struct event *event, const struct rule **hits,
	size_t max)
{
	const struct rules *rules = matcher->rules;
	const struct partition *partition = rules->kinds[event->kind];
	struct row *row = &matcher->row;
	size_t audit, n;

	row->event = event;
	audit = rules->audit ? audit_run(matcher, event->kind, hits, max) : 0;
	n = audit;
	row_begin(row);
	row->fill = event_fill;
	row->context = matcher->rules;
	if (partition)
		n += decider_run(&matcher->decider, partition, NULL, row,
			hits + (audit < max ? audit : max), audit < max ? max - audit : 0);
	return audit && n <= max ? hits_join(hits, n) : n;
}

static bool ask_plainly(void *context, uint32_t operand)
{
	struct matcher *matcher = context;
	uint32_t number = operand & ~(uint32_t)CODE_SLOW;
	struct predicate *predicate = matcher->rules->set.predicates.at + number;
	bool limit = false;

	if (__atomic_load_n(&predicate->switched_off, __ATOMIC_RELAXED))
		return false;
	return predicate_test(predicate, &matcher->row, &limit);
}

bool matcher_asks(struct matcher *matcher, const struct program *program)
{
	matcher->row.room = &matcher->decider.room;
	return program_run(program, ask_plainly, matcher);
}

/* The values that the row has under another name of the field. */
static bool alias_fill(struct rules *rules, struct row *row, uint32_t field, uint32_t alias)
{
	struct slot *other = row->slots + alias;

	if (alias == field || other->epoch != row->epoch || !other->first)
		return false;
	for (uint32_t v = other->first; v; v = row->values[v].next) {
		struct text text = row->values[v].view[VIEW_raw];

		if (rules->bindings[field].hash_named && !memchr(text.at, '=', text.n))
			text = arena_format(&row->arena, "SHA256=%.*s", (int)text.n, text.at);
		row_add(row, field, row->values[v].kind, text, 1);
	}
	return true;
}

/* A field that the record does not have by this name: by another, or a flag that is not set. */
static void record_fill(void *context, struct row *row, uint32_t field)
{
	struct matcher *matcher = context;
	struct rules *rules = matcher->rules;
	const struct binding *binding = rules->bindings + field;

	if (field >= rules->alias_fields)
		return;
	for (uint32_t i = rules->alias_start[field]; i < rules->alias_start[field + 1]; i++)
		if (alias_fill(rules, row, field, rules->aliases[i]))
			return;
	if (matcher->kind_known && binding->relation == RELATION_self &&
	    binding->fields[0]->type == FIELD_flag)
		row_add(row, field, VALUE_flag, TEXT("false"), 1);
}

static void name_number(const struct matcher *matcher, struct record_name *name)
{
	const struct fields *known = &matcher->rules->set.names;
	uint32_t first = fields_find(known, name->key);

	name->asker = matcher->asker;
	name->number = first;
	if (first && !known->at[first].next_same && field_name_is(known->at + first, name->text))
		name->number |= NUMBER_PLAIN;
}

/* An exact name counts more than one in another case, data more than what the log says of it. */
static uint8_t rank_of(const struct record_name *name, bool exact)
{
	return (uint8_t)(1 + exact + 2 * (name->part == PART_data));
}

static void field_take(struct matcher *matcher, const struct record_field *field)
{
	const struct fields *known = &matcher->rules->set.names;
	struct record_name *name = field->name;

	if (name->asker != matcher->asker)
		name_number(matcher, name);
	if (name->number & NUMBER_PLAIN) {
		row_add(&matcher->row, name->number & ~NUMBER_PLAIN, field->kind, field->value,
			rank_of(name, true));
		return;
	}
	for (uint32_t i = name->number; i; i = known->at[i].next_same)
		row_add(&matcher->row, i, field->kind, field->value,
			rank_of(name, field_name_is(known->at + i, name->text)));
}

static void record_take(struct matcher *matcher, const struct record *record)
{
	struct row *row = &matcher->row;

	row_begin(row);
	row->fill = record_fill;
	row->context = matcher;
	matcher->kind_known = record->kind != EVENT_KINDS;
	for (size_t i = 0; i < record->n; i++) {
		field_take(matcher, record->at + i);
		if (matcher->rules->keywords && record->at[i].kind < VALUE_null)
			row_add(row, FIELD_KEYWORDS, record->at[i].kind, record->at[i].value, 1);
	}
}

size_t matcher_record(struct matcher *matcher, const struct record *record,
	const struct rule **hits, size_t max)
{
	const struct route *route;

	record_take(matcher, record);
	route = routes_find(&matcher->routes, record, &matcher->row);
	matcher->unrouted += !route->is_known;
	if (!route->partition)
		return 0;
	return decider_run(&matcher->decider, route->partition,
		route->partition == matcher->rules->partitions.all ? matcher->routes.sources :
		NULL, &matcher->row, hits, max);
}

const struct rules *matcher_rules(const struct matcher *matcher)
{
	return matcher->rules;
}

struct row *matcher_row(struct matcher *matcher)
{
	return &matcher->row;
}

bool matcher_meets(struct matcher *matcher, const struct record *record,
	const struct sigma_rule *rule)
{
	const struct route *route;

	record_take(matcher, record);
	route = routes_find(&matcher->routes, record, &matcher->row);
	return route->partition && has_source(route->partition == matcher->rules->partitions.all ?
		matcher->routes.sources : route->partition->set, rule->source);
}

/* The record of a JSON text, valid until the next. */
static const struct record *record_of(struct matcher *matcher, struct text json, struct error *err)
{
	if (!matcher->json) {
		matcher->names = record_names_new();
		matcher->json = record_json_new(matcher->names);
	}
	arena_reset(&matcher->arena);
	record_begin(&matcher->record, &matcher->arena);
	if (record_json_read(matcher->json, json, &matcher->record, err))
		return NULL;
	return &matcher->record;
}

int64_t matcher_json(struct matcher *matcher, struct text json, const struct rule **hits,
	size_t max, struct error *err)
{
	const struct record *record = record_of(matcher, json, err);

	return record ? (int64_t)matcher_record(matcher, record, hits, max) : -1;
}

struct matcher *rules_matcher(struct rules *rules)
{
	if (!rules->own)
		rules->own = matcher_new(rules);
	return rules->own;
}

size_t rules_match(struct rules *rules, const struct event *event, const struct rule **hits,
	size_t max)
{
	return matcher_event(rules_matcher(rules), event, hits, max);
}

int64_t rules_match_json(struct rules *rules, struct text json, const struct rule **hits,
	size_t max, struct error *err)
{
	return matcher_json(rules_matcher(rules), json, hits, max, err);
}

uint64_t rules_unrouted(const struct rules *rules)
{
	return rules->own ? rules->own->unrouted : 0;
}

/* What an event of unknown source is taken for when it is an example of this rule. */
/* The logsources of what a rule asks about: of a correlation those of all its members. */
static void example_route(struct record *record, const struct sources *sources,
	const struct sigma_rule *rule)
{
	if (rule->correlation) {
		for (unsigned m = 0; m < rule->correlation->member_count; m++)
			example_route(record, sources, rule->correlation->members[m]);
		return;
	}
	if (record->kind == EVENT_KINDS && record->source_count < RECORD_SOURCES)
		record->sources[record->source_count++] = sources->at[rule->source];
}

/* Asks about an event of an example; returns how many rules match. */
static size_t example_ask(struct matcher *matcher, const struct sigma_rule *rule,
	struct text json, const struct rule **hits, event_time *time)
{
	struct record *record = (struct record *)record_of(matcher, json, NULL);

	if (!record)
		return 0;
	if (record->kind == EVENT_KINDS)
		record->source_count = 0;
	example_route(record, &matcher->rules->set.sources, rule);
	*time = record_time(record);
	return matcher_record(matcher, record, hits, matcher->rules->set.n);
}

static bool example_matches(struct matcher *matcher, const struct sigma_rule *rule,
	struct text json, const struct rule **hits)
{
	event_time time;
	size_t n = example_ask(matcher, rule, json, hits, &time);

	for (size_t i = 0; i < n; i++)
		if (hits[i] == &rule->rule)
			return true;
	return false;
}

/* Whether a certain correlation has fired. */
struct firing {
	const struct rule *rule;
	bool fired;
	struct correlator *correlator;
};

static void on_fired(void *context, const struct correlation_fired *fired)
{
	struct firing *firing = context;

	firing->fired |= fired->rule == firing->rule;
}

static void on_hit(void *context, const struct correlation_hit *hit)
{
	correlator_take(((struct firing *)context)->correlator, hit);
}

/* Events without a time are a second apart. */
static bool example_fires(struct matcher *matcher, const struct sigma_rule *rule,
	struct text events, const struct rule **hits)
{
	struct firing firing = {.rule = &rule->rule};
	until_return(correlator_free) struct correlator *correlator =
		correlator_new(matcher->rules, EXAMPLE_BYTES, on_fired, &firing);
	event_time second = 0;

	firing.correlator = correlator;
	while (events.n) {
		const char *end = memchr(events.at, '\n', events.n);
		size_t length = end ? (size_t)(end - events.at) : events.n;
		event_time time = NUMBER_NONE;
		size_t n = example_ask(matcher, rule, (struct text){events.at, length}, hits,
			&time);

		second += 1000000000;
		if (time == NUMBER_NONE)
			time = second;
		correlator_advance(correlator, time);
		for (size_t i = 0; i < n; i++)
			correlation_hits(matcher, hits[i], time, 0, on_hit, &firing);
		length += end != NULL;
		events = (struct text){events.at + length, events.n - length};
	}
	correlator_end(correlator);
	return firing.fired;
}

size_t rules_test(struct rules *rules,
	void (*report)(void *context, const struct rule_test_result *result), void *context)
{
	struct matcher *matcher = rules_matcher(rules);
	const struct rule **hits = arena_alloc(&rules->arena, rules->set.n * sizeof *hits);
	size_t run = 0;

	for (size_t i = 0; i < rules->set.n; i++) {
		const struct sigma_rule *rule = rules->set.at[i];

		for (struct rule_example *e = rule->examples; e; e = e->next, run++) {
			struct rule_test_result result = {
				.rule = &rule->rule,
				.index = e->index,
				.wanted = e->wanted,
				.matched = rule->correlation ?
					example_fires(matcher, rule, e->json, hits) :
					example_matches(matcher, rule, e->json, hits),
			};

			if (result.matched != result.wanted)
				report(context, &result);
		}
	}
	return run;
}
