// SPDX-License-Identifier: Apache-2.0
// A set of processes: open addressing, at most half full.

#include <stdlib.h>

#include "base/memory.h"
#include "hunt/entities.h"

static size_t slot_of(const struct entities *set, struct entity entity)
{
	uint64_t mixed = (entity.low ^ entity.high * UINT64_C(0x9e3779b97f4a7c15)) *
		UINT64_C(0xff51afd7ed558ccd);
	size_t i = (size_t)(mixed ^ mixed >> 32) & (set->size - 1);

	while (!entity_is_none(set->at[i]) && !entity_equal(set->at[i], entity))
		i = (i + 1) & (set->size - 1);
	return i;
}

unsigned char *entities_find(const struct entities *set, struct entity entity)
{
	size_t i;

	if (!set->n || entity_is_none(entity))
		return NULL;
	i = slot_of(set, entity);
	return entity_is_none(set->at[i]) ? NULL : &set->marks[i];
}

static void grow(struct entities *set)
{
	struct entities larger = {.size = set->size ? 2 * set->size : 64};

	larger.at = memory_new(larger.size * sizeof *larger.at);
	larger.marks = memory_new(larger.size);
	for (size_t i = 0; i < set->size; i++)
		if (!entity_is_none(set->at[i]))
			*entities_add(&larger, set->at[i]) = set->marks[i];
	entities_clear(set);
	*set = larger;
}

unsigned char *entities_add(struct entities *set, struct entity entity)
{
	size_t i;

	if (2 * set->n >= set->size)
		grow(set);
	i = slot_of(set, entity);
	if (entity_is_none(set->at[i])) {
		set->at[i] = entity;
		set->n++;
	}
	return &set->marks[i];
}

void entities_clear(struct entities *set)
{
	free(set->at);
	free(set->marks);
	*set = (struct entities){0};
}
