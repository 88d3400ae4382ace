// SPDX-License-Identifier: Apache-2.0
// Many plain texts looked for in one value at once.

#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"
#include "detect/sigma/literals.h"

enum {
	GRAM = 4,
	MAP_BITS_MIN = 9,
	MAP_BITS_MAX = 16, /* 8 KiB of bitmap */
	EDGE_BITS = 12,
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
	struct group equal, edge[2] /* starts, ends */, contains;
	struct group shorter[3]; /* of less than 4 bytes: starts, ends, contains */
	uint64_t first_bytes[4]; /* that begin a contained text of less than 4 bytes */
	struct arena texts;
};

static uint32_t load(const char *at)
{
	uint32_t gram;

	memcpy(&gram, at, sizeof gram);
	return gram;
}

static uint32_t mix(uint32_t gram)
{
	return gram * UINT32_C(0x9e3779b1);
}

struct literals *literals_new(void)
{
	return memory_new(sizeof(struct literals));
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
	for (unsigned i = 0; i < 2; i++)
		group_clear(l->edge + i);
	for (unsigned i = 0; i < 3; i++)
		group_clear(l->shorter + i);
	arena_clear(&l->texts);
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
static unsigned rarity(unsigned char c)
{
	static const char common[] = " e/atoinsrl-.cdupmhbfgvk_=:wyx0123";
	const char *at = c ? memchr(common, c, sizeof common - 1) : NULL;

	if (at)
		return (unsigned)(at - common);
	return c >= 'a' && c <= 'z' ? 40 : c < 0x80 ? 44 : 64;
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
			sum += rarity((unsigned char)entry->at[j]);
		if (sum > best) {
			best = sum;
			entry->gram_at = i;
		}
	}
	entry->gram = load(entry->at + entry->gram_at);
	entry->second_at = entry->gram_at * 2 + GRAM > entry->n ? 0 : entry->n - GRAM;
	entry->second = load(entry->at + entry->second_at);
}

void literals_add(struct literals *literals, enum literal_how how, struct text text,
	uint32_t local)
{
	struct entry entry = {
		.at = arena_copy(&literals->texts, text).at,
		.n = (uint32_t)text.n,
		.local = local,
	};

	if (how == LITERAL_equal) {
		uint64_t hash = text_hash(text);

		entry.gram = (uint32_t)(hash ^ hash >> 32);
		group_add(&literals->equal, &entry);
		return;
	}
	if (text.n < GRAM) {
		if (how == LITERAL_contains)
			literals->first_bytes[(unsigned char)*entry.at / 64] |=
				UINT64_C(1) << (unsigned char)*entry.at % 64;
		group_add(literals->shorter + (how - LITERAL_starts), &entry);
		return;
	}
	if (how == LITERAL_contains) {
		grams_choose(&entry);
		group_add(&literals->contains, &entry);
		return;
	}
	entry.gram_at = how == LITERAL_ends ? entry.n - GRAM : 0;
	entry.second_at = how == LITERAL_ends ? 0 : entry.n - GRAM;
	entry.gram = load(entry.at + entry.gram_at);
	entry.second = load(entry.at + entry.second_at);
	group_add(literals->edge + (how == LITERAL_ends), &entry);
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

void literals_build(struct literals *literals)
{
	struct group *shorter = literals->shorter;

	group_build(&literals->equal, bits_for(literals->equal.n, 4, 6, MAP_BITS_MAX),
		bits_for(literals->equal.n, 1, 4, 20));
	for (unsigned i = 0; i < 2; i++)
		group_build(literals->edge + i,
			bits_for(literals->edge[i].n, 4, MAP_BITS_MIN, EDGE_BITS),
			bits_for(literals->edge[i].n, 1, 4, EDGE_BITS));
	group_build(&literals->contains,
		bits_for(literals->contains.n, 6, MAP_BITS_MIN, MAP_BITS_MAX),
		bits_for(literals->contains.n, 1, 4, EDGE_BITS));
	for (unsigned i = 0; i < 3; i++)
		shorter_build(shorter + i);
}

static inline bool map_has(const struct group *group, uint32_t hash)
{
	uint32_t bit = hash >> (32 - group->map_bits);

	return group->map[bit / 64] >> bit % 64 & 1;
}

static void equal_find(const struct group *group, struct text value, struct truth *truth)
{
	uint64_t full = text_hash(value);
	uint32_t key = (uint32_t)(full ^ full >> 32), hash = mix(key), bucket;

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
static void edge_find(const struct group *group, struct text value, bool at_end,
	struct truth *truth)
{
	uint32_t gram = load(at_end ? value.at + value.n - GRAM : value.at), hash = mix(gram),
		bucket;

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

static void short_find(const struct literals *literals, struct text value, struct truth *truth)
{
	const struct group *group = literals->shorter + 2;

	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.at[i];

		if (!(literals->first_bytes[c / 64] >> c % 64 & 1))
			continue;
		for (uint32_t e = 0; e < group->n && group->at[e].bucket <= c; e++) {
			const struct entry *entry = group->at + e;

			if (entry->bucket == c && entry->n <= value.n - i &&
			    !truth_is(truth, entry->local) &&
			    !memcmp(entry->at, value.at + i, entry->n))
				truth_set(truth, entry->local);
		}
	}
}

void literals_find(const struct literals *literals, struct text value, struct truth *truth)
{
	if (literals->equal.n)
		equal_find(&literals->equal, value, truth);
	for (unsigned end = 0; end < 2; end++) {
		if (literals->edge[end].n && value.n >= GRAM)
			edge_find(literals->edge + end, value, end, truth);
		if (literals->shorter[end].n)
			short_edge_find(literals->shorter + end, value, end, truth);
	}
	if (literals->contains.n)
		contains_find(&literals->contains, value, truth);
	if (literals->shorter[2].n)
		short_find(literals, value, truth);
}
