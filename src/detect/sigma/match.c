// SPDX-License-Identifier: Apache-2.0
// A set of rules, asked about one row after the other.

#include <stdlib.h>

#include "base/memory.h"
#include "detect/sigma/match.h"

/* While the rules of one partition are decided. */
struct decision {
	struct matcher *matcher;
	struct row *row;
	const struct sigma_rule *rule; /* at hand */
	uint32_t lowest, highest; /* of the rules that match */
	size_t n;
};

void matcher_init(struct matcher *matcher, struct rule_set *set, struct problems *problems)
{
	uint32_t words = source_words(&set->sources);

	*matcher = (struct matcher){.set = set, .problems = problems, .truth.mark = 1};
	matcher->truth.stamps = memory_new(
		(set->predicates.n + 1) * sizeof *matcher->truth.stamps);
	matcher->seen = memory_new((set->n + 1) * sizeof *matcher->seen);
	matcher->matched = memory_new((set->n / 64 + 1) * sizeof *matcher->matched);
	matcher->sources = memory_new((words + 1) * sizeof *matcher->sources);
}

void matcher_clear(struct matcher *matcher)
{
	for (uint32_t i = 0; i < PARTITION_TABLE; i++)
		partition_free(matcher->table + i);
	partition_free(&matcher->all);
	free(matcher->truth.stamps);
	free(matcher->truth.found);
	free(matcher->seen);
	free(matcher->matched);
	free(matcher->sources);
	*matcher = (struct matcher){0};
}

/* Makes a partition, and room for all that can be found in it. */
static struct partition *partition_make(struct matcher *matcher, const uint64_t *sources)
{
	struct partition *partition = partition_new(matcher->set, sources);

	if (partition->local_count > matcher->found_size) {
		matcher->found_size = partition->local_count;
		matcher->truth.found = memory_resize(matcher->truth.found, matcher->found_size,
			sizeof *matcher->truth.found);
	}
	return partition;
}

static struct partition *partition_of_all(struct matcher *matcher)
{
	uint32_t words = source_words(&matcher->set->sources);
	uint64_t *everything;

	if (matcher->all)
		return matcher->all;
	everything = memory_new((words + 1) * sizeof *everything);
	memset(everything, 0xff, words * sizeof *everything);
	matcher->all = partition_make(matcher, everything);
	free(everything);
	return matcher->all;
}

struct partition *matcher_partition(struct matcher *matcher)
{
	uint32_t words = source_words(&matcher->set->sources), i;
	uint64_t hash = 0, any = 0;

	for (uint32_t w = 0; w < words; w++) {
		any |= matcher->sources[w];
		hash = (hash ^ matcher->sources[w]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	if (!any)
		return NULL;
	for (i = hash % PARTITION_TABLE; matcher->table[i]; i = (i + 1) % PARTITION_TABLE)
		if (!memcmp(matcher->table[i]->set, matcher->sources, words * sizeof any))
			return matcher->table[i];
	if (matcher->partition_count == PARTITIONS_MAX)
		return partition_of_all(matcher);
	matcher->partition_count++;
	return matcher->table[i] = partition_make(matcher, matcher->sources);
}

static void mark_next(struct matcher *matcher)
{
	matcher->truth.mark += 2;
	matcher->truth.n = 0;
	if (matcher->truth.mark > 2)
		return;
	memset(matcher->truth.stamps, 0,
		matcher->set->predicates.n * sizeof *matcher->truth.stamps);
	memset(matcher->seen, 0, matcher->set->n * sizeof *matcher->seen);
	matcher->truth.mark = 3;
}

static void lanes_run(struct matcher *matcher, const struct partition *partition, struct row *row)
{
	for (uint32_t i = 0; i < partition->lane_count; i++) {
		const struct lane *lane = partition->lanes + i;

		for (uint32_t v = row_first(row, lane->field); v; v = row->values[v].next)
			if (row->values[v].kind < VALUE_null)
				literals_find(lane->literals, row_view(row, v, lane->view),
					&matcher->truth);
	}
}

static void limit_note(struct decision *decision, struct predicate *predicate)
{
	const struct rule *rule = &decision->rule->rule;

	predicate->switched_off = true;
	problem_add(decision->matcher->problems, rule->file, rule->line, 1, false,
		"the regular expression '%.*s' took too long on an event and is switched off; "
		"make it simpler, or anchor it with ^", SHORT(predicate->written));
}

static bool ask(void *context, uint32_t number)
{
	struct decision *decision = context;
	struct truth *truth = &decision->matcher->truth;
	struct predicate *predicate = decision->matcher->set->predicates.at + number;
	bool answer, limit = false;

	if (truth->stamps[number] == truth->mark)
		return true;
	if (truth->stamps[number] == truth->mark - 1 || operation_is_plain(predicate->operation) ||
	    predicate->switched_off)
		return false;
	answer = predicate_test(predicate, decision->row, &limit);
	truth->stamps[number] = truth->mark - !answer;
	if (limit)
		limit_note(decision, predicate);
	return answer;
}

static void rule_decide(struct decision *decision, uint32_t number)
{
	struct matcher *matcher = decision->matcher;
	const struct sigma_rule *rule = matcher->set->at[number];

	if (matcher->seen[number] == matcher->truth.mark)
		return;
	matcher->seen[number] = matcher->truth.mark;
	if (!(matcher->sources[rule->source / 64] >> rule->source % 64 & 1))
		return;
	decision->rule = rule;
	if (!program_run(&rule->program, ask, decision))
		return;
	matcher->matched[number / 64] |= UINT64_C(1) << number % 64;
	decision->lowest = number < decision->lowest ? number : decision->lowest;
	decision->highest = number > decision->highest ? number : decision->highest;
	decision->n++;
}

/* Takes the bits of the rules that match, in order, and clears them. */
static void hits_take(struct decision *decision, const struct rule **hits, size_t max)
{
	struct matcher *matcher = decision->matcher;
	size_t n = 0;

	for (uint32_t w = decision->lowest / 64; decision->n && w <= decision->highest / 64; w++) {
		for (uint64_t bits = matcher->matched[w]; bits; bits &= bits - 1) {
			uint32_t number = w * 64 + (uint32_t)__builtin_ctzll(bits);

			if (n < max)
				hits[n++] = &matcher->set->at[number]->rule;
		}
		matcher->matched[w] = 0;
	}
}

size_t matcher_run(struct matcher *matcher, const struct partition *partition, struct row *row,
	const struct rule **hits, size_t max)
{
	struct decision decision = {.matcher = matcher, .row = row, .lowest = UINT32_MAX};
	struct truth *truth = &matcher->truth;

	mark_next(matcher);
	truth->global = partition->global;
	lanes_run(matcher, partition, row);
	for (size_t i = 0; i < truth->n; i++)
		for (uint32_t w = partition->watch_start[truth->found[i]];
		     w < partition->watch_start[truth->found[i] + 1]; w++)
			rule_decide(&decision, partition->watch[w]);
	for (uint32_t i = 0; i < partition->always_count; i++)
		rule_decide(&decision, partition->always[i]);
	hits_take(&decision, hits, max);
	return decision.n;
}
