/* SPDX-License-Identifier: Apache-2.0 */
/* One group of one correlation: what its window holds. */
#pragma once

#include "detect/correlation/plan.h"
#include "detect/correlation/correlator.h"

/* An event in a window. */
struct entry {
	event_time time;
	uint64_t event;
	uint64_t value; /* of value_count: hash of the values; else the bits of the number */
};

/* How often each value is in the window: open addressing, by hash. */
struct distinct {
	uint64_t *values;
	uint32_t *counts;
	uint32_t size, n;
};

struct group {
	struct group *newer, *older; /* by when it was used last */
	struct group *next; /* in its bucket */
	uint64_t hash;
	size_t bytes; /* that all of it takes */
	event_time used;
	bool above; /* the condition holds since the last event */
	bool incomplete;
	/* of counts and values: a ring of events */
	struct entry *entries;
	uint32_t first, n, size;
	double sum;
	double *sorted; /* of percentiles: the numbers of all entries, smallest first */
	struct distinct distinct;
	/* of temporal ones: for each member */
	struct entry *members; /* the last event; if ordered, .time is the start of a match */
	bool waits; /* for the end of its window */
	event_time until;
	uint32_t place; /* among those that wait */
	uint16_t key_n;
	char key[];
};

struct group *group_new(const struct correlation *correlation, struct text key, uint64_t hash);
void group_free(struct group **group);

/*
 * Takes an event in; true if the condition has just become true, with what it says in `fired`.
 * `lost` grows by events that went out of a full window.
 */
bool group_take(struct group *group, const struct correlation_hit *hit, uint64_t value,
	struct correlation_fired *fired, uint64_t *lost);

/* The window of a group that waited is over: whether the condition holds. */
bool group_decide(struct group *group, const struct correlation *correlation,
	struct correlation_fired *fired);
