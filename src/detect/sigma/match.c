// SPDX-License-Identifier: Apache-2.0
// A set of rules, asked about one row after the other.

#include <stdlib.h>

#include "base/memory.h"
#include "detect/sigma/match.h"

enum { LOOKS_AT_ONCE = 64 };

/* While the rules of one partition are decided. */
struct decision {
	struct decider *decider;
	struct row *row;
	const uint64_t *sources; /* of the event, NULL: those of the partition */
	uint32_t rule; /* at hand */
	uint32_t lowest, highest; /* of the rules that match */
	size_t n;
};

void decider_init(struct decider *decider, struct rule_set *set, struct problems *problems)
{
	*decider = (struct decider){.set = set, .problems = problems, .truth.mark = 1};
	decider->truth.stamps = memory_new(
		(set->predicates.n + 1) * sizeof *decider->truth.stamps);
	memo_init(&decider->memo, set->predicates.n);
	decider->seen = memory_new((set->n + 1) * sizeof *decider->seen);
	decider->matched = memory_new((set->n / 64 + 1) * sizeof *decider->matched);
}

void decider_clear(struct decider *decider)
{
	free(decider->truth.stamps);
	free(decider->truth.found);
	free(decider->seen);
	free(decider->matched);
	regex_room_clear(&decider->room);
	memo_clear(&decider->memo);
	*decider = (struct decider){0};
}

static void mark_next(struct decider *decider)
{
	decider->truth.mark += 2;
	decider->truth.n = 0;
	if (decider->truth.mark > 2)
		return;
	memset(decider->truth.stamps, 0,
		decider->set->predicates.n * sizeof *decider->truth.stamps);
	memset(decider->seen, 0, decider->set->n * sizeof *decider->seen);
	decider->truth.mark = 3;
}

/* A value that a lane looks at. */
struct look {
	const struct lane *lane;
	uint32_t value;
	uint64_t hash;
	struct memo_entry *entry; /* NULL: it is too long to be remembered */
};

static void look_run(struct decider *decider, const struct partition *partition,
	const struct look *look, struct row *row)
{
	const struct lane *lane = look->lane;
	enum memo_answer answer =
		look->entry ? memo_find(look->entry, look->hash) : MEMO_not_kept;

	if (answer == MEMO_to_be_found &&
	    memo_note(&decider->memo, look->entry, lane->literals,
		    row_view(row, look->value, lane->view), partition->global,
		    partition->local_count))
		answer = MEMO_known;
	if (answer == MEMO_known)
		memo_tell(look->entry, &decider->truth);
	else
		literals_find(lane->literals, row_view(row, look->value, lane->view),
			&decider->truth);
}

/*
 * All values first get their places in the memo, and are then looked at: meanwhile the places come
 * into the cache.
 */
static void lanes_run(struct decider *decider, const struct partition *partition, struct row *row)
{
	struct look looks[LOOKS_AT_ONCE];
	size_t n = 0;

	for (uint32_t i = 0; i < partition->lane_count; i++) {
		const struct lane *lane = partition->lanes + i;

		for (uint32_t v = row_first(row, lane->field); v; v = row->values[v].next) {
			struct text raw = row->values[v].view[VIEW_raw];
			struct look *look = looks + n;

			if (row->values[v].kind >= VALUE_null || raw.n < lane->shortest)
				continue;
			look->lane = lane;
			look->value = v;
			look->entry = memo_place(&decider->memo, lane, raw, &look->hash);
			if (++n < LOOKS_AT_ONCE)
				continue;
			for (size_t k = 0; k < n; k++)
				look_run(decider, partition, looks + k, row);
			n = 0;
		}
	}
	for (size_t k = 0; k < n; k++)
		look_run(decider, partition, looks + k, row);
}

static void limit_note(struct decision *decision, struct predicate *predicate)
{
	static pthread_mutex_t noting = PTHREAD_MUTEX_INITIALIZER;
	const struct rule *rule = &decision->decider->set->at[decision->rule]->rule;

	__atomic_store_n(&predicate->switched_off, true, __ATOMIC_RELAXED);
	pthread_mutex_lock(&noting);
	problem_add(decision->decider->problems, rule->file, rule->line, 1, false,
		"the regular expression '%.*s' took too long on an event and is switched off; "
		"make it simpler, or anchor it with ^", SHORT(predicate->written));
	pthread_mutex_unlock(&noting);
}

static bool ask_slowly(struct decision *decision, uint32_t number)
{
	struct truth *truth = &decision->decider->truth;
	struct predicate *predicate = decision->decider->set->predicates.at + number;
	bool answer, limit = false;

	if (truth->stamps[number] == truth->mark - 1 ||
	    __atomic_load_n(&predicate->switched_off, __ATOMIC_RELAXED))
		return false;
	answer = predicate_test(predicate, decision->row, &limit);
	truth->stamps[number] = truth->mark - !answer;
	if (limit)
		limit_note(decision, predicate);
	return answer;
}

static inline bool ask(void *context, uint32_t operand)
{
	struct decision *decision = context;
	const struct truth *truth = &decision->decider->truth;
	uint32_t number = operand & ~(uint32_t)CODE_SLOW;

	if (truth->stamps[number] == truth->mark)
		return true;
	return operand & CODE_SLOW && ask_slowly(decision, number);
}

static void rule_decide(struct decision *decision, uint32_t number)
{
	struct decider *decider = decision->decider;

	if (decider->seen[number] == decider->truth.mark)
		return;
	decider->seen[number] = decider->truth.mark;
	if (decision->sources &&
	    !has_source(decision->sources, decider->set->at[number]->source))
		return;
	decision->rule = number;
	if (!program_run(decider->set->programs + number, ask, decision))
		return;
	decider->matched[number / 64] |= UINT64_C(1) << number % 64;
	decision->lowest = number < decision->lowest ? number : decision->lowest;
	decision->highest = number > decision->highest ? number : decision->highest;
	decision->n++;
}

/* Takes the bits of the rules that match, in order, and clears them. */
static void hits_take(struct decision *decision, const struct rule **hits, size_t max)
{
	struct decider *decider = decision->decider;
	size_t n = 0;

	for (uint32_t w = decision->lowest / 64; decision->n && w <= decision->highest / 64; w++) {
		for (uint64_t bits = decider->matched[w]; bits; bits &= bits - 1) {
			uint32_t number = w * 64 + (uint32_t)__builtin_ctzll(bits);

			if (n < max)
				hits[n++] = &decider->set->at[number]->rule;
		}
		decider->matched[w] = 0;
	}
}

static void room_make(struct decider *decider, const struct partition *partition)
{
	if (partition->local_count <= decider->found_size)
		return;
	decider->found_size = partition->local_count;
	decider->truth.found = memory_resize(decider->truth.found, decider->found_size,
		sizeof *decider->truth.found);
}

size_t decider_run(struct decider *decider, const struct partition *partition,
	const uint64_t *sources, struct row *row, const struct rule **hits, size_t max)
{
	struct decision decision = {
		.decider = decider,
		.row = row,
		.sources = sources,
		.lowest = UINT32_MAX,
	};
	struct truth *truth = &decider->truth;

	row->room = &decider->room;
	room_make(decider, partition);
	mark_next(decider);
	truth->global = partition->global;
	lanes_run(decider, partition, row);
	for (size_t i = 0; i < truth->n; i++)
		for (uint32_t w = partition->watch_start[truth->found[i]];
		     w < partition->watch_start[truth->found[i] + 1]; w++)
			rule_decide(&decision, partition->watch[w]);
	for (uint32_t i = 0; i < partition->always_count; i++)
		rule_decide(&decision, partition->always[i]);
	hits_take(&decision, hits, max);
	return decision.n;
}
