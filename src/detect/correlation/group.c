// SPDX-License-Identifier: Apache-2.0
// What the window of one group holds, and whether it satisfies the condition.

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/correlation/group.h"

enum { ENTRIES_START = 4, DISTINCT_START = 8 };

static bool is_temporal(const struct correlation *c)
{
	return c->type == CORRELATION_temporal || c->type == CORRELATION_temporal_ordered;
}

struct group *group_new(const struct correlation *c, struct text key, uint64_t hash)
{
	size_t bytes = sizeof(struct group) + key.n;
	struct group *group = memory_new(bytes);

	group->hash = hash;
	group->used = NUMBER_NONE;
	group->key_n = (uint16_t)key.n;
	if (key.n)
		memcpy(group->key, key.at, key.n);
	if (is_temporal(c)) {
		group->members = memory_new(c->member_count * sizeof *group->members);
		for (unsigned m = 0; m < c->member_count; m++)
			group->members[m].time = NUMBER_NONE;
		bytes += c->member_count * sizeof *group->members;
	}
	group->bytes = bytes;
	return group;
}

void group_free(struct group **group)
{
	if (!*group)
		return;
	free((*group)->entries);
	free((*group)->sorted);
	free((*group)->members);
	free((*group)->distinct.values);
	free((*group)->distinct.counts);
	memory_free(group);
}

static uint32_t distinct_place(const struct distinct *d, uint64_t value)
{
	uint32_t i = (uint32_t)(value ^ value >> 32) & (d->size - 1);

	while (d->counts[i] && d->values[i] != value)
		i = (i + 1) & (d->size - 1);
	return i;
}

static void distinct_grow(struct group *group)
{
	struct distinct old = group->distinct, *d = &group->distinct;

	d->size = old.size ? old.size * 2 : DISTINCT_START;
	d->values = memory_new(d->size * sizeof *d->values);
	d->counts = memory_new(d->size * sizeof *d->counts);
	for (uint32_t i = 0; i < old.size; i++)
		if (old.counts[i]) {
			uint32_t at = distinct_place(d, old.values[i]);

			d->values[at] = old.values[i];
			d->counts[at] = old.counts[i];
		}
	group->bytes += (size_t)(d->size - old.size) * (sizeof *d->values + sizeof *d->counts);
	free(old.values);
	free(old.counts);
}

static void distinct_add(struct group *group, uint64_t value)
{
	struct distinct *d = &group->distinct;
	uint32_t at;

	if (d->n * 2 >= d->size)
		distinct_grow(group);
	at = distinct_place(d, value);
	d->n += !d->counts[at];
	d->values[at] = value;
	d->counts[at]++;
}

/* Closes the gap behind what goes, so that what follows is still found. */
static void distinct_remove(struct group *group, uint64_t value)
{
	struct distinct *d = &group->distinct;
	uint32_t mask = d->size - 1, at = distinct_place(d, value), next;

	if (!d->counts[at] || --d->counts[at])
		return;
	d->n--;
	for (next = (at + 1) & mask; d->counts[next]; next = (next + 1) & mask) {
		uint32_t home = (uint32_t)(d->values[next] ^ d->values[next] >> 32) & mask;

		if (((next - home) & mask) < ((next - at) & mask))
			continue;
		d->values[at] = d->values[next];
		d->counts[at] = d->counts[next];
		d->counts[next] = 0;
		at = next;
	}
}

static struct entry *entry_at(const struct group *group, uint32_t i)
{
	return group->entries + (group->first + i) % group->size;
}

static double as_number(uint64_t value)
{
	double number;

	memcpy(&number, &value, sizeof number);
	return number;
}

static bool is_percentile(const struct correlation *c)
{
	return c->type == CORRELATION_value_percentile || c->type == CORRELATION_value_median;
}

/* How many of the sorted numbers are smaller. */
static uint32_t sorted_place(const struct group *group, uint32_t n, double number)
{
	uint32_t low = 0;

	while (low < n) {
		uint32_t middle = low + (n - low) / 2;

		if (group->sorted[middle] < number)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

static void oldest_drop(struct group *group, const struct correlation *c)
{
	struct entry *oldest = entry_at(group, 0);

	if (c->type == CORRELATION_value_count)
		distinct_remove(group, oldest->value);
	else if (c->type >= CORRELATION_value_sum)
		group->sum -= as_number(oldest->value);
	if (is_percentile(c)) {
		uint32_t at = sorted_place(group, group->n, as_number(oldest->value));

		memmove(group->sorted + at, group->sorted + at + 1,
			(group->n - at - 1) * sizeof *group->sorted);
	}
	group->first = (group->first + 1) % group->size;
	if (!--group->n)
		group->sum = 0; /* and no error of rounding remains */
}

static void entries_grow(struct group *group, const struct correlation *c)
{
	uint32_t size = group->size ? group->size * 2 : ENTRIES_START;
	struct entry *entries = memory_resize(NULL, size, sizeof *entries);

	for (uint32_t i = 0; i < group->n; i++)
		entries[i] = *entry_at(group, i);
	free(group->entries);
	group->bytes += (size_t)(size - group->size) * sizeof *entries;
	if (is_percentile(c)) {
		group->sorted = memory_resize(group->sorted, size, sizeof *group->sorted);
		group->bytes += (size_t)(size - group->size) * sizeof *group->sorted;
	}
	group->entries = entries;
	group->size = size;
	group->first = 0;
}

/* How many events are enough to decide: no more need be kept. */
static uint32_t entries_enough(const struct correlation *c)
{
	double most = 0;

	if (c->type != CORRELATION_event_count)
		return CORRELATOR_VALUES;
	for (unsigned i = 0; i < c->bound_count; i++)
		most = fmax(most, c->bounds[i].value);
	return most + 1 < CORRELATOR_VALUES ? (uint32_t)most + 1 : CORRELATOR_VALUES;
}

/* Where a time belongs; events mostly come in order. */
static void entry_insert(struct group *group, const struct entry *entry)
{
	uint32_t i = group->n++;

	for (; i > 0 && entry_at(group, i - 1)->time > entry->time; i--)
		*entry_at(group, i) = *entry_at(group, i - 1);
	*entry_at(group, i) = *entry;
}

static void window_take(struct group *group, const struct correlation_hit *hit, uint64_t value,
	uint64_t *lost)
{
	const struct correlation *c = hit->correlation;
	uint32_t enough = entries_enough(c);
	const struct entry entry = {hit->time, hit->event, value};
	event_time newest = group->n ? entry_at(group, group->n - 1)->time : hit->time;

	newest = newest > hit->time ? newest : hit->time;
	while (group->n && entry_at(group, 0)->time < newest - c->timespan)
		oldest_drop(group, c);
	if (!group->n)
		group->incomplete = false;
	if (hit->time < newest - c->timespan)
		return; /* its window is over */
	if (group->n == enough) {
		oldest_drop(group, c);
		if (enough == CORRELATOR_VALUES) {
			group->incomplete = true;
			++*lost;
		}
	}
	if (group->n == group->size)
		entries_grow(group, c);
	if (is_percentile(c)) {
		uint32_t at = sorted_place(group, group->n, as_number(value));

		memmove(group->sorted + at + 1, group->sorted + at,
			(group->n - at) * sizeof *group->sorted);
		group->sorted[at] = as_number(value);
	}
	entry_insert(group, &entry);
	if (c->type == CORRELATION_value_count)
		distinct_add(group, value);
	else if (c->type >= CORRELATION_value_sum)
		group->sum += as_number(value);
}

/* Between the two nearest values (the method R calls 7). */
static double percentile_of(const struct group *group, double percent)
{
	double at = percent / 100 * (group->n - 1);
	uint32_t low = (uint32_t)floor(at), high = (uint32_t)ceil(at);

	return group->sorted[low] + (group->sorted[high] - group->sorted[low]) * (at - low);
}

static double value_of(const struct group *group, const struct correlation *c)
{
	switch (c->type) {
	case CORRELATION_value_count:
		return group->distinct.n;
	case CORRELATION_value_sum:
		return group->sum;
	case CORRELATION_value_avg:
		return group->n ? group->sum / group->n : 0;
	case CORRELATION_value_percentile:
	case CORRELATION_value_median:
		return group->n ? percentile_of(group, c->percentile) : 0;
	default:
		return group->n;
	}
}

static bool bounds_hold(const struct correlation *c, double value)
{
	for (unsigned i = 0; i < c->bound_count; i++) {
		double bound = c->bounds[i].value;
		bool holds = false;

		switch (c->bounds[i].how) {
		case BOUND_gt: holds = value > bound; break;
		case BOUND_gte: holds = value >= bound; break;
		case BOUND_lt: holds = value < bound; break;
		case BOUND_lte: holds = value <= bound; break;
		case BOUND_eq: holds = value == bound; break;
		case BOUND_neq: holds = value != bound; break;
		}
		if (!holds)
			return false;
	}
	return true;
}

static void event_tell(struct correlation_fired *fired, const struct entry *entry)
{
	if (fired->first == NUMBER_NONE || entry->time < fired->first)
		fired->first = entry->time;
	if (fired->last == NUMBER_NONE || entry->time > fired->last)
		fired->last = entry->time;
	fired->events_total++;
	if (fired->event_count == CORRELATOR_EVENTS) {
		memmove(fired->events, fired->events + 1,
			(CORRELATOR_EVENTS - 1) * sizeof *fired->events);
		fired->event_count--;
	}
	fired->events[fired->event_count++] = entry->event;
}

static bool count_take(struct group *group, const struct correlation_hit *hit, uint64_t value,
	struct correlation_fired *fired, uint64_t *lost)
{
	const struct correlation *c = hit->correlation;
	bool was = group->above;
	double now;

	window_take(group, hit, value, lost);
	now = value_of(group, c);
	group->above = bounds_hold(c, now);
	if (!group->above || was)
		return false;
	fired->value = now;
	fired->incomplete = group->incomplete;
	for (uint32_t i = 0; i < group->n; i++)
		event_tell(fired, entry_at(group, i));
	return true;
}

/* While the condition of a temporal correlation is asked. */
struct asking {
	const struct group *group;
	const struct correlation *correlation;
	event_time from, to; /* the window */
	bool wanted_only; /* members that the condition does not want count as absent */
};

static bool member_is_there(void *context, uint32_t member)
{
	const struct asking *asking = context;
	event_time time = asking->group->members[member].time;

	if (asking->wanted_only && asking->correlation->negated >> member & 1)
		return false;
	return time != NUMBER_NONE && time >= asking->from && time <= asking->to;
}

static bool members_hold(const struct group *group, const struct correlation *c, event_time from,
	event_time to, bool wanted_only)
{
	struct asking asking = {group, c, from, to, wanted_only};

	return program_run(&c->condition, member_is_there, &asking);
}

static void members_tell(const struct group *group, const struct correlation *c, event_time from,
	event_time to, struct correlation_fired *fired)
{
	for (unsigned m = 0; m < c->member_count; m++) {
		const struct entry *entry = group->members + m;

		if (entry->time == NUMBER_NONE || entry->time < from || entry->time > to ||
		    c->negated >> m & 1)
			continue;
		event_tell(fired, entry);
		fired->value++;
	}
}

static void members_forget(struct group *group, const struct correlation *c)
{
	for (unsigned m = 0; m < c->member_count; m++)
		group->members[m].time = NUMBER_NONE;
}

/* The first of the members that are wanted and in the window. */
static event_time members_begin(const struct group *group, const struct correlation *c,
	event_time from)
{
	event_time first = NUMBER_NONE;

	for (unsigned m = 0; m < c->member_count; m++) {
		event_time time = group->members[m].time;

		if (time != NUMBER_NONE && time >= from && !(c->negated >> m & 1) &&
		    (first == NUMBER_NONE || time < first))
			first = time;
	}
	return first;
}

static bool temporal_take(struct group *group, const struct correlation_hit *hit,
	struct correlation_fired *fired)
{
	const struct correlation *c = hit->correlation;
	struct entry *entry = group->members + hit->member;
	event_time to = hit->time, from;

	if (entry->time == NUMBER_NONE || entry->time < hit->time)
		*entry = (struct entry){hit->time, hit->event, 0};
	if (group->used != NUMBER_NONE && group->used > to)
		to = group->used;
	from = to - c->timespan;
	if (!members_hold(group, c, from, to, true)) {
		group->above = false;
		return false;
	}
	if (c->negated) {
		if (!group->waits) {
			group->waits = true;
			group->until = members_begin(group, c, from) + c->timespan;
		}
		return false;
	}
	if (group->above)
		return false;
	group->above = true;
	members_tell(group, c, from, to, fired);
	return true;
}

bool group_decide(struct group *group, const struct correlation *c,
	struct correlation_fired *fired)
{
	event_time to = group->until, from = to - c->timespan;
	bool holds = members_hold(group, c, from, to, false);

	group->waits = false;
	if (holds)
		members_tell(group, c, from, to, fired);
	members_forget(group, c);
	return holds;
}

/*
 * members[i].time is the latest start of a match of the first i + 1 rules in their order, and its
 * .event the event that completed it.
 */
static bool ordered_take(struct group *group, const struct correlation_hit *hit,
	struct correlation_fired *fired)
{
	const struct correlation *c = hit->correlation;
	unsigned m = hit->member;
	event_time start = m ? group->members[m - 1].time : hit->time;

	if (start == NUMBER_NONE || hit->time - start > c->timespan || hit->time < start)
		return false;
	if (group->members[m].time == NUMBER_NONE || group->members[m].time < start)
		group->members[m] = (struct entry){start, hit->event, 0};
	if (m + 1 < c->member_count)
		return false;
	fired->value = c->member_count;
	for (unsigned i = 0; i < c->member_count; i++)
		event_tell(fired, group->members + i);
	fired->last = hit->time;
	members_forget(group, c);
	return true;
}

bool group_take(struct group *group, const struct correlation_hit *hit, uint64_t value,
	struct correlation_fired *fired, uint64_t *lost)
{
	bool fires;

	switch (hit->correlation->type) {
	case CORRELATION_temporal:
		fires = temporal_take(group, hit, fired);
		break;
	case CORRELATION_temporal_ordered:
		fires = ordered_take(group, hit, fired);
		break;
	default:
		fires = count_take(group, hit, value, fired, lost);
	}
	if (group->used == NUMBER_NONE || group->used < hit->time)
		group->used = hit->time;
	return fires;
}
