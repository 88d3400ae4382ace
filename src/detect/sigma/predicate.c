// SPDX-License-Identifier: Apache-2.0
// The predicates of a set of rules, each kept once.

#include <stdlib.h>

#include "base/memory.h"
#include "detect/sigma/predicate.h"

enum { TABLE_START = 1024 };

static uint64_t predicate_hash(const struct predicate *p)
{
	uint64_t hash = text_hash(p->text);

	hash ^= (uint64_t)p->field << 32 ^ (uint64_t)p->other << 12 ^ (uint64_t)p->operation << 8 ^
		(uint64_t)p->view << 5 ^ (uint64_t)p->comparison << 2 ^ (uint64_t)p->part << 52;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static bool predicate_same(const struct predicate *a, const struct predicate *b)
{
	return a->operation == b->operation && a->view == b->view && a->field == b->field &&
		a->other == b->other && a->comparison == b->comparison && a->part == b->part &&
		a->place == b->place && text_equal(a->text, b->text);
}

/* Entries are numbers plus one. */
static uint32_t *place(const struct predicates *predicates, const struct predicate *wanted)
{
	uint32_t mask = predicates->table_size - 1, i = (uint32_t)predicate_hash(wanted) & mask;

	while (predicates->table[i] &&
	       !predicate_same(predicates->at + predicates->table[i] - 1, wanted))
		i = (i + 1) & mask;
	return predicates->table + i;
}

static void table_make(struct predicates *predicates, uint32_t size)
{
	free(predicates->table);
	predicates->table_size = size;
	predicates->table = memory_new(predicates->table_size * sizeof *predicates->table);
	for (uint32_t i = 0; i < predicates->n; i++)
		*place(predicates, predicates->at + i) = i + 1;
}

static void table_grow(struct predicates *predicates)
{
	table_make(predicates, predicates->table_size ? predicates->table_size * 2 : TABLE_START);
}

void predicates_reserve(struct predicates *predicates, uint32_t n)
{
	predicates->size = n;
	free(predicates->at);
	predicates->at = memory_new((n ? n : 1) * sizeof *predicates->at);
}

struct predicate *predicates_append(struct predicates *predicates)
{
	return predicates->at + predicates->n++;
}

void predicates_index(struct predicates *predicates)
{
	uint32_t size = TABLE_START;

	while (size < predicates->n * 2)
		size *= 2;
	table_make(predicates, size);
}

void predicates_init(struct predicates *predicates)
{
	*predicates = (struct predicates){0};
	table_grow(predicates);
}

void predicates_clear(struct predicates *predicates)
{
	for (uint32_t i = 0; i < predicates->n; i++)
		regex_free(&predicates->at[i].regex);
	free(predicates->at);
	free(predicates->table);
	arena_clear(&predicates->arena);
	*predicates = (struct predicates){0};
}

static void texts_keep(struct predicates *predicates, struct predicate *p)
{
	struct arena *arena = &predicates->arena;
	struct piece *pieces = arena_alloc(arena, p->pattern.n * sizeof *pieces);

	p->text = arena_copy(arena, p->text);
	p->written = arena_copy(arena, p->written);
	for (size_t i = 0; i < p->pattern.n; i++) {
		pieces[i] = p->pattern.at[i];
		pieces[i].text = arena_copy(arena, pieces[i].text);
	}
	p->pattern.at = pieces;
}

uint32_t predicates_intern(struct predicates *predicates, const struct predicate *wanted)
{
	uint32_t *found = place(predicates, wanted), number = *found;
	struct regex *regex = wanted->regex;

	if (number) {
		regex_free(&regex);
		predicates->at[number - 1].uses++;
		return number - 1;
	}
	if (predicates->n == predicates->size) {
		predicates->size = predicates->size ? predicates->size * 2 : 256;
		predicates->at = memory_resize(predicates->at, predicates->size,
			sizeof *predicates->at);
	}
	number = predicates->n++;
	predicates->at[number] = *wanted;
	predicates->at[number].uses = 1;
	texts_keep(predicates, predicates->at + number);
	*found = number + 1;
	if (predicates->n * 2 > predicates->table_size)
		table_grow(predicates);
	return number;
}
