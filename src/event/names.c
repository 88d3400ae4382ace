// SPDX-License-Identifier: Apache-2.0
// The names of one reader's records, each kept once.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "event/record.h"

enum { TABLE_START = 256 };

struct record_names {
	struct record_name **table; /* open addressing; at most half full */
	uint32_t size, n;
	struct arena arena;
};

struct record_names *record_names_new(void)
{
	struct record_names *names = memory_new(sizeof *names);

	names->size = TABLE_START;
	names->table = memory_new(names->size * sizeof *names->table);
	return names;
}

void record_names_free(struct record_names **names)
{
	if (!*names)
		return;
	free((*names)->table);
	arena_clear(&(*names)->arena);
	memory_free(names);
}

/* Case counts here: two spellings are two names with one key. */
static struct record_name **place(const struct record_names *names, enum record_part part,
	struct text text, uint64_t key)
{
	uint32_t i = (uint32_t)(key ^ key >> 32);

	for (;; i++) {
		struct record_name **at = names->table + (i & (names->size - 1));

		if (!*at || ((*at)->key == key && (*at)->part == part &&
			     text_equal((*at)->text, text)))
			return at;
	}
}

static void table_grow(struct record_names *names)
{
	struct record_name **old = names->table;
	uint32_t old_size = names->size;

	names->size *= 2;
	names->table = memory_new(names->size * sizeof *names->table);
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i])
			*place(names, old[i]->part, old[i]->text, old[i]->key) = old[i];
	free(old);
}

struct record_name *record_names_get(struct record_names *names, enum record_part part,
	struct text text)
{
	uint64_t key = name_key_add(NAME_KEY_START, text);
	struct record_name **at = place(names, part, text, key), *name = *at;

	if (name)
		return name;
	name = arena_new(&names->arena, struct record_name);
	name->text = arena_copy(&names->arena, text);
	name->key = key;
	name->part = part;
	*at = name;
	if (++names->n * 2 > names->size)
		table_grow(names);
	return name;
}

bool record_names_trim(struct record_names *names)
{
	if (names->n < NAMES_MAX)
		return false;
	arena_clear(&names->arena);
	memset(names->table, 0, names->size * sizeof *names->table);
	names->n = 0;
	return true;
}
