/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorded event as JSON, read into a row: flat, nested (a field "A.B" is B inside of A, or the
 * key "A.B"), Windows events in the shapes that exporters make (Event.System and Event.EventData,
 * winlog.event_data), arrays as several values.
 */
#pragma once

#include "detect/sigma/field.h"
#include "detect/sigma/route.h"
#include "detect/sigma/row.h"

/* What the event says about where it comes from. */
struct record {
	enum event_kind kind; /* of "event.kind", as event_write names it; EVENT_KINDS if it is
				 none of ours */
	struct text channel; /* of a Windows event */
	int64_t id; /* NUMBER_NONE if it has none */
	struct source stated; /* its own `logsource` object */
	bool is_stated;
};

/*
 * Fills the row, which was begun; `keywords`: all values are wanted as FIELD_KEYWORDS too. -1 with
 * a sentence if it is no JSON object.
 */
int record_read(struct record *record, struct row *row, const struct fields *names, bool keywords,
	struct text json, struct error *err);
