/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The columns of an event: everything that is told of it, one after the other, with numbers: what
 * frame.def names, the fields of all objects, what parent.def names, the ancestors. Whoever
 * writes events down, in whatever form, goes through them in this order.
 */
#pragma once

#include "event/event.h"

enum {
	COLUMN_time,
	COLUMN_kind,
	COLUMN_sequence,
	COLUMN_source,
	COLUMN_via,
	COLUMN_truncated,
	COLUMN_fields, /* the first field; the others follow as in `fields` */
};

struct column {
	const char *name; /* as in JSON */
	enum field_type type;
	struct text key; /* as json_key_made wants it */
	const struct field *field; /* of an object or of the parent; NULL for the others */
};

extern const struct column *const columns;
unsigned column_count(void);

/*
 * Calls `each` for each value that is known: a pointer to it as the field's C type (FIELD_C_...),
 * never to a flag that is not set. Of a process's lists and the command lines above it only with
 * `begins`, see column_begins.
 */
typedef void column_each(void *context, unsigned column, const void *value);
void columns_frame(const struct event *event, column_each *each, void *context);
void columns_object(enum object object, const void *values, bool lists, column_each *each,
	void *context);
void columns_above(
	const struct process *process, bool begins, column_each *each, void *context);

/* All of it. */
void columns_event(const struct event *event, column_each *each, void *context);

/*
 * Arguments and environment one by one, and the command lines of those above, are told once, with
 * the program's start (and where it was detected).
 */
bool column_begins(enum event_kind kind);
