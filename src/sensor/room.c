// SPDX-License-Identifier: Apache-2.0
// Making room in the process table: what is given up when its bound is passed, the least useful
// first.

#include "sensor/processes_private.h"

enum { ROOM_NEAR = 8, ROOM_FACTS = 8192, ROOM_LINE = 2048 };

/*
 * How long after its end records about a process may still come (its last files, in another
 * ring).
 */
static const uint64_t asked_for = UINT64_C(10) * 1000000000;

static bool is_over(const struct processes *table)
{
	return table->memory > table->memory_max;
}

/*
 * The oldest of a list. One that is still referred to is not lost: it goes with its last
 * descendant.
 */
static void forget_oldest(struct processes *table, enum member_list list)
{
	struct member *member = table->lists[list].first;

	if (!member->refs && list == MEMBERS_dead && member->gone + asked_for > table->now)
		table->evicted++;
	member_release(table, member);
	members_retire(table);
}

static void forget_dead(struct processes *table)
{
	while (is_over(table) && table->lists[MEMBERS_replaced].first)
		forget_oldest(table, MEMBERS_replaced);
	while (is_over(table) && table->lists[MEMBERS_dead].first)
		forget_oldest(table, MEMBERS_dead);
}

/* Of the dead between two of the living only the nearest stay, and the last. */
static void forget_between(struct processes *table, struct member *member)
{
	for (size_t n = 0; member && member->list != MEMBERS_living; n++) {
		while (n >= ROOM_NEAR && member_splice(table, member))
			;
		member = member_up(member);
	}
}

static void forget_distant(struct processes *table)
{
	for (struct member *m = table->lists[MEMBERS_living].first; m; m = m->after)
		forget_between(table, member_up(m));
	members_retire(table);
}

static void shorten_lines(struct processes *table)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct member *m = table->buckets[i]; m; m = m->next)
			if (m->facts && m->facts->size > ROOM_FACTS && !m->facts->is_shrunk) {
				member_shrink(table, m, ROOM_LINE);
				table->evicted++;
			}
}

/*
 * The youngest without children first, so that what a fork bomb leaves is the host's own
 * processes.
 */
static void forget_youngest(struct processes *table)
{
	size_t goal = table->memory_max - table->memory_max / 16;
	struct member *member = table->lists[MEMBERS_living].last, *before;

	for (; member && table->memory > goal; member = before) {
		before = member->before;
		if (member->refs)
			continue;
		table->evicted++;
		member_release(table, member);
		members_retire(table);
	}
}

void make_room(struct processes *table)
{
	forget_dead(table);
	if (is_over(table))
		forget_distant(table);
	if (is_over(table))
		shorten_lines(table);
	if (is_over(table))
		forget_youngest(table);
	facts_drop_spent(table);
}
