// SPDX-License-Identifier: Apache-2.0
// What is known of the numbers of a condition.

#include "detect/yara/facts.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/own.h"

void facts_clear(struct facts *facts)
{
	memory_free(&facts->at);
	facts->n = facts->room = 0;
}

struct facts facts_copy(const struct facts *facts)
{
	struct facts copy = *facts;

	copy.room = facts->n;
	copy.at = NULL;
	if (facts->n) {
		copy.at = memory_resize(NULL, facts->n, sizeof *copy.at);
		memcpy(copy.at, facts->at, facts->n * sizeof *copy.at);
	}
	return copy;
}

static bool number_equal(const struct number *a, const struct number *b)
{
	return a->pattern == b->pattern &&
		(a->pattern || text_equal(a->spelling, b->spelling));
}

struct fact *facts_find(const struct facts *facts, const struct number *number)
{
	for (size_t i = 0; i < facts->n; i++)
		if (number_equal(&facts->at[i].number, number))
			return facts->at + i;
	return NULL;
}

const struct values *facts_values(const struct facts *facts, const struct number *number)
{
	struct fact *fact = facts_find(facts, number);

	return fact ? &fact->values : &number->natural;
}

/* Bytes that a number is read from at a fixed place of the file. */
struct place {
	long long offset;
	unsigned bytes;
	bool big_endian;
};

static bool place_of(const struct number *number, struct place *place)
{
	char spelling[64], order[3] = "", end;
	unsigned bits;

	if (number->pattern || number->spelling.n >= sizeof spelling)
		return false;
	memcpy(spelling, number->spelling.at, number->spelling.n);
	spelling[number->spelling.n] = 0;
	if (sscanf(spelling, "%*[uint]%u%2[be](%lld%c", &bits, order, &place->offset, &end) != 4 &&
	    sscanf(spelling, "%*[uint]%u(%lld%c", &bits, &place->offset, &end) != 3)
		return false;
	place->bytes = bits / 8;
	place->big_endian = order[0];
	return end == ')' && place->offset >= 0 && place->offset < INT32_MAX;
}

static uint8_t byte_at(const struct place *place, int64_t value, long long offset)
{
	unsigned i = (unsigned)(offset - place->offset);

	return (uint8_t)((uint64_t)value >> 8 * (place->big_endian ? place->bytes - 1 - i : i));
}

static bool is_single(const struct values *values)
{
	return values->n == 1 && !values->undefined && values->at[0].low == values->at[0].high;
}

/* Whether two numbers, each of one value, say different things of a byte that they share. */
static bool bytes_differ(const struct fact *a, const struct fact *b)
{
	struct place here, there;

	if (!is_single(&a->values) || !is_single(&b->values) || !place_of(&a->number, &here) ||
	    !place_of(&b->number, &there))
		return false;
	for (long long at = here.offset; at < here.offset + here.bytes; at++)
		if (at >= there.offset && at < there.offset + there.bytes &&
		    byte_at(&here, a->values.at[0].low, at) !=
			    byte_at(&there, b->values.at[0].low, at))
			return true;
	return false;
}

void facts_restrict(struct facts *facts, const struct number *number, const struct values *values)
{
	struct fact *fact = facts_find(facts, number);

	if (!fact) {
		if (facts->n == facts->room) {
			facts->room = facts->room ? facts->room * 2 : 8;
			facts->at = memory_resize(facts->at, facts->room, sizeof *facts->at);
		}
		fact = facts->at + facts->n++;
		*fact = (struct fact){*number, number->natural};
	}
	fact->values = values_both(&fact->values, values);
	facts->never |= values_none(&fact->values);
	for (size_t i = 0; i < facts->n && !facts->never; i++)
		facts->never = facts->at + i != fact && bytes_differ(fact, facts->at + i);
}

void facts_join(struct facts *facts, const struct facts *other)
{
	size_t n = 0;

	if (other->never)
		return;
	if (facts->never) {
		facts_clear(facts);
		*facts = facts_copy(other);
		return;
	}
	for (size_t i = 0; i < facts->n; i++) {
		const struct fact *same = facts_find(other, &facts->at[i].number);

		if (!same)
			continue;
		facts->at[n] = facts->at[i];
		facts->at[n].values = values_either(&facts->at[n].values, &same->values);
		n++;
	}
	facts->n = n;
}
