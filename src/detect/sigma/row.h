/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row: the values of one event, by field number. A field may have several values; a predicate is
 * true if it is true of one of them. A row is filled from JSON at once, from a typed event field
 * by field as they are asked for.
 *
 *	row_begin(&row);
 *	row_add(&row, field, VALUE_text, text, 1);
 *	for (i = row_first(&row, field); i; i = row.values[i].next)
 *		row_view(&row, i, VIEW_folded);
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "detect/sigma/predicate.h"
#include "event/record.h"

enum { VALUE_BYTES_MAX = 1 << 20 }; /* what is longer is cut */

struct value {
	struct text
		view[VIEWS]; /* VIEW_raw is there always, the others once they were asked for */
	uint32_t next; /* of the same field, 0: none */
	enum value_kind kind;
};

struct slot {
	uint32_t epoch; /* the slot is empty unless this is the row's */
	uint32_t first, last;
	uint8_t rank; /* how well the key fitted the field's name; a better one replaces what was
			 there */
};

struct row {
	struct slot *slots;
	uint32_t slot_count;
	struct value *values;
	uint32_t n, size; /* value 0 is not used */
	uint32_t epoch;
	struct arena arena; /* of this event */
	/*
	 * Fills a slot that was not filled for this event yet; NULL: all that there is, is there.
	 */
	void (*fill)(void *context, struct row *row, uint32_t field);
	void *context;
	const struct event *event; /* that it is filled from */
	struct regex_room *room; /* of who asks */
	bool cut; /* a value was longer than VALUE_BYTES_MAX */
};

/* For fields 0 .. `field_numbers` - 1. */
void row_init(struct row *row, uint32_t field_numbers);
void row_clear(struct row *row);

/* Forgets the last event. */
void row_begin(struct row *row);

/*
 * Adds a value. One of higher rank than those that are there replaces them, one of lower rank is
 * left out. The bytes must live as long as the event.
 */
void row_add(struct row *row, uint32_t field, enum value_kind kind, struct text text,
	uint8_t rank);

/* The first value of the field, 0 if it has none. */
static inline uint32_t row_first(struct row *row, uint32_t field)
{
	struct slot *slot = row->slots + field;

	if (slot->epoch == row->epoch)
		return slot->first;
	if (!row->fill)
		return 0;
	*slot = (struct slot){.epoch = row->epoch};
	row->fill(row->context, row, field);
	return slot->first;
}

/* A value in one of its forms. */
struct text row_view(struct row *row, uint32_t value, enum view view);
