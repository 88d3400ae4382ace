// SPDX-License-Identifier: Apache-2.0
// All partitions of a set of rules.

#include <stdlib.h>

#include "base/memory.h"
#include "detect/sigma/partitions.h"

void partitions_init(struct partitions *partitions, const struct rule_set *set)
{
	partitions->set = set;
	pthread_mutex_init(&partitions->making, NULL);
}

void partitions_clear(struct partitions *partitions)
{
	if (!partitions->set)
		return;
	for (uint32_t i = 0; i < PARTITION_TABLE; i++) {
		struct partition *partition = atomic_load(partitions->table + i);

		partition_free(&partition);
	}
	partition_free(&partitions->all);
	pthread_mutex_destroy(&partitions->making);
	*partitions = (struct partitions){0};
}

static uint32_t words(const struct partitions *partitions)
{
	return source_words(&partitions->set->sources);
}

/* The partition of that key or NULL, and where it would be. */
static struct partition *table_find(struct partitions *partitions, const uint64_t *sources,
	int64_t event_id, uint32_t *at)
{
	uint64_t hash = (uint64_t)event_id;
	uint32_t n = words(partitions);

	for (uint32_t w = 0; w < n; w++) {
		hash = (hash ^ sources[w]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	for (*at = hash % PARTITION_TABLE;; *at = (*at + 1) % PARTITION_TABLE) {
		struct partition *partition = atomic_load_explicit(partitions->table + *at,
			memory_order_acquire);

		if (!partition || (partition->event_id == event_id &&
				   !memcmp(partition->set, sources, n * sizeof *sources)))
			return partition;
	}
}

static struct partition *partition_of_all(struct partitions *partitions)
{
	uint64_t *everything;

	if (partitions->all)
		return partitions->all;
	everything = memory_new((words(partitions) + 1) * sizeof *everything);
	memset(everything, 0xff, words(partitions) * sizeof *everything);
	partitions->all = partition_new(partitions->set, everything, NUMBER_NONE);
	free(everything);
	return partitions->all;
}

static struct partition *partition_make(struct partitions *partitions, const uint64_t *sources,
	int64_t event_id)
{
	uint32_t at;
	struct partition *partition = table_find(partitions, sources, event_id, &at);

	if (partition)
		return partition;
	if (partitions->count == PARTITIONS_MAX)
		return partition_of_all(partitions);
	partition = partition_new(partitions->set, sources, event_id);
	partitions->count++;
	atomic_store_explicit(partitions->table + at, partition, memory_order_release);
	return partition;
}

const struct partition *partitions_get(struct partitions *partitions, const uint64_t *sources,
	int64_t event_id)
{
	struct partition *partition;
	uint64_t any = 0;
	uint32_t at;

	for (uint32_t w = 0; w < words(partitions); w++)
		any |= sources[w];
	if (!any)
		return NULL;
	partition = table_find(partitions, sources, event_id, &at);
	if (partition)
		return partition;
	pthread_mutex_lock(&partitions->making);
	partition = partition_make(partitions, sources, event_id);
	pthread_mutex_unlock(&partitions->making);
	return partition;
}
