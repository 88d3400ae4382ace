/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an event is one that a question asks for. */
#pragma once

#include "detect/sigma/regex.h"
#include "hunt/query.h"

/* What must be known besides the event. */
struct hunt_asking {
	/* whether a process is one of that set, see struct hunt_query */
	bool (*is_in)(void *context, const struct hunt_expr *set, struct entity entity);
	void *context;
	struct regex_room room; /* regex_room_clear when done */
	uint64_t limited; /* comparisons with a regular expression that met its limit */
	char *folded; /* memory for values without case; the evaluator's, free it when done */
	size_t folded_size;
};

/* `expr` may be NULL: every event is. */
bool hunt_fits(
	const struct hunt_expr *expr, const struct event *event, struct hunt_asking *asking);
