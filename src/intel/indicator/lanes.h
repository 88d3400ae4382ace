/* SPDX-License-Identifier: Apache-2.0 */
/* Eight bytes of text at a time, in a number: where a letter is, and all in lower case. */
#pragma once

#include <stdint.h>

#define LANES_ONES UINT64_C(0x0101010101010101)
#define LANES_HIGHS UINT64_C(0x8080808080808080)

/* The highest bit of each byte that is the letter; exact. */
static inline uint64_t lanes_find(uint64_t word, char letter)
{
	uint64_t other = word ^ (uint8_t)letter * LANES_ONES;

	return ~(((other & ~LANES_HIGHS) + ~LANES_HIGHS) | other) & LANES_HIGHS;
}

/* 'A' to 'Z' as 'a' to 'z'. */
static inline uint64_t lanes_lower(uint64_t word)
{
	uint64_t low = word & ~LANES_HIGHS, capitals = (low + (0x80 - 'A') * LANES_ONES) &
		~(low + (0x80 - 'Z' - 1) * LANES_ONES) & ~word & LANES_HIGHS;

	return word | capitals >> 2;
}

/* The same, and '\' as '/'. */
static inline uint64_t lanes_path(uint64_t word)
{
	return lanes_lower(word) ^ (lanes_find(word, '\\') >> 7) * ('\\' ^ '/');
}

static inline uint64_t lanes_same(uint64_t word)
{
	return word;
}
