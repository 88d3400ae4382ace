/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many plain texts looked for in one value at once: as the whole of it, at its start, at its end,
 * anywhere in it. One such index stands for each field and view of a partition (match.h).
 *
 *	struct literals *literals = literals_new();
 *	literals_add(literals, LITERAL_contains, TEXT("/dev/tcp/"), 7);
 *	literals_build(literals);
 *	literals_find(literals, value, &truth);		// truth_is(&truth, 7)
 *
 * Whole values by hash; starts and ends by their 4 bytes at that end; contained ones by the rarest
 * 4 bytes in each behind a bitmap that stays in the first cache, confirmed by a second 4 bytes
 * before all bytes are compared.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"

/*
 * What is true of the event at hand. `stamps` has a number for each predicate of the set: `mark`
 * in it means true, `mark - 1` false, anything else not known. `found` collects, once each, the
 * local numbers that became true.
 */
struct truth {
	uint32_t *stamps;
	uint32_t mark; /* odd; grows by two from event to event */
	const uint32_t *global; /* predicate of a local number */
	uint32_t *found; /* room for all local numbers */
	size_t n;
};

static inline bool truth_is(const struct truth *truth, uint32_t local)
{
	return truth->stamps[truth->global[local]] == truth->mark;
}

static inline void truth_set(struct truth *truth, uint32_t local)
{
	uint32_t *stamp = truth->stamps + truth->global[local];

	if (*stamp == truth->mark)
		return;
	*stamp = truth->mark;
	truth->found[truth->n++] = local;
}

enum literal_how { LITERAL_equal, LITERAL_starts, LITERAL_ends, LITERAL_contains };

struct literals;

struct literals *literals_new(void);
void literals_free(struct literals **literals);

/* A text, not empty, and the local number of its predicate. It is copied. */
void literals_add(struct literals *literals, enum literal_how how, struct text text,
	uint32_t local);

/* Makes the index; no adding after it. */
void literals_build(struct literals *literals);

/* The length of the shortest text. */
size_t literals_shortest(const struct literals *literals);

/* Marks the predicate of every text that the value has. */
void literals_find(const struct literals *literals, struct text value, struct truth *truth);
