/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All partitions of a set of rules, shared by the threads that ask it. One is made when an event
 * of its kind comes first, then kept.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "detect/sigma/partition.h"

enum { PARTITIONS_MAX = 1024, PARTITION_TABLE = 2 * PARTITIONS_MAX };

struct partitions {
	const struct rule_set *set;
	pthread_mutex_t making;
	_Atomic(struct partition *) table[PARTITION_TABLE]; /* open addressing by sources and id */
	unsigned count;
	struct partition *all; /* every rule: for events of yet another mix of sources when there
				  are too many */
};

void partitions_init(struct partitions *partitions, const struct rule_set *set);
void partitions_clear(struct partitions *partitions);

/*
 * The partition for a set of logsources, of the rules that a Windows event of that id can match
 * (NUMBER_NONE: whatever its id). NULL if no rule has one of the logsources.
 */
const struct partition *partitions_get(struct partitions *partitions, const uint64_t *sources,
	int64_t event_id);
