/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled set once its head was believed: where everything is. */
#pragma once

#include "intel/indicator/image.h"
#include "intel/indicator/trie.h"

struct set_table {
	uint32_t rows, blocks, bucket_bits, width;
	const struct filter_block *filter;
	const uint32_t *directory, *tags, *origins, *lines;
	const uint8_t *values;
	const struct image_times *times; /* NULL: of none anything is known */
};

struct indicators {
	const uint8_t *at;
	size_t n;
	bool mapped; /* else allocated */
	uint64_t seed, sum;
	struct set_table tables[INDICATOR_TYPES];
	struct trie tries[TRIES];
	const struct filter_block *hosts;
	uint32_t host_blocks;
	const uint8_t *texts;
	size_t text_bytes;
	const struct image_origin *origins;
	size_t origin_count;
};

/* The text at a place, no text if the place is none. */
struct text set_text(const struct indicators *set, uint32_t place);

/* The value of a row; no text where the row is damaged. */
struct text set_value(const struct indicators *set, enum indicator_type type, uint32_t row);
