// SPDX-License-Identifier: Apache-2.0
// The rules for one kind of event, compiled.

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "detect/sigma/partition.h"

/* A watch before they are sorted by local number. */
struct hang {
	uint32_t local, rule;
};

struct build {
	const struct rule_set *set;
	struct partition *partition;
	uint32_t *local_of; /* local number plus one of a predicate of the set */
	uint32_t local_size;
	struct hang *hangs;
	size_t hang_count, hang_size;
	uint32_t rule;
};

void partition_free(struct partition **partition)
{
	struct partition *p = *partition;

	if (!p)
		return;
	for (uint32_t i = 0; i < p->lane_count; i++)
		literals_free(&p->lanes[i].literals);
	free(p->set);
	free(p->global);
	free(p->lanes);
	free(p->watch_start);
	free(p->watch);
	free(p->always);
	free(p);
	*partition = NULL;
}

static struct lane *lane_for(struct partition *p, uint32_t field, enum view view)
{
	for (uint32_t i = 0; i < p->lane_count; i++)
		if (p->lanes[i].field == field && p->lanes[i].view == view)
			return p->lanes + i;
	if (p->lane_count == p->lane_size) {
		p->lane_size = p->lane_size ? p->lane_size * 2 : 8;
		p->lanes = memory_resize(p->lanes, p->lane_size, sizeof *p->lanes);
	}
	p->lanes[p->lane_count] = (struct lane){field, view, literals_new(), 0};
	return p->lanes + p->lane_count++;
}

static enum literal_how how_of(enum operation operation)
{
	static const enum literal_how hows[] = {
		[OPERATION_equal] = LITERAL_equal,
		[OPERATION_starts] = LITERAL_starts,
		[OPERATION_ends] = LITERAL_ends,
		[OPERATION_contains] = LITERAL_contains,
	};

	return hows[operation];
}

/* Gives a plain predicate a local number and a place in its lane. */
static void predicate_add(void *context, uint32_t number)
{
	struct build *build = context;
	struct partition *p = build->partition;
	const struct predicate *predicate = build->set->predicates.at + number;

	p->keywords |= predicate->field == FIELD_KEYWORDS;
	if (build->local_of[number] || !operation_is_plain(predicate->operation))
		return;
	if (p->local_count == build->local_size) {
		build->local_size = build->local_size ? build->local_size * 2 : 64;
		p->global = memory_resize(p->global, build->local_size, sizeof *p->global);
	}
	p->global[p->local_count] = number;
	literals_add(lane_for(p, predicate->field, predicate->view)->literals,
		how_of(predicate->operation), predicate->text, p->local_count);
	build->local_of[number] = ++p->local_count;
}

static void hang_add(void *context, uint32_t number)
{
	struct build *build = context;

	if (build->hang_count == build->hang_size) {
		build->hang_size = build->hang_size ? build->hang_size * 2 : 256;
		build->hangs = memory_resize(build->hangs, build->hang_size, sizeof *build->hangs);
	}
	build->hangs[build->hang_count++] =
		(struct hang){build->local_of[number] - 1, build->rule};
}

static void rule_add(struct build *build, uint32_t number)
{
	const struct expression *expression = build->set->at[number]->expression;
	const struct predicates *predicates = &build->set->predicates;
	struct partition *p = build->partition;

	expression_predicates(expression, predicates, predicate_add, build);
	build->rule = number;
	if (isinf(expression_cost(expression, false, predicates)))
		p->always[p->always_count++] = number;
	else
		expression_needs(expression, false, predicates, hang_add, build);
	p->rule_count++;
}

/* Sorts the watches by counting. */
static void watches_make(struct build *build)
{
	struct partition *p = build->partition;
	uint32_t *next;

	p->watch_start = memory_new((p->local_count + 1) * sizeof *p->watch_start);
	p->watch = memory_new((build->hang_count + 1) * sizeof *p->watch);
	for (size_t i = 0; i < build->hang_count; i++)
		p->watch_start[build->hangs[i].local + 1]++;
	for (uint32_t i = 0; i < p->local_count; i++)
		p->watch_start[i + 1] += p->watch_start[i];
	next = memory_new((p->local_count + 1) * sizeof *next);
	memcpy(next, p->watch_start, (p->local_count + 1) * sizeof *next);
	for (size_t i = 0; i < build->hang_count; i++)
		p->watch[next[build->hangs[i].local]++] = build->hangs[i].rule;
	free(next);
}

bool rule_is_severe(const struct rule_set *set, const struct sigma_rule *rule)
{
	int level = rule_level(rule->rule.level);

	return level < 0 || level >= set->least_level;
}

/* Whether the rule can match an event of that id. */
static bool may_have(const struct sigma_rule *rule, int64_t event_id)
{
	if (event_id == NUMBER_NONE || !rule->ids.n)
		return true;
	for (uint32_t i = 0; i < rule->ids.n; i++)
		if (rule->ids.at[i] == event_id)
			return true;
	return false;
}

bool source_asks_id(const struct rule_set *set, const uint64_t *sources)
{
	for (uint32_t w = 0; w < source_words(&set->sources); w++)
		if (set->ids_matter[w] & sources[w])
			return true;
	return false;
}

/* Folding makes a value longer by half at most (U+023A becomes three bytes of two). */
static void lane_build(struct lane *lane)
{
	literals_build(lane->literals);
	lane->shortest = literals_shortest(lane->literals) * 2 / 3;
}

struct partition *partition_new(const struct rule_set *set, const uint64_t *sources,
	int64_t event_id)
{
	struct partition *p = memory_new(sizeof *p);
	struct build build = {.set = set, .partition = p};
	uint32_t words = source_words(&set->sources);

	p->set = memory_new((words + 1) * sizeof *p->set);
	memcpy(p->set, sources, words * sizeof *p->set);
	p->event_id = event_id;
	p->always = memory_new((set->n + 1) * sizeof *p->always);
	build.local_of = memory_new((set->predicates.n + 1) * sizeof *build.local_of);
	for (size_t i = 0; i < set->n; i++)
		if (!set->at[i]->correlation && has_source(sources, set->at[i]->source) &&
		    may_have(set->at[i], event_id) &&
		    (set->at[i]->memberships || rule_is_severe(set, set->at[i])))
			rule_add(&build, (uint32_t)i);
	watches_make(&build);
	for (uint32_t i = 0; i < p->lane_count; i++)
		lane_build(p->lanes + i);
	p->always = memory_resize(p->always, p->always_count + 1, sizeof *p->always);
	free(build.local_of);
	free(build.hangs);
	return p;
}
