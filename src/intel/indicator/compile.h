/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From gathered indicators to a compiled set: first the order of all rows and where everything
 * goes, then the bytes, into any memory of that size.
 */
#pragma once

#include "intel/indicator/entries.h"
#include "intel/indicator/trie.h"

/* The rows of a table in their order, each value's indicators side by side. */
struct row_order {
	uint32_t *rows, n; /* numbers in the entries' list */
	uint64_t *keys; /* none for ranges */
};

struct compiling {
	const struct entries *entries;
	struct row_order orders[INDICATOR_TYPES];
	struct trie_made tries[TRIES];
	uint32_t *firsts[TRIES]; /* of each different range its first row */
	uint32_t ranges[TRIES]; /* how many different ones */
	struct image_head head; /* complete but for the sums; head.bytes is the size */
	uint64_t crowded; /* left out: the value had INDICATOR_SOURCES_MAX indicators already */
	uint64_t same; /* put together: all but the line was the same */
};

void compiling_init(struct compiling *compiling, const struct entries *entries);
void compiling_clear(struct compiling *compiling);

/* Writes head.bytes bytes, which must be zero before. */
void compiling_write(struct compiling *compiling, uint8_t *at);
