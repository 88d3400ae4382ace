/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found in values that come again and again: programs, users, folders. A value is kept
 * from the second time on that it comes, whole, so that no two are mistaken for one another. One
 * memo belongs to one thread.
 */
#pragma once

#include "detect/sigma/literals.h"

enum { MEMO_ENTRIES = 2048, MEMO_BYTES_MIN = 8, MEMO_BYTES_MAX = 224, MEMO_FOUND_MAX = 16 };

struct memo_entry {
	uint32_t hash; /* of who asks and of the value; alone: it came once */
	uint8_t known; /* what was found is here */
	uint8_t found_count;
	uint16_t n;
	const void *who;
	uint32_t found[MEMO_FOUND_MAX]; /* local numbers */
	char value[MEMO_BYTES_MAX];
};

struct memo {
	struct memo_entry *entries; /* NULL until it is used */
	struct truth truth; /* while it finds out */
	uint32_t found_size, predicates;
};

void memo_init(struct memo *memo, uint32_t predicates);
void memo_clear(struct memo *memo);

/* What came of looking for an entry. */
enum memo_answer { MEMO_not_kept, MEMO_to_be_found, MEMO_known };

/*
 * Looks for a value; MEMO_to_be_found: what is found in it now is to be noted by memo_note.
 */
enum memo_answer memo_find(struct memo *memo, const void *who, struct text value,
	struct memo_entry **entry);

/* Looks for the texts in `view`, a form of the value, and notes what is found. */
void memo_note(struct memo *memo, struct memo_entry *entry, const struct literals *literals,
	struct text view, const uint32_t *global, uint32_t locals);

/* Marks what was found. */
static inline void memo_tell(const struct memo_entry *entry, struct truth *truth)
{
	for (unsigned i = 0; i < entry->found_count; i++)
		truth_set(truth, entry->found[i]);
}
