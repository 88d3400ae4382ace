// SPDX-License-Identifier: Apache-2.0
// Many plain texts looked for in one value at once.

#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"
#include "detect/sigma/literals.h"

enum {
	GRAM = 4,
	MAP_BITS_MIN = 9,
	MAP_BITS_MAX = 17, /* 16 KiB of bitmap */
	EDGE_BITS = 14,
	EDGE_BUCKETS = 1 << EDGE_BITS,
};

struct entry {
	const char *at;
	uint32_t n, local;
	uint32_t gram, gram_at; /* the 4 bytes it is found by, and where they are in it */
	uint32_t second, second_at;
	uint32_t bucket;
};

/* Entries of one kind, sorted by bucket; those of bucket b are start[b] .. start[b + 1] - 1. */
struct group {
	struct entry *at;
	uint32_t n, size;
	uint32_t *start;
	uint64_t *map; /* one bit for each hash of MAP bits that occurs */
	unsigned map_bits, bucket_bits;
};

struct literals {
	struct group equal, contains;
	struct group edge[2], edge8[2]; /* starts, ends: of 4 to 7 bytes, of 8 and more */
	struct group shorter[3]; /* of less than 4 bytes: starts, ends, contains */
	/* of contained texts of less than 4 bytes: where those begin that begin with a byte */
	uint32_t shorter_start[257];
	/* a bit for each two bytes that one may begin with; NULL: there are none */
	uint64_t *pairs;
	size_t shortest;
	struct arena texts;
};

static uint32_t load(const char *at)
{
	uint32_t gram;

	memcpy(&gram, at, sizeof gram);
	return gram;
}

/* One number for 8 bytes. */
static uint32_t load8(const char *at)
{
	uint64_t both;

	memcpy(&both, at, sizeof both);
	both *= UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(both >> 32);
}

static uint64_t value_hash(struct text value)
{
	uint64_t hash = value.n, word = 0;
	size_t i = 0;

	for (; i + sizeof word <= value.n; i += sizeof word) {
		memcpy(&word, value.at + i, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, value.at + i, value.n - i);
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static uint32_t mix(uint32_t gram)
{
	return gram * UINT32_C(0x9e3779b1);
}

struct literals *literals_new(void)
{
	struct literals *literals = memory_new(sizeof *literals);

	literals->shortest = SIZE_MAX;
	return literals;
}

size_t literals_shortest(const struct literals *literals)
{
	return literals->shortest;
}

static void group_clear(struct group *group)
{
	free(group->at);
	free(group->start);
	free(group->map);
}

void literals_free(struct literals **literals)
{
	struct literals *l = *literals;

	if (!l)
		return;
	group_clear(&l->equal);
	group_clear(&l->contains);
	for (unsigned i = 0; i < 2; i++) {
		group_clear(l->edge + i);
		group_clear(l->edge8 + i);
	}
	for (unsigned i = 0; i < 3; i++)
		group_clear(l->shorter + i);
	arena_clear(&l->texts);
	free(l->pairs);
	free(l);
	*literals = NULL;
}

static void group_add(struct group *group, const struct entry *entry)
{
	if (group->n == group->size) {
		group->size = group->size ? group->size * 2 : 8;
		group->at = memory_resize(group->at, group->size, sizeof *group->at);
	}
	group->at[group->n++] = *entry;
}

/*
 * How rare a folded byte is in command lines and paths, from 0 on: letters by their frequency in
 * English and shell text, the rest rarer.
 */
static uint8_t rarities[256];

__attribute__((constructor)) static void rarities_make(void)
{
	static const char common[] = " e/atoinsrl-.cdupmhbfgvk_=:wyx0123";

	for (unsigned c = 0; c < 256; c++)
		rarities[c] = c >= 'a' && c <= 'z' ? 40 : c < 0x80 ? 44 : 64;
	for (unsigned i = 0; i < sizeof common - 1; i++)
		rarities[(unsigned char)common[i]] = (uint8_t)i;
}

/*
 * Where the rarest 4 bytes of the text are; the end farther from them is the second place. Of a
 * text of at most 8 bytes the two are its ends, so that together they are all of it.
 */
static void grams_choose(struct entry *entry)
{
	uint32_t step = entry->n > GRAM && entry->n <= 2 * GRAM ? entry->n - GRAM : 1;
	unsigned best = 0;

	for (uint32_t i = 0; i + GRAM <= entry->n; i += step) {
		unsigned sum = 1;

		for (uint32_t j = i; j < i + GRAM; j++)
			sum += rarities[(unsigned char)entry->at[j]];
		if (sum > best) {
			best = sum;
			entry->gram_at = i;
		}
	}
	entry->gram = load(entry->at + entry->gram_at);
	entry->second_at = entry->gram_at * 2 + GRAM > entry->n ? 0 : entry->n - GRAM;
	entry->second = load(entry->at + entry->second_at);
}

static void edge_add(struct literals *literals, struct entry *entry, bool at_end)
{
	uint32_t wide = entry->n < 2 * GRAM ? GRAM : 2 * GRAM;

	entry->gram_at = at_end ? entry->n - wide : 0;
	entry->second_at = at_end ? 0 : entry->n - GRAM;
	entry->gram = wide == GRAM ? load(entry->at + entry->gram_at) :
		load8(entry->at + entry->gram_at);
	entry->second = load(entry->at + entry->second_at);
	group_add((wide == GRAM ? literals->edge : literals->edge8) + at_end, entry);
}

void literals_add(struct literals *literals, enum literal_how how, struct text text,
	uint32_t local)
{
	struct entry entry = {
		.at = arena_copy(&literals->texts, text).at,
		.n = (uint32_t)text.n,
		.local = local,
	};

	if (text.n < literals->shortest)
		literals->shortest = text.n;
	if (how == LITERAL_equal) {
		entry.gram = (uint32_t)value_hash(text);
		group_add(&literals->equal, &entry);
		return;
	}
	if (text.n < GRAM) {
		group_add(literals->shorter + (how - LITERAL_starts), &entry);
		return;
	}
	if (how == LITERAL_contains) {
		grams_choose(&entry);
		group_add(&literals->contains, &entry);
		return;
	}
	edge_add(literals, &entry, how == LITERAL_ends);
}

static int entry_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return x->local < y->local ? -1 : x->local > y->local;
}

/* Sorts the entries into buckets by the upper bits of their hash, and makes the bitmap. */
static void group_build(struct group *group, unsigned map_bits, unsigned bucket_bits)
{
	if (!group->n)
		return;
	group->map_bits = map_bits;
	group->bucket_bits = bucket_bits;
	group->map = memory_new(((UINT64_C(1) << map_bits) + 63) / 64 * sizeof *group->map);
	group->start = memory_new(((UINT64_C(1) << bucket_bits) + 1) * sizeof *group->start);
	for (uint32_t i = 0; i < group->n; i++) {
		uint32_t hash = mix(group->at[i].gram), bit = hash >> (32 - map_bits);

		group->at[i].bucket = hash >> (32 - bucket_bits);
		group->map[bit / 64] |= UINT64_C(1) << bit % 64;
		group->start[group->at[i].bucket + 1]++;
	}
	for (uint32_t b = 0; b < UINT32_C(1) << bucket_bits; b++)
		group->start[b + 1] += group->start[b];
	qsort(group->at, group->n, sizeof *group->at, entry_order);
}

/* Bits of a table with about 2^`spare` places for each entry. */
static unsigned bits_for(uint32_t n, unsigned spare, unsigned least, unsigned most)
{
	unsigned bits = least;

	while (bits < most && (UINT64_C(1) << bits) < (uint64_t)n << spare)
		bits++;
	return bits;
}

static void shorter_build(struct group *group)
{
	for (uint32_t i = 0; i < group->n; i++)
		group->at[i].bucket = (unsigned char)group->at[i].at[0];
	if (group->n)
		qsort(group->at, group->n, sizeof *group->at, entry_order);
}

static void pair_add(uint64_t *pairs, char first, char second)
{
	char bytes[2] = {first, second};
	uint16_t pair;

	memcpy(&pair, bytes, sizeof pair);
	pairs[pair / 64] |= UINT64_C(1) << pair % 64;
}

/* Which two bytes a short text may begin with: one of a single byte goes with any second. */
static void pairs_build(struct literals *literals)
{
	const struct group *group = literals->shorter + 2;

	if (!group->n)
		return;
	literals->pairs = memory_new(65536 / 8);
	for (uint32_t i = 0; i < group->n; i++) {
		const struct entry *entry = group->at + i;

		literals->shorter_start[entry->bucket + 1]++;
		for (unsigned c = 0; c < 256 && entry->n == 1; c++)
			pair_add(literals->pairs, entry->at[0], (char)c);
		if (entry->n > 1)
			pair_add(literals->pairs, entry->at[0], entry->at[1]);
	}
	for (unsigned c = 0; c < 256; c++)
		literals->shorter_start[c + 1] += literals->shorter_start[c];
}

void literals_build(struct literals *literals)
{
	struct group *shorter = literals->shorter;

	group_build(&literals->equal, bits_for(literals->equal.n, 4, 6, MAP_BITS_MAX),
		bits_for(literals->equal.n, 1, 4, 20));
	for (unsigned i = 0; i < 4; i++) {
		struct group *group = i < 2 ? literals->edge + i : literals->edge8 + (i - 2);

		group_build(group, bits_for(group->n, 4, MAP_BITS_MIN, MAP_BITS_MAX),
			bits_for(group->n, 1, 4, EDGE_BITS));
	}
	group_build(&literals->contains,
		bits_for(literals->contains.n, 6, MAP_BITS_MIN, MAP_BITS_MAX),
		bits_for(literals->contains.n, 1, 4, EDGE_BITS));
	for (unsigned i = 0; i < 3; i++)
		shorter_build(shorter + i);
	pairs_build(literals);
}

static inline bool map_has(const struct group *group, uint32_t hash)
{
	uint32_t bit = hash >> (32 - group->map_bits);

	return group->map[bit / 64] >> bit % 64 & 1;
}

static void equal_find(const struct group *group, struct text value, struct truth *truth)
{
	uint32_t key = (uint32_t)value_hash(value), hash = mix(key), bucket;

	if (!map_has(group, hash))
		return;
	bucket = hash >> (32 - group->bucket_bits);
	for (uint32_t i = group->start[bucket]; i < group->start[bucket + 1]; i++) {
		const struct entry *entry = group->at + i;

		if (entry->gram == key && entry->n == value.n &&
		    !memcmp(entry->at, value.at, value.n))
			truth_set(truth, entry->local);
	}
}

/* Texts that begin at the start of the value, or end at its end. */
static void edge_find(const struct group *group, struct text value, uint32_t gram, bool at_end,
	struct truth *truth)
{
	uint32_t hash = mix(gram), bucket;

	if (!map_has(group, hash))
		return;
	bucket = hash >> (32 - group->bucket_bits);
	for (uint32_t i = group->start[bucket]; i < group->start[bucket + 1]; i++) {
		const struct entry *entry = group->at + i;
		const char *at = at_end ? value.at + value.n - entry->n : value.at;

		if (entry->gram == gram && entry->n <= value.n &&
		    load(at + entry->second_at) == entry->second &&
		    !memcmp(at, entry->at, entry->n))
			truth_set(truth, entry->local);
	}
}

/* The texts whose 4 bytes stand at `i` of the value. */
static void bucket_find(const struct group *group, struct text value, size_t i, uint32_t gram,
	uint32_t hash, struct truth *truth)
{
	uint32_t bucket = hash >> (32 - group->bucket_bits);

	for (uint32_t e = group->start[bucket]; e < group->start[bucket + 1]; e++) {
		const struct entry *entry = group->at + e;
		const char *at = value.at + i - entry->gram_at;

		if (entry->gram != gram || truth_is(truth, entry->local) || entry->gram_at > i ||
		    i - entry->gram_at + entry->n > value.n ||
		    load(at + entry->second_at) != entry->second)
			continue;
		if (entry->n <= 2 * GRAM || !memcmp(at, entry->at, entry->n))
			truth_set(truth, entry->local);
	}
}

static void contains_find(const struct group *group, struct text value, struct truth *truth)
{
	const uint64_t *map = group->map;
	unsigned shift = 32 - group->map_bits;

	for (size_t i = 0; i + GRAM <= value.n; i++) {
		uint32_t gram = load(value.at + i), hash = mix(gram), bit = hash >> shift;

		if (__builtin_expect(map[bit / 64] >> bit % 64 & 1, 0))
			bucket_find(group, value, i, gram, hash, truth);
	}
}

static void short_edge_find(const struct group *group, struct text value, bool at_end,
	struct truth *truth)
{
	for (uint32_t i = 0; i < group->n; i++) {
		const struct entry *entry = group->at + i;

		if (entry->n <= value.n &&
		    !memcmp(value.at + (at_end ? value.n - entry->n : 0), entry->at, entry->n))
			truth_set(truth, entry->local);
	}
}

/* The short texts that begin at `i` of the value. */
static void short_find_at(const struct literals *literals, struct text value, size_t i,
	struct truth *truth)
{
	const uint32_t *start = literals->shorter_start + (unsigned char)value.at[i];

	for (uint32_t e = start[0]; e < start[1]; e++) {
		const struct entry *entry = literals->shorter[2].at + e;

		if (entry->n <= value.n - i && !truth_is(truth, entry->local) &&
		    !memcmp(entry->at, value.at + i, entry->n))
			truth_set(truth, entry->local);
	}
}

static void short_find(const struct literals *literals, struct text value, struct truth *truth)
{
	const uint64_t *pairs = literals->pairs;

	for (size_t i = 0; i + 1 < value.n; i++) {
		uint16_t pair;

		memcpy(&pair, value.at + i, sizeof pair);
		if (__builtin_expect(pairs[pair / 64] >> pair % 64 & 1, 0))
			short_find_at(literals, value, i, truth);
	}
	if (value.n)
		short_find_at(literals, value, value.n - 1, truth);
}

void literals_find(const struct literals *literals, struct text value, struct truth *truth)
{
	if (literals->equal.n)
		equal_find(&literals->equal, value, truth);
	for (unsigned end = 0; end < 2; end++) {
		const char *edge = end ? value.at + value.n : value.at;

		if (literals->edge[end].n && value.n >= GRAM)
			edge_find(literals->edge + end, value, load(edge - end * GRAM), end,
				truth);
		if (literals->edge8[end].n && value.n >= 2 * GRAM)
			edge_find(literals->edge8 + end, value, load8(edge - 2 * end * GRAM), end,
				truth);
		if (literals->shorter[end].n)
			short_edge_find(literals->shorter + end, value, end, truth);
	}
	if (literals->contains.n)
		contains_find(&literals->contains, value, truth);
	if (literals->shorter[2].n)
		short_find(literals, value, truth);
}
