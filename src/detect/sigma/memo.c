// SPDX-License-Identifier: Apache-2.0
// What was found in values that come again.

#include <stdlib.h>

#include "base/memory.h"
#include "detect/sigma/memo.h"

void memo_init(struct memo *memo, uint32_t predicates)
{
	*memo = (struct memo){.predicates = predicates, .truth.mark = 1};
}

void memo_clear(struct memo *memo)
{
	free(memo->entries);
	free(memo->truth.stamps);
	free(memo->truth.found);
	*memo = (struct memo){0};
}

static void memo_make(struct memo *memo)
{
	memo->entries = memory_new(MEMO_ENTRIES * sizeof *memo->entries);
	memo->truth.stamps = memory_new((memo->predicates + 1) * sizeof *memo->truth.stamps);
}

static uint32_t value_hash(const void *who, struct text value)
{
	uint64_t hash = (uint64_t)(uintptr_t)who ^ value.n, word;
	size_t i = 0;

	for (; i + sizeof word <= value.n; i += sizeof word) {
		memcpy(&word, value.at + i, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	/* the last eight bytes, of which some were there already */
	memcpy(&word, value.at + value.n - sizeof word, sizeof word);
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(hash >> 32) | 1;
}

enum memo_answer memo_find(struct memo *memo, const void *who, struct text value,
	struct memo_entry **entry)
{
	struct memo_entry *e;
	uint32_t hash;

	if (value.n < MEMO_BYTES_MIN || value.n > MEMO_BYTES_MAX)
		return MEMO_not_kept;
	if (!memo->entries)
		memo_make(memo);
	hash = value_hash(who, value);
	e = *entry = memo->entries + (hash >> 1) % MEMO_ENTRIES;
	if (e->hash != hash) {
		e->hash = hash;
		e->known = false;
		return MEMO_not_kept;
	}
	if (!e->known) {
		e->who = who;
		e->n = (uint16_t)value.n;
		memcpy(e->value, value.at, value.n);
		return MEMO_to_be_found;
	}
	return e->who == who && e->n == value.n && !memcmp(e->value, value.at, value.n) ?
		MEMO_known : MEMO_not_kept;
}

void memo_note(struct memo *memo, struct memo_entry *entry, const struct literals *literals,
	struct text view, const uint32_t *global, uint32_t locals)
{
	struct truth *truth = &memo->truth;

	if (locals > memo->found_size) {
		memo->found_size = locals;
		truth->found = memory_resize(truth->found, locals, sizeof *truth->found);
	}
	truth->global = global;
	truth->n = 0;
	truth->mark += 2;
	if (truth->mark < 3) {
		memset(truth->stamps, 0, memo->predicates * sizeof *truth->stamps);
		truth->mark = 3;
	}
	literals_find(literals, view, truth);
	entry->known = truth->n <= MEMO_FOUND_MAX;
	entry->found_count = (uint8_t)(entry->known ? truth->n : 0);
	for (unsigned i = 0; i < entry->found_count; i++)
		entry->found[i] = truth->found[i];
}
