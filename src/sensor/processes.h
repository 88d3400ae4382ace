/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process table: every process that lives, those that ended while a descendant lives or for
 * five minutes, and the earlier programs of each. It is told what happened in the order in which
 * it happened, and takes in any order what the iterator says of processes that were there before.
 *
 *	processes_round(table, now);	// forgets; nothing is freed until the next call
 *	member = processes_fork(table, &parent, &child, vpid);
 *	member = processes_exec(table, &id, &parent);
 *	processes_describe(table, member, &facts);
 *	processes_exit(table, &id, time);
 *
 * Memory is bounded. When the bound is passed, a round first forgets the longest dead, then
 * distant ancestors, then the tails of long command lines, then the youngest of the living: later
 * records make them appear again, as processes of which only the identity is known.
 */
#pragma once

#include "event/event.h"
#include "sensor/bpf/wire.h"
#include "sensor/facts.h"

enum member_list {
	MEMBERS_living,
	MEMBERS_replaced, /* by an exec, a moment ago */
	MEMBERS_dead,
	MEMBERS_retired, /* freed by the next round */
	MEMBERS_LISTS,
	MEMBERS_held, /* in no list: kept only because someone refers to it */
};

/* A process in the table. */
struct member {
	struct process process;
	struct member *next; /* of the same bucket, the younger first */
	struct member *before, *after; /* in its list */
	struct facts *facts; /* NULL while only the identity is known */
	uint64_t start, gone; /* boot ns; `gone`: when it ended or was replaced */
	uint32_t pid, generation;
	uint32_t refs; /* members whose parent or previous it is */
	uint32_t pass; /* of the iterator that last saw it */
	uint16_t depth; /* at least the number of members above it */
	uint8_t list;
	bool iterated; /* its facts are the iterator's */
	bool told; /* an event has said that it exists */
	char comm[16], old_comm[16];
};

struct processes;

/* `boot`: see entity_boot; `boot_time`: what makes a time since boot one since 1970. */
struct processes *processes_new(uint32_t boot, int64_t boot_time, size_t memory_max);
void processes_free(struct processes **table);

/* Begins a round: forgets and frees. `now` in boot ns. */
void processes_round(struct processes *table, uint64_t now);

/* That very generation of a process, NULL if unknown. */
struct member *processes_find(struct processes *table, const struct wire_process *id);

/* The living process with that pid, NULL if unknown. */
struct member *processes_living(const struct processes *table, uint32_t pid);

/* The last process with that pid, which may have ended, NULL if unknown. */
struct member *processes_last(const struct processes *table, uint32_t pid);

/* The process that had that pid at that time (boot ns), NULL if unknown. */
struct member *processes_at(const struct processes *table, uint32_t pid, uint64_t time);

/*
 * As processes_find, but an unknown process becomes one of which only the identity is known. NULL
 * for pid 0.
 */
struct member *processes_get(struct processes *table, const struct wire_process *id);

/* A copy of its parent, with the facts of that. */
struct member *processes_fork(struct processes *table, const struct wire_process *parent,
	const struct wire_process *child, uint32_t vpid);

/*
 * The new generation of a process, of which nothing is known yet; `parent` counts where the fork
 * was not seen.
 */
struct member *processes_exec(struct processes *table, const struct wire_process *id,
	const struct wire_process *parent);

/* A process that was refused: below its caller, in the table only until the next round. */
struct member *processes_refuse(struct processes *table, const struct wire_process *caller,
	uint64_t time);

struct member *processes_exit(struct processes *table, const struct wire_process *id,
	uint64_t time);

/* Takes over all facts that an exec brings; identity, family and end stay. Texts are copied. */
void processes_describe(struct processes *table, struct member *member,
	const struct process *facts);

void processes_rename(struct member *member, const char old[16], const char new_[16]);

/*
 * The iterator: between begin and end each process that runs is seen once (as processes_exec;
 * NULL if the table knows a later generation of it); after the end those that were not seen are
 * dead.
 */
void processes_pass_begin(struct processes *table);
struct member *processes_pass_see(struct processes *table, const struct wire_process *id,
	const struct wire_process *parent);
void processes_pass_end(struct processes *table, uint64_t now);

/* The members in a list, oldest first; NULL at the end. Begin with NULL. */
struct member *processes_next(const struct processes *table, enum member_list list,
	struct member *member);

/*
 * Members; bytes; how many were forgotten, or shortened, for want of memory since the start. An
 * ended process from which nobody descends is no loss when records about it can come no more.
 */
size_t processes_count(const struct processes *table);
size_t processes_memory(const struct processes *table);
uint64_t processes_evicted(const struct processes *table);
