// SPDX-License-Identifier: Apache-2.0
// What was found in values that come again.

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/memory.h"
#include "detect/sigma/memo.h"

enum { NOT_KNOWN, KNOWN, TOO_MUCH /* more was found than an entry holds */ };

void memo_init(struct memo *memo, uint32_t predicates)
{
	*memo = (struct memo){.predicates = predicates, .truth.mark = 1};
	/* where there is no better one, the time is a secret to those who wrote the values */
	if (getrandom(memo->secret, sizeof memo->secret, GRND_NONBLOCK) != sizeof memo->secret) {
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		for (unsigned i = 0; i < 3; i++)
			memo->secret[i] ^= (uint64_t)now.tv_nsec * (i + 0x9e3779b97f4a7c15);
	}
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

static inline uint64_t load(const char *at, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, at, n);
	return word;
}

/* Both halves of a product, folded (as wyhash does). */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t value_hash(const struct memo *memo, const void *who, struct text value)
{
	uint64_t hash = memo->secret[0] ^ (uint64_t)(uintptr_t)who, low, high;
	const char *at = value.at;
	size_t left = value.n;

	for (; left > 16; at += 16, left -= 16)
		hash = fold(load(at, 8) ^ memo->secret[1], load(at + 8, 8) ^ hash);
	if (left >= 8) {
		low = load(at, 8);
		high = load(at + left - 8, 8);
	} else {
		low = load(at, left);
		high = 0;
	}
	hash = fold(low ^ memo->secret[1], high ^ hash);
	return fold(hash ^ memo->secret[2], value.n ^ memo->secret[1]) | 1;
}

struct memo_entry *memo_place(struct memo *memo, const void *who, struct text value,
	uint64_t *hash)
{
	struct memo_entry *entry;

	if (value.n > MEMO_BYTES_MAX)
		return NULL;
	if (!memo->entries)
		memo_make(memo);
	*hash = value_hash(memo, who, value);
	entry = memo->entries + (*hash >> 40) % MEMO_ENTRIES;
	__builtin_prefetch(entry, 1);
	return entry;
}

enum memo_answer memo_find(struct memo_entry *entry, uint64_t hash)
{
	if (entry->hash != hash) {
		entry->hash = hash;
		entry->known = NOT_KNOWN;
		return MEMO_not_kept;
	}
	if (entry->known == NOT_KNOWN)
		return MEMO_to_be_found;
	return entry->known == KNOWN ? MEMO_known : MEMO_not_kept;
}

bool memo_note(struct memo *memo, struct memo_entry *entry, const struct literals *literals,
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
	entry->known = truth->n <= MEMO_FOUND_MAX ? KNOWN : TOO_MUCH;
	if (entry->known == TOO_MUCH)
		return false;
	entry->found_count = (uint32_t)truth->n;
	for (unsigned i = 0; i < entry->found_count; i++)
		entry->found[i] = truth->found[i];
	return true;
}
