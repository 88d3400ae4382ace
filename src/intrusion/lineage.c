// SPDX-License-Identifier: Apache-2.0
// Where processes come from, by the store's index and what events say.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "intrusion/lineage.h"
#include "intrusion/words.h"

enum { BUCKETS = 1024 };

struct kin_member {
	struct kin_member *next;
	struct entity entity;
	const struct process *process; /* NULL: asked, and the store does not know it */
};

struct kin {
	struct store *store;
	struct arena arena;
	struct kin_member *buckets[BUCKETS];
};

struct kin *kin_new(struct store *store)
{
	struct kin *kin = memory_new(sizeof *kin);

	kin->store = store;
	return kin;
}

void kin_free(struct kin **kin)
{
	if (*kin)
		arena_clear(&(*kin)->arena);
	free(*kin);
	*kin = NULL;
}

static struct kin_member **bucket_of(struct kin *kin, struct entity entity)
{
	return &kin->buckets[(entity.high * 31 + entity.low) * 0x9e3779b97f4a7c15 >> 54];
}

const struct process *kin_find(struct kin *kin, struct entity entity)
{
	struct kin_member **bucket = bucket_of(kin, entity), *member;
	struct event *event;
	struct text json;

	for (member = *bucket; member; member = member->next)
		if (entity_equal(member->entity, entity))
			return member->process;
	member = arena_new(&kin->arena, struct kin_member);
	member->entity = entity;
	member->next = *bucket;
	*bucket = member;
	json = store_process(kin->store, entity, &kin->arena);
	event = json.at ? event_read(json, &kin->arena, NULL) : NULL;
	member->process = event ? event->process : NULL;
	return member->process;
}

static bool is_there(const struct lineage *lineage, const struct process *process)
{
	for (size_t i = 0; i < lineage->n; i++)
		if (lineage->at[i] == process ||
			(!entity_is_none(process->entity) &&
				entity_equal(lineage->at[i]->entity, process->entity)))
			return true;
	return false;
}

/* The nearest relative upwards: what the store says of it, else what the process itself says. */
static const struct process *up_of(struct kin *kin, const struct process *process)
{
	const struct process *told = process_up(process), *found;
	struct entity up = { 0 };

	if (!entity_is_none(process->entity))
		up = store_parent(kin->store, process->entity);
	if (entity_is_none(up) && told)
		up = told->entity;
	found = entity_is_none(up) ? NULL : kin_find(kin, up);
	return found ? found : told;
}

void lineage_find(struct lineage *lineage, struct kin *kin, const struct process *process)
{
	lineage->n = 0;
	while (process && lineage->n < LINEAGE_MAX && !is_there(lineage, process)) {
		lineage->at[lineage->n++] = process;
		process = up_of(kin, process);
	}
	lineage->cut = process && lineage->n == LINEAGE_MAX;
}

struct text lineage_words(const struct lineage *lineage, struct arena *arena)
{
	struct text words = lineage->cut ? TEXT("…") : TEXT("");

	for (size_t i = lineage->n; i; i--)
		words = arena_format(arena, "%.*s%s%.*s", TEXT_PRINT(words), words.n ? " > " : "",
			TEXT_PRINT(process_short(lineage->at[i - 1], arena)));
	return words;
}
