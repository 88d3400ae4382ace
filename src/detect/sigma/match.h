/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a compiled set of rules about a row. Partitions are made when an event of their kind
 * comes first, then kept.
 */
#pragma once

#include "detect/sigma/partition.h"
#include "detect/sigma/problem.h"
#include "detect/sigma/row.h"

enum { PARTITIONS_MAX = 1024, PARTITION_TABLE = 2 * PARTITIONS_MAX };

struct matcher {
	struct rule_set *set;
	struct problems *problems; /* where a regular expression that met its limit is named */
	struct partition *table[PARTITION_TABLE]; /* open addressing by the set of sources */
	uint32_t partition_count;
	struct partition *all; /* every rule: for events of yet another mix of sources when there
				  are too many */
	struct truth truth;
	uint32_t found_size;
	uint32_t *seen; /* for each rule the mark of the event it was looked at last */
	uint64_t *matched; /* bits: rules that match the event at hand */
	uint64_t *sources; /* the set of the event at hand, filled by the caller */
};

void matcher_init(struct matcher *matcher, struct rule_set *set, struct problems *problems);
void matcher_clear(struct matcher *matcher);

/* The partition for the logsources in `matcher->sources`, NULL if no rule has one of them. */
struct partition *matcher_partition(struct matcher *matcher);

/*
 * Which rules of the partition match the row: up to `max` of them, in the order of their numbers,
 * to `hits`; returns how many there are.
 */
size_t matcher_run(struct matcher *matcher, const struct partition *partition, struct row *row,
	const struct rule **hits, size_t max);
