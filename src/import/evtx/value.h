/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value that a record puts into its template: its bytes and their type, of which a text is made
 * when it is asked for.
 */
#pragma once

#include "event/record.h"
#include "import/evtx/room.h"

enum value_type {
#define TYPE(number, name, ...) TYPE_##name = number,
#include "import/evtx/value.def"
#undef TYPE
	TYPE_array = 0x80, /* or'ed to the type of its items */
};

struct value {
	const char *at;
	uint16_t n;
	uint8_t type;
	bool made; /* what follows is there */
	enum value_kind kind;
	struct text text;
};

/* No value, or an empty one: an optional element is left out. */
static inline bool value_is_absent(const struct value *value)
{
	return value->type == TYPE_null || !value->n;
}

/*
 * Makes the text of a value that is no array and no XML, once: numbers in decimal, hexadecimal
 * types as "0x1f", times as "2019-03-18T14:37:02.123456Z", GUIDs in upper case without braces,
 * SIDs as "S-1-5-18", bytes, and what is not as long as its type, as "1F00".
 */
void value_make(struct value *value, struct room *room);

/*
 * The next item of an array, whose first byte is `*from` (0 at the start); false at the end. What
 * is left over and makes no item is an item of bytes.
 */
bool value_next(const struct value *array, size_t *from, struct value *item);

/* A FILETIME as a time, NUMBER_NONE if it does not fit one. */
event_time value_time(uint64_t filetime);
