/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the process table: for processes.c, member.c and room.c. */
#pragma once

#include "sensor/processes.h"

enum {
	BUCKETS = 16384,
	DEPTH_MAX = 256, /* ancestors after which a chain is looked at */
	DEPTH_KEPT = 128, /* and to which it is shortened where they are gone */
	DEPTH_NEAR = 64, /* the nearest stay in any case */
	CHAIN_SEEN = 512, /* how far up one looks */
};

struct processes {
	struct member *buckets[BUCKETS]; /* by pid, the younger first */
	struct ends {
		struct member *first, *last;
	} lists[MEMBERS_LISTS];
	struct facts *spent; /* freed by the next round */
	struct member *spare; /* to be used again, linked by `next` */
	unsigned spare_count;
	struct process blank;
	size_t count, memory, memory_max;
	uint64_t evicted, now;
	int64_t boot_time;
	uint32_t boot, pass;
};

/* The bucket of a pid; the member that a process is; its nearest relative upwards. */
struct member **bucket_of(const struct processes *table, uint32_t pid);
struct member *member_of(const struct process *process);
struct member *member_up(const struct member *member);

/* A member in no list and no bucket. */
struct member *member_new(struct processes *table, const struct wire_process *id);
void member_free(struct processes *table, struct member *member);

void member_append(struct processes *table, enum member_list list, struct member *member);
void member_move(struct processes *table, enum member_list list, struct member *member);

/* To the list of the dead. */
void member_die(struct processes *table, struct member *member, uint64_t time);

/* Out of its list, and retired unless someone refers to it. */
void member_release(struct processes *table, struct member *member);

/* Relatives, which are referred to. A parent that is not older than its child is left out. */
void member_parent_set(struct processes *table, struct member *member,
	const struct process *parent);
void member_previous_set(struct processes *table, struct member *member,
	const struct process *previous);

/* To be called when a member has its relatives: keeps their number within bounds. */
void member_depth_set(struct processes *table, struct member *member);

/* Leaves out the member above `below`. False if there is none, or one of the two lives. */
bool member_splice(struct processes *table, struct member *below);

/*
 * At most `n` bytes of command line; all that share its facts and are given here after it get the
 * same.
 */
void member_shrink(struct processes *table, struct member *member, size_t n);

/* One reference less; `facts` may be NULL. */
void facts_drop(struct processes *table, struct facts *facts);

/* Frees the retired, and the facts that nobody has any more. Only between rounds. */
void members_retire(struct processes *table);
void facts_drop_spent(struct processes *table);

/* Frees memory until the bound holds. Only between rounds. */
void make_room(struct processes *table);
