// SPDX-License-Identifier: Apache-2.0
// Sets of numbers as intervals.

#include "detect/yara/values.h"

#include <inttypes.h>

struct values values_between(int64_t low, int64_t high)
{
	struct values set = {.n = low <= high};

	set.at[0] = (struct interval){low, high};
	return set;
}

struct values values_all(void)
{
	return values_between(INT64_MIN, INT64_MAX);
}

/* How much lies between two intervals, in a type that holds it. */
static uint64_t gap(const struct interval *a, const struct interval *b)
{
	return (uint64_t)b->low - (uint64_t)a->high;
}

/* Adds an interval that begins behind the beginning of the last. */
static void append(struct values *set, struct interval more)
{
	struct interval *last = set->n ? set->at + set->n - 1 : NULL;
	unsigned nearest = VALUES_MAX - 1;

	if (last && (more.low <= last->high || more.low - 1 == last->high)) {
		last->high = more.high > last->high ? more.high : last->high;
		return;
	}
	if (set->n < VALUES_MAX) {
		set->at[set->n++] = more;
		return;
	}
	for (unsigned i = 0; i + 1 < VALUES_MAX; i++)
		if (gap(set->at + i, set->at + i + 1) <
			(nearest + 1 < VALUES_MAX ? gap(set->at + nearest, set->at + nearest + 1)
						  : gap(last, &more)))
			nearest = i;
	if (nearest == VALUES_MAX - 1) {
		last->high = more.high;
		return;
	}
	set->at[nearest].high = set->at[nearest + 1].high;
	memmove(set->at + nearest + 1, set->at + nearest + 2,
		(VALUES_MAX - nearest - 2) * sizeof set->at[0]);
	set->at[VALUES_MAX - 1] = more;
}

struct values values_both(const struct values *a, const struct values *b)
{
	struct values both = {.undefined = a->undefined && b->undefined};
	unsigned i = 0, j = 0;

	while (i < a->n && j < b->n) {
		const struct interval *x = a->at + i, *y = b->at + j;
		struct interval common = {x->low > y->low ? x->low : y->low,
			x->high < y->high ? x->high : y->high};

		if (common.low <= common.high)
			append(&both, common);
		if (x->high < y->high)
			i++;
		else
			j++;
	}
	return both;
}

struct values values_either(const struct values *a, const struct values *b)
{
	struct values either = {.undefined = a->undefined || b->undefined};
	unsigned i = 0, j = 0;

	while (i < a->n || j < b->n) {
		bool first = j == b->n || (i < a->n && a->at[i].low <= b->at[j].low);

		append(&either, first ? a->at[i++] : b->at[j++]);
	}
	return either;
}

struct values values_other(const struct values *set)
{
	struct values other = {0};
	int64_t low = INT64_MIN;

	for (unsigned i = 0; i < set->n; i++) {
		if (set->at[i].low > low)
			append(&other, (struct interval){low, set->at[i].low - 1});
		if (set->at[i].high == INT64_MAX)
			return other;
		low = set->at[i].high + 1;
	}
	append(&other, (struct interval){low, INT64_MAX});
	return other;
}

bool values_within(const struct values *inner, const struct values *outer)
{
	unsigned j = 0;

	for (unsigned i = 0; i < inner->n; i++) {
		while (j < outer->n && outer->at[j].high < inner->at[i].high)
			j++;
		if (j == outer->n || outer->at[j].low > inner->at[i].low)
			return false;
	}
	return true;
}

static struct text number_told(int64_t number, bool hexadecimal, struct arena *arena)
{
	if (hexadecimal && number >= 0)
		return arena_format(arena, "0x%" PRIx64, (uint64_t)number);
	return arena_format(arena, "%" PRId64, number);
}

struct text values_told(const struct values *set, bool hexadecimal, struct arena *arena)
{
	const struct interval *first = set->at, *last = set->at + set->n - 1;
	struct text low, high;

	if (set->n == 2 && first->low <= 0 && last->high >= UINT8_MAX &&
		gap(first, last) == 2 && (first->low == 0 || first->low == INT64_MIN)) {
		low = number_told(first->high + 1, hexadecimal, arena);
		return arena_format(arena, "anything but %s", low.at);
	}
	if (set->n != 1)
		return set->n ? TEXT("something else") : TEXT("undefined");
	low = number_told(first->low, hexadecimal, arena);
	high = number_told(first->high, hexadecimal, arena);
	if (first->low == first->high)
		return low;
	if (first->high == INT64_MAX)
		return first->low == INT64_MIN ? TEXT("any number") :
						 arena_format(arena, "at least %s", low.at);
	if (first->low == INT64_MIN || first->low == 0)
		return arena_format(arena, "at most %s", high.at);
	return arena_format(arena, "%s to %s", low.at, high.at);
}
