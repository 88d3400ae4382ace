/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the field names of rules find their values in a typed event. A name is the Sigma or the JSON
 * name of a field of any object (the tables of event/); before it "Parent" means that field of the
 * parent, "Ancestor" that of all ancestors.
 */
#pragma once

#include "detect/sigma/field.h"
#include "detect/sigma/row.h"
#include "event/event.h"

enum { BINDING_FIELDS = 4, ANCESTORS_MAX = 32 };

enum relation {
	RELATION_none, /* no event of ours has it */
	RELATION_self,
	RELATION_parent,
	RELATION_ancestors,
	RELATION_kind, /* the event itself: its kind, action, way, time */
	RELATION_action,
	RELATION_via,
	RELATION_time,
	RELATION_keywords, /* all values */
};

struct binding {
	enum relation relation;
	bool hash_named; /* the value is written as "SHA256=..." */
	uint8_t n;
	const struct field
		*fields[BINDING_FIELDS]; /* of the name; the first whose object is there counts */
};

/* What a name means. */
struct binding binding_find(struct text name);

/* Calls `each` with all names by which a recorded event may have what the binding finds. */
void binding_names(const struct binding *binding, void (*each)(void *context, struct text name),
	void *context);

/* Adds the values that the event has to the row's field. */
void binding_fill(const struct binding *binding, const struct event *event, struct row *row,
	uint32_t field);
