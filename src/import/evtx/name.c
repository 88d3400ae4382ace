// SPDX-License-Identifier: Apache-2.0
// The string table of a chunk: its names by offset, read when they are first asked for.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/evtx/name.h"
#include "import/utf16.h"

enum {
	SPOTS = 65536, /* a chunk has so many offsets */
	HEAD = 8, /* bytes before the characters: next name, hash, number of units */
};

/* What was found at an offset; nothing if the epoch is that of another chunk. */
struct spot {
	uint32_t epoch;
	struct name *name;
};

struct names {
	struct text chunk;
	struct arena arena;
	uint32_t epoch;
	struct spot spots[SPOTS];
};

struct names *names_new(void)
{
	return memory_new(sizeof(struct names));
}

void names_free(struct names **names)
{
	if (!*names)
		return;
	arena_clear(&(*names)->arena);
	memory_free(names);
}

void names_begin(struct names *names, struct text chunk)
{
	names->chunk = chunk;
	arena_reset(&names->arena);
	if (!++names->epoch) {
		memset(names->spots, 0, sizeof names->spots);
		names->epoch = 1;
	}
}

static struct name *name_read(struct names *names, uint32_t at, struct budget *budget)
{
	struct cursor cursor = {names->chunk.at, at, (uint32_t)names->chunk.n, false};
	struct name *name;
	uint16_t units, kept;
	char *to;

	cursor_skip(&cursor, HEAD - 2);
	units = cursor_16(&cursor);
	kept = units < NAME_UNITS_MAX ? units : NAME_UNITS_MAX;
	if (!cursor_has(&cursor, 2 * (size_t)units) || !budget_take(budget, BUDGET_STEP + kept))
		return NULL;
	name = arena_new(&names->arena, struct name);
	to = arena_alloc(&names->arena, (size_t)kept * UTF16_GROWTH);
	name->text = (struct text){to, utf16_read(to, names->chunk.at + cursor.at, kept)};
	name->cut = kept < units;
	cursor_skip(&cursor, 2 * (size_t)units);
	cursor_skip(&cursor, 2); /* it ends with a unit that is 0 */
	name->end = cursor.at;
	return name;
}

const struct name *name_find(struct names *names, uint32_t at, struct budget *budget)
{
	struct spot *spot;

	if (at >= names->chunk.n || at >= SPOTS)
		return NULL;
	spot = names->spots + at;
	if (spot->epoch != names->epoch)
		*spot = (struct spot){names->epoch, name_read(names, at, budget)};
	return spot->name;
}

const struct name *name_take(struct names *names, struct cursor *cursor, struct budget *budget)
{
	uint32_t at = cursor_32(cursor);
	const struct name *name = cursor->cut ? NULL : name_find(names, at, budget);

	if (name && at == cursor->at)
		cursor->at = name->end < cursor->end ? name->end : cursor->end;
	return name;
}
