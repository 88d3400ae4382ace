// SPDX-License-Identifier: Apache-2.0
// The process table: one hash by pid, whose chains hold all generations and all earlier owners of
// that pid, and what each kind of record does to it.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/entity.h"
#include "sensor/processes_private.h"

static const uint64_t second = 1000000000;
static const uint64_t replaced_stay = 2, dead_stay = 300; /* seconds */

struct processes *processes_new(uint32_t boot, int64_t boot_time, size_t memory_max)
{
	struct processes *table = memory_new(sizeof *table);

	table->boot = boot;
	table->boot_time = boot_time;
	table->memory_max = memory_max;
	process_init(&table->blank);
	return table;
}

void processes_free(struct processes **table)
{
	if (!*table)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct member *m = (*table)->buckets[i]; m; m = m->next)
			m->process.parent = m->process.previous = NULL;
	for (struct member *m = (*table)->lists[MEMBERS_retired].first; m; m = m->after)
		m->process.parent = m->process.previous = NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		while ((*table)->buckets[i])
			member_free(*table, (*table)->buckets[i]);
	members_retire(*table);
	while ((*table)->spare) {
		struct member *spare = (*table)->spare;

		(*table)->spare = spare->next;
		free(spare);
	}
	facts_drop_spent(*table);
	free(*table);
	*table = NULL;
}

struct member *processes_find(struct processes *table, const struct wire_process *id)
{
	struct member *member = *bucket_of(table, id->pid);

	while (member && (member->pid != id->pid || member->start != id->start ||
			member->generation != id->generation))
		member = member->next;
	return member;
}

struct member *processes_living(const struct processes *table, uint32_t pid)
{
	struct member *member = *bucket_of(table, pid);

	while (member && (member->pid != pid || member->list != MEMBERS_living))
		member = member->next;
	return member;
}

struct member *processes_last(const struct processes *table, uint32_t pid)
{
	struct member *member = *bucket_of(table, pid);

	while (member && (member->pid != pid || member->list == MEMBERS_retired))
		member = member->next;
	return member;
}

struct member *processes_at(const struct processes *table, uint32_t pid, uint64_t time)
{
	struct member *member = *bucket_of(table, pid);

	while (member && (member->pid != pid || member->start > time ||
			(member->list != MEMBERS_living && member->gone < time)))
		member = member->next;
	return member;
}

/* The highest generation that is known of that process. */
static struct member *latest(struct processes *table, const struct wire_process *id)
{
	struct member *found = NULL;

	for (struct member *m = *bucket_of(table, id->pid); m; m = m->next)
		if (m->pid == id->pid && m->start == id->start &&
		    (!found || m->generation > found->generation))
			found = m;
	return found;
}

/*
 * A pid is given again only when its owner has gone: what the table says of the owner before was
 * a lost exit.
 */
static bool pid_take(struct processes *table, const struct wire_process *id)
{
	bool is_last = true;

	for (struct member *m = *bucket_of(table, id->pid); m; m = m->next) {
		if (m->pid != id->pid || m->start == id->start)
			continue;
		if (m->start > id->start)
			is_last = false;
		else if (m->list == MEMBERS_living)
			member_die(table, m, id->start);
	}
	return is_last;
}

static struct member *member_add(struct processes *table, const struct wire_process *id)
{
	bool lives = pid_take(table, id);
	struct member *member = member_new(table, id), **bucket = bucket_of(table, id->pid);

	member->next = *bucket;
	*bucket = member;
	member->gone = table->now;
	member_append(table, lives ? MEMBERS_living : MEMBERS_dead, member);
	return member;
}

struct member *processes_get(struct processes *table, const struct wire_process *id)
{
	struct wire_process first = {id->start, id->pid, 0};
	struct member *member, *known;

	if (!id->pid)
		return NULL;
	member = processes_find(table, id);
	if (member)
		return member;
	known = latest(table, id);
	if (id->generation == WIRE_GENERATION_unknown) {
		if (known)
			return known;
		id = &first;
	}
	if (known && known->generation < id->generation)
		return processes_exec(table, id, NULL);
	member = member_add(table, id);
	if (known) {
		member_parent_set(table, member, known->process.parent);
		member_move(table, MEMBERS_replaced, member);
	}
	return member;
}

/* The same where the generation may not be known to the kernel. */
static const struct process *relative(struct processes *table, const struct wire_process *id)
{
	struct member *member = NULL;

	if (id && id->pid)
		member = processes_find(table, id);
	if (id && id->pid && !member)
		member = latest(table, id);
	if (id && id->pid && !member)
		member = processes_get(table, id);
	return member ? &member->process : NULL;
}

/* Identity, family and end are the member's own; the comm is copied, since it may change. */
static void facts_take(struct member *member, const struct process *facts)
{
	struct process own = member->process;

	member->process = *facts;
	member->process.parent = own.parent;
	member->process.previous = own.previous;
	member->process.entity = own.entity;
	member->process.pid = own.pid;
	member->process.start = own.start;
	member->process.end = own.end;
	member->process.exit_code = own.exit_code;
	member->process.exit_signal = own.exit_signal;
	member->process.old_comm = own.old_comm;
	if (facts->comm.at) {
		size_t n = facts->comm.n;

		if (n > sizeof member->comm)
			n = sizeof member->comm;
		memcpy(member->comm, facts->comm.at, n);
		member->process.comm = (struct text){member->comm, n};
	}
}

static void facts_inherit(struct member *member, struct member *from, uint32_t vpid)
{
	facts_take(member, &from->process);
	member->process.vpid = vpid ? vpid : NUMBER_NONE;
	member->facts = from->facts;
	if (member->facts)
		member->facts->refs++;
}

struct member *processes_fork(struct processes *table, const struct wire_process *parent,
	const struct wire_process *child, uint32_t vpid)
{
	struct member *member = processes_find(table, child), *up = processes_get(table, parent);

	if (!member)
		member = member_add(table, child);
	if (!member->facts && up)
		facts_inherit(member, up, vpid);
	if (up)
		member_parent_set(table, member, &up->process);
	member_depth_set(table, member);
	member->told = true;
	return member;
}

/* Whether it runs another program than the one it was forked with. */
static bool has_own_program(const struct member *member)
{
	const struct process *process = &member->process, *parent = process->parent;

	if (!member->facts || member->generation)
		return member->facts;
	return member->iterated &&
		(!parent || !text_equal(process->executable, parent->executable) ||
		!text_equal(process->command_line, parent->command_line));
}

static void member_replace(struct processes *table, struct member *old, struct member *member)
{
	member_parent_set(table, member, old->process.parent);
	if (has_own_program(old))
		member_previous_set(table, member, &old->process);
	if (old->list == MEMBERS_living) {
		old->gone = table->now;
		member_move(table, MEMBERS_replaced, old);
	}
}

struct member *processes_exec(struct processes *table, const struct wire_process *id,
	const struct wire_process *parent)
{
	struct member *member = processes_find(table, id), *old;

	if (!member) {
		old = latest(table, id);
		member = member_add(table, id);
		if (old)
			member_replace(table, old, member);
	}
	if (!member->process.parent)
		member_parent_set(table, member, relative(table, parent));
	member_depth_set(table, member);
	return member;
}

struct member *processes_refuse(struct processes *table, const struct wire_process *caller,
	uint64_t time)
{
	struct member *member = member_new(table, caller), *up = processes_get(table, caller);

	member->process.entity = entity_of_refused(table->boot, caller, time);
	member->start = time; /* younger than its caller */
	if (up)
		member_parent_set(table, member, &up->process);
	member_append(table, MEMBERS_retired, member);
	return member;
}

struct member *processes_exit(struct processes *table, const struct wire_process *id,
	uint64_t time)
{
	struct member *member = processes_get(table, id);

	if (!member)
		return NULL;
	if (member->list == MEMBERS_living || member->list == MEMBERS_replaced)
		member_die(table, member, time);
	member->process.end = table->boot_time + (int64_t)time;
	return member;
}

void processes_describe(struct processes *table, struct member *member,
	const struct process *facts)
{
	struct facts *was = member->facts;

	facts_take(member, facts);
	member->facts = facts_pack(&member->process);
	table->memory += member->facts->size;
	facts_drop(table, was);
}

static struct text name_keep(char kept[16], const char name[16])
{
	memcpy(kept, name, 16);
	return (struct text){kept, strnlen(kept, 16)};
}

void processes_rename(struct member *member, const char old[16], const char new_[16])
{
	member->process.old_comm = name_keep(member->old_comm, old);
	member->process.comm = name_keep(member->comm, new_);
}

void processes_pass_begin(struct processes *table)
{
	table->pass++;
}

/* The iterator does not know a parent's generation: what it named as one is the same process. */
static void member_renew(struct processes *table, struct member *member,
	const struct wire_process *id)
{
	member->generation = id->generation;
	member->process.entity = entity_of(table->boot, id);
}

struct member *processes_pass_see(struct processes *table, const struct wire_process *id,
	const struct wire_process *parent)
{
	struct member *known = latest(table, id), *member = NULL;

	if (known && !known->facts && !known->told && known->generation < id->generation)
		member_renew(table, known, id);
	if (!known || known->generation <= id->generation)
		known = member = processes_exec(table, id, parent);
	known->pass = table->pass;
	return member;
}

void processes_pass_end(struct processes *table, uint64_t now)
{
	struct member *member = table->lists[MEMBERS_living].first, *next;

	for (; member; member = next) {
		next = member->after;
		if (member->pass != table->pass)
			member_die(table, member, now);
	}
}

static void forget_since(struct processes *table, enum member_list list, uint64_t stay,
	uint64_t now)
{
	struct member *member;

	while ((member = table->lists[list].first) && member->gone + stay * second <= now)
		member_release(table, member);
}

void processes_round(struct processes *table, uint64_t now)
{
	table->now = now;
	members_retire(table);
	forget_since(table, MEMBERS_replaced, replaced_stay, now);
	forget_since(table, MEMBERS_dead, dead_stay, now);
	members_retire(table);
	facts_drop_spent(table);
	if (table->memory > table->memory_max)
		make_room(table);
}

struct member *processes_next(const struct processes *table, enum member_list list,
	struct member *member)
{
	return member ? member->after : table->lists[list].first;
}

size_t processes_count(const struct processes *table)
{
	return table->count;
}

size_t processes_memory(const struct processes *table)
{
	return table->memory;
}

uint64_t processes_evicted(const struct processes *table)
{
	return table->evicted;
}
