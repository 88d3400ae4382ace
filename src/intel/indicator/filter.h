/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A blocked Bloom filter (Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom
 * Filters", 2007): 64 bytes for 32 keys, of each key one bit in each of the eight words, so that a
 * question costs one line of cache and one branch. One key in a thousand that is not there passes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "intel/indicator/key.h"

enum { FILTER_WORDS = 8, FILTER_KEYS = 32 /* for each block: 16 bits for a key */ };

struct filter_block {
	uint64_t words[FILTER_WORDS];
};

static inline uint32_t filter_blocks(uint64_t keys)
{
	return keys ? (uint32_t)((keys + FILTER_KEYS - 1) / FILTER_KEYS) : 0;
}

static inline size_t filter_block(uint64_t key, uint32_t blocks)
{
	return (size_t)((key >> 32) * blocks >> 32);
}

/* Which bit of the i-th word the key has. */
static inline unsigned filter_bit(uint64_t bits, int i)
{
	return bits >> (58 - 6 * i) & 63;
}

static inline void filter_add(struct filter_block *at, uint32_t blocks, uint64_t key)
{
	uint64_t *words = at[filter_block(key, blocks)].words, bits = key * KEY_A;

	for (int i = 0; i < FILTER_WORDS; i++)
		words[i] |= UINT64_C(1) << filter_bit(bits, i);
}

/*
 * Three words refuse most of what is not there: fewer instructions, so that the processor gets to
 * the next question while this one waits for memory.
 */
static inline bool filter_may(const struct filter_block *at, uint32_t blocks, uint64_t key)
{
	const uint64_t *words = at[filter_block(key, blocks)].words;
	uint64_t bits = key * KEY_A;

	return (words[0] >> filter_bit(bits, 0) & words[1] >> filter_bit(bits, 1) &
		words[2] >> filter_bit(bits, 2)) & 1;
}

static inline bool filter_has(const struct filter_block *at, uint32_t blocks, uint64_t key)
{
	const uint64_t *words = at[filter_block(key, blocks)].words;
	uint64_t bits = key * KEY_A, all = filter_may(at, blocks, key);

	for (int i = 3; i < FILTER_WORDS && all; i++)
		all &= words[i] >> filter_bit(bits, i);
	return all;
}
