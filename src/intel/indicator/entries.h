/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indicators while they are gathered: of each type a list that grows, their texts in one pool, and
 * what many have in common (source, comment ...) kept once.
 */
#pragma once

#include "intel/indicator/image.h"
#include "intel/indicator/value.h"

/* A text is cut there; of a comment this is more than anybody reads. */
enum { NOTE_MAX = 1000 };

/* What a feed says of one indicator besides its value. Texts not known have none. */
struct entry_facts {
	struct text source, file, label, reference, comment;
	unsigned line;
	int confidence; /* -1: not known */
	enum tlp tlp;
	int64_t valid_from, expires; /* seconds since 1970; 0: not known */
};

struct entry {
	uint32_t origin, line;
	struct image_times times;
};

struct entry_list {
	struct entry *at;
	uint8_t *values; /* width bytes each, a text as its place */
	size_t n, size;
};

/* A hash table of numbers whose meaning is the caller's. */
struct number_set {
	uint32_t *at; /* 0: free */
	size_t n, size;
};

struct entries {
	struct entry_list lists[INDICATOR_TYPES];
	uint8_t *texts; /* length in two bytes, then the bytes; place 0 is the empty text */
	size_t text_bytes, text_size;
	struct number_set text_set, origin_set;
	struct image_origin *origins;
	size_t origin_count, origin_size;
	size_t count; /* of all lists */
};

void entries_init(struct entries *entries);
void entries_clear(struct entries *entries);

/* False if there is no room: FEEDS_MAX indicators, or 4 GiB of texts. */
bool entries_add(struct entries *entries, const struct value *value,
	const struct entry_facts *facts);

/* The value of a row of a list; its length goes to `n`. */
const uint8_t *entry_value(const struct entries *entries, enum indicator_type type, size_t row,
	size_t *n);

/* Bytes of a value in a list. */
static inline size_t entry_width(enum indicator_type type)
{
	return indicator_widths[type] ? indicator_widths[type] : sizeof(uint32_t);
}
