/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a compiled set lies in memory and in its file: a head, then sections that the head places by
 * offset. Numbers are little-endian. compile.c writes it, indicators.c asks it.
 *
 * Of each type there is a table whose rows stand in order of their key; the key's highest bits
 * are the row's bucket. Rows are columns: to look for a value touches filter, directory, tags and
 * values, and only what was found touches the rest. Ranges stand in order of address and length;
 * a trie (trie.h) leads to them.
 */
#pragma once

#include <stdint.h>

#include "intel/indicator/filter.h"
#include "intel/indicators.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "sets are little-endian");

#define IMAGE_MAGIC "sakerind"

enum {
	IMAGE_VERSION = 1,
	IMAGE_ALIGN = 64,
	BUCKET_ROWS = 4, /* rows of a bucket, on average at most */
	TEXT_LENGTH = 2, /* bytes before each text */
};

struct image_section {
	uint64_t offset, bytes;
};

struct image_table {
	uint32_t rows;
	uint32_t blocks; /* of the filter; 0: there is none */
	uint32_t bucket_bits; /* a directory of 1 << bucket_bits buckets, and one more */
	uint32_t width; /* bytes of a value; a text is its place among the texts, 4 bytes */
	struct image_section filter, directory, tags, values, origins, lines, times;
};

struct image_trie {
	uint32_t nodes, leaves;
	struct image_section node, leaf, parent, starts; /* as trie.h says */
};

/* Who says it and what about: many rows share one. Texts by their place, 0: none. */
struct image_origin {
	uint32_t source, file, label, reference, comment;
	uint8_t confidence, tlp, pad[2]; /* confidence 255: not known */
};

/* Seconds since 1970; 0: not known. */
struct image_times {
	uint32_t from, expires;
};

enum image_trie_name { TRIE_ipv4, TRIE_ipv6, TRIES };

struct image_head {
	char magic[8];
	uint32_t version, head_bytes;
	uint64_t bytes; /* of the whole */
	uint64_t seed;
	uint64_t sum; /* of all behind the head */
	struct image_section texts, origins;
	struct image_table tables[INDICATOR_TYPES];
	struct image_trie tries[TRIES];
	struct image_section hosts; /* a filter over the hosts of all URLs */
	uint32_t host_blocks, pad;
	uint64_t head_sum; /* of the head up to here */
};

/* A sum over bytes, by which damage is seen; no defence against whoever writes sums too. */
static inline uint64_t image_sum(const void *bytes, size_t n)
{
	return key_of(KEY_A, bytes, n);
}

static inline uint64_t image_head_sum(const struct image_head *head)
{
	return image_sum(head, offsetof(struct image_head, head_sum));
}
