/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of addresses in a trie of six bits a step, without the steps at which all ranges agree,
 * so that its size is linear in the number of ranges, whatever they are. A leaf is the narrowest
 * range that covers its place; each range knows the one around it. Since steps were left out, a
 * range that was found may not hold the address: who asks compares.
 *
 *	for (uint32_t i = trie_find(&trie, address); i < trie.ranges; i = trie.parent[i]) ...
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANGE_NONE UINT32_MAX

struct trie_node {
	uint64_t children; /* which of the 64 places go on */
	uint64_t changes; /* at which places the leaf is another than at the place before */
	uint32_t child, leaf; /* number of the first of each */
	uint32_t bit; /* at which its six bits begin */
	uint32_t pad;
};

enum { TRIE_STARTS = 65536 / 64 }; /* words of a bit for each first 16 bits of an address */

struct trie {
	const struct trie_node *node;
	const uint32_t *leaf, *parent;
	const uint64_t *starts; /* which of them some range has */
	uint32_t nodes, leaves, ranges;
	unsigned bits; /* of an address: 32 or 128 */
};

/* An address as numbers, the first bit the highest; IPv4 has 32 of them, then zeros. */
struct trie_address {
	uint64_t high, low;
};

struct trie_address trie_address(const uint8_t *bytes, unsigned bits);

/* False if no range holds any address that begins as this one does. */
static inline bool trie_begins(const struct trie *trie, const uint8_t *bytes)
{
	unsigned start = (unsigned)bytes[0] << 8 | bytes[1];

	return trie->starts[start / 64] >> start % 64 & 1;
}

/* The narrowest range that may hold the address; RANGE_NONE if none does. */
uint32_t trie_find(const struct trie *trie, struct trie_address address);

/* True if the range (an address of so many bits, then the length in a byte) holds the address. */
bool range_holds(const uint8_t *range, unsigned bits, struct trie_address address);

/* A trie while it is made. */
struct trie_made {
	struct trie_node *node;
	uint32_t *leaf, *parent;
	uint64_t *starts;
	uint32_t nodes, leaves;
	size_t node_size, leaf_size;
};

/*
 * Of ranges that stand in order of address and length, none twice, each bits / 8 + 1 bytes, with
 * no bit of its address set behind its length.
 */
void trie_make(struct trie_made *made, const uint8_t *ranges, uint32_t n, unsigned bits);
void trie_clear(struct trie_made *made);
