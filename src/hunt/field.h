/* SPDX-License-Identifier: Apache-2.0 */
/* What a field of a question means in an event. */
#pragma once

#include "hunt/query.h"

enum { HUNT_FRAME_NAMES = 7, HUNT_EACH_MAX = 64 };

/* The names that belong to no object: "@timestamp", "event.kind" ... */
extern const char *const hunt_frame_names[HUNT_FRAME_NAMES];

/*
 * "2015-09-26", "2015-09-26T10:00", "2015-09-26T10:00:00", any RFC 3339 time, or how long before
 * `now`. `end`: of a day, minute or second its end.
 */
bool hunt_time(struct text text, event_time now, bool end, event_time *time);

/*
 * Calls `each` with the values that an event has there, until it says false: `text` for texts,
 * `number` for numbers, times and flags (a flag that is not set has the value 0).
 */
typedef bool hunt_each(void *context, struct text text, int64_t number);
void hunt_values(const struct event *event, const struct hunt_field *field, hunt_each *each,
	void *context);

/*
 * Its value as one text: of several those that there are, joined by blanks; no text if there is
 * none.
 */
struct text hunt_text(
	const struct event *event, const struct hunt_field *field, struct arena *arena);
