// SPDX-License-Identifier: Apache-2.0
// Members of the process table: their lists, who refers to whom, what they share, how they end.
// What a round hands out stays until the next one begins: in between, members only move to the
// list of the retired, and facts to those that are spent.

#include <stdlib.h>

#include "base/memory.h"
#include "sensor/entity.h"
#include "sensor/processes_private.h"

enum { SPARE_MAX = 256 };

struct member **bucket_of(const struct processes *table, uint32_t pid)
{
	return (struct member **)&table->buckets[pid % BUCKETS];
}

struct member *member_of(const struct process *process)
{
	return (struct member *)process; /* its first field */
}

struct member *member_up(const struct member *member)
{
	return member_of(process_up(&member->process));
}

void member_append(struct processes *table, enum member_list list, struct member *member)
{
	struct ends *ends = &table->lists[list];

	member->list = list;
	member->before = ends->last;
	member->after = NULL;
	if (ends->last)
		ends->last->after = member;
	else
		ends->first = member;
	ends->last = member;
}

static void member_leave(struct processes *table, struct member *member)
{
	struct ends *ends;

	if (member->list == MEMBERS_held)
		return;
	ends = &table->lists[member->list];
	if (member->before)
		member->before->after = member->after;
	else
		ends->first = member->after;
	if (member->after)
		member->after->before = member->before;
	else
		ends->last = member->before;
	member->list = MEMBERS_held;
}

void member_move(struct processes *table, enum member_list list, struct member *member)
{
	member_leave(table, member);
	member_append(table, list, member);
}

void facts_drop(struct processes *table, struct facts *facts)
{
	if (!facts || --facts->refs)
		return;
	table->memory -= facts->size;
	facts->next = table->spent;
	table->spent = facts;
}

static void member_unref(struct processes *table, const struct process *process)
{
	struct member *member = member_of(process);

	if (member && !--member->refs && member->list == MEMBERS_held)
		member_append(table, MEMBERS_retired, member);
}

/*
 * A parent is older than its child. What says otherwise is wrong, and would let a chain end in
 * itself.
 */
void member_parent_set(struct processes *table, struct member *member,
	const struct process *parent)
{
	const struct process *was = member->process.parent;

	if (parent && member_of(parent)->start >= member->start)
		return;
	if (parent)
		member_of(parent)->refs++;
	member->process.parent = parent;
	member_unref(table, was);
}

void member_previous_set(struct processes *table, struct member *member,
	const struct process *previous)
{
	const struct process *was = member->process.previous;

	if (previous)
		member_of(previous)->refs++;
	member->process.previous = previous;
	member_unref(table, was);
}

void member_release(struct processes *table, struct member *member)
{
	member_leave(table, member);
	if (!member->refs)
		member_append(table, MEMBERS_retired, member);
}

void member_die(struct processes *table, struct member *member, uint64_t time)
{
	member->gone = time;
	member_move(table, MEMBERS_dead, member);
}

bool member_splice(struct processes *table, struct member *below)
{
	struct member *out = member_up(below);

	if (!out || below->list == MEMBERS_living || out->list == MEMBERS_living)
		return false;
	if (below->process.previous)
		member_previous_set(table, below, out->process.previous);
	else
		member_parent_set(table, below, process_up(&out->process));
	table->evicted++;
	return true;
}

/* Members above, as far as it is worth counting them. */
static size_t chain_length(const struct member *member)
{
	size_t n = 0;

	while (n < CHAIN_SEEN && (member = member_up(member)))
		n++;
	return n;
}

/* Leaves out gone members, but not the nearest, until DEPTH_KEPT are left. */
static void chain_shorten(struct processes *table, struct member *member)
{
	size_t length = chain_length(member);

	for (size_t n = 0; member && n < CHAIN_SEEN; n++) {
		while (n >= DEPTH_NEAR && length > DEPTH_KEPT && member_splice(table, member))
			length--;
		member = member_up(member);
	}
}

/*
 * A process that forks and leaves, or that starts itself again and again, must not have ancestors
 * without end. Where they all live nothing is left out, and they are counted anew only after as
 * many again.
 */
void member_depth_set(struct processes *table, struct member *member)
{
	const struct member *up = member_up(member);

	member->depth = up ? up->depth + 1 : 0;
	if (member->depth > DEPTH_MAX) {
		chain_shorten(table, member);
		member->depth = DEPTH_KEPT;
	}
}

static void unhash(struct processes *table, struct member *member)
{
	struct member **at = bucket_of(table, member->pid);

	while (*at && *at != member)
		at = &(*at)->next;
	if (*at)
		*at = member->next;
}

void member_free(struct processes *table, struct member *member)
{
	member_leave(table, member);
	unhash(table, member);
	member_unref(table, member->process.parent);
	member_unref(table, member->process.previous);
	facts_drop(table, member->facts);
	table->memory -= sizeof *member;
	table->count--;
	if (table->spare_count == SPARE_MAX) {
		free(member);
		return;
	}
	member->next = table->spare;
	table->spare = member;
	table->spare_count++;
}

void members_retire(struct processes *table)
{
	while (table->lists[MEMBERS_retired].first)
		member_free(table, table->lists[MEMBERS_retired].first);
}

void facts_drop_spent(struct processes *table)
{
	while (table->spent) {
		struct facts *facts = table->spent;

		table->spent = facts->next;
		free(facts);
	}
}

void member_shrink(struct processes *table, struct member *member, size_t n)
{
	struct facts *was = member->facts;

	if (was->smaller) {
		facts_share(&member->process, was->smaller);
		member->facts = member_of(was->smaller)->facts;
		member->facts->refs++;
	} else {
		member->facts = facts_shrink(&member->process, n);
		table->memory += member->facts->size;
		was->smaller = &member->process;
	}
	facts_drop(table, was);
}

struct member *member_new(struct processes *table, const struct wire_process *id)
{
	struct member *member = table->spare;

	if (member) {
		table->spare = member->next;
		table->spare_count--;
	} else {
		member = memory_resize(NULL, 1, sizeof *member);
	}
	*member = (struct member){
		.process = table->blank,
		.start = id->start,
		.pid = id->pid,
		.generation = id->generation,
		.list = MEMBERS_held,
	};
	member->process.entity = entity_of(table->boot, id);
	member->process.pid = id->pid;
	member->process.start = table->boot_time + (int64_t)id->start;
	table->memory += sizeof *member;
	table->count++;
	return member;
}
