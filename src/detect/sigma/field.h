/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The field names that rules ask for, each with a number. An event's key finds its number without
 * making a text:
 *
 *	field = fields_intern(&fields, TEXT("ParentImage"));
 *	key = name_key_add(NAME_KEY_START, TEXT("parentimage"));
 *	for (n = fields_find(&fields, key); n; n = fields.at[n].next_same) ...
 *
 * Names are compared caseless and without blanks; two spellings of one name are two fields with
 * the same key.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "event/name_key.h"

enum { FIELD_KEYWORDS = 0 }; /* the field whose values are all values of the event */

struct field_name {
	struct text name; /* blanks removed */
	uint64_t key;
	uint32_t next_same; /* next field with this key, 0: none */
};

struct fields {
	struct field_name *at;
	uint32_t n, size;
	uint32_t *table, table_size; /* open addressing by key: the first field with it */
	struct arena arena;
};

void fields_init(struct fields *fields);
void fields_clear(struct fields *fields);

/* The number of a name, a new one where it is not known yet. */
uint32_t fields_intern(struct fields *fields, struct text name);

/* The first field with this key, 0 if none. */
uint32_t fields_find(const struct fields *fields, uint64_t key);

/* Whether this is the name as written in the rule (blanks aside). */
bool field_name_is(const struct field_name *field, struct text name);
