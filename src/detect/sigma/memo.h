/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found in values that come again and again: programs, users, folders. A value is known
 * by a hash of 64 bits under a secret that is drawn anew for each memo, so that nobody can make
 * two values that are mistaken for one another. What was found is kept from the second time on.
 * One memo belongs to one thread.
 */
#pragma once

#include "detect/sigma/literals.h"

enum { MEMO_ENTRIES = 32768, MEMO_BYTES_MAX = 4096, MEMO_FOUND_MAX = 12 };

struct memo_entry {
	uint64_t hash; /* of who asks and of the value */
	uint32_t known; /* what was found is here */
	uint32_t found_count;
	uint32_t found[MEMO_FOUND_MAX]; /* local numbers */
};

struct memo {
	struct memo_entry *entries; /* NULL until it is used */
	uint64_t secret[3];
	struct truth truth; /* while it finds out */
	uint32_t found_size, predicates;
};

void memo_init(struct memo *memo, uint32_t predicates);
void memo_clear(struct memo *memo);

/* What came of looking for an entry. */
enum memo_answer { MEMO_not_kept, MEMO_to_be_found, MEMO_known };

/*
 * The place of a value, which is fetched meanwhile: NULL if it is too long to be kept. Then what
 * stands there; MEMO_to_be_found: what is found now is to be noted by memo_note.
 */
struct memo_entry *memo_place(struct memo *memo, const void *who, struct text value,
	uint64_t *hash);
enum memo_answer memo_find(struct memo_entry *entry, uint64_t hash);

/*
 * Looks for the texts in `view`, a form of the value, and notes what is found; false if that is
 * more than an entry holds.
 */
bool memo_note(struct memo *memo, struct memo_entry *entry, const struct literals *literals,
	struct text view, const uint32_t *global, uint32_t locals);

/* Marks what was found. */
static inline void memo_tell(const struct memo_entry *entry, struct truth *truth)
{
	for (unsigned i = 0; i < entry->found_count; i++)
		truth_set(truth, entry->found[i]);
}
