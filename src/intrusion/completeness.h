/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be said about how complete a stretch of events is, from what saker noted about itself.
 * Never more than is known: a stretch of which the beginning of the watch is not recorded is not
 * called complete.
 *
 *	struct completeness completeness;
 *	completeness_find(&completeness, store, from, to, &arena, &err);
 */
#pragma once

#include "store/store.h"

struct completeness {
	bool known; /* saker's start is recorded, so that the rest means something */
	bool complete; /* known, and nothing at all is to be said against it */
	int64_t missing; /* events that gaps report */
	size_t gaps, uncounted; /* gaps; those of them that could not say how many are missing */
	struct text sentence; /* "complete: no event is missing" or what else is true */
	struct text_list
		reservations; /* sentences: times that were not watched, what was deleted */
	struct text_list blind; /* sentences: what this kernel did not show or could not stop */
};

/* Between two times (both included). Texts live in the arena. */
int completeness_find(struct completeness *completeness, struct store *store, event_time from,
	event_time to, struct arena *arena, struct error *err);
