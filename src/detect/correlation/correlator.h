/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running state of correlations: sliding windows by event time, for each group of values. Used
 * by one thread.
 *
 *	struct correlator *correlator = correlator_new(rules, bytes, fired, context);
 *	correlator_take(correlator, &hit);	// in the order of time
 *	correlator_end(correlator);
 *
 * Memory is bounded: `bytes` in all, an equal share for each correlation, so that a flood of
 * groups of one cannot push out those of another; the group that was used longest ago goes
 * first. A group keeps at most CORRELATOR_VALUES events of its window. What goes is counted.
 */
#pragma once

#include "detect/correlation/correlation.h"

enum { CORRELATOR_VALUES = 4096, CORRELATOR_EVENTS = 16 };

/* A correlation that is satisfied. Texts and lists are valid until the call returns. */
struct correlation_fired {
	const struct correlation *correlation;
	const struct rule *rule; /* the correlation as a rule of the set */
	struct text key; /* see correlation_key_each */
	event_time first, last; /* of the events that satisfy it */
	double value; /* what was compared with the condition; of temporal ones how many rules */
	uint64_t events[CORRELATOR_EVENTS]; /* the newest of them, the oldest first */
	size_t event_count, events_total;
	bool incomplete; /* its window held more than CORRELATOR_VALUES events: the newest count */
};

struct correlator;
struct correlator *correlator_new(const struct rules *rules, size_t bytes,
	void (*fired)(void *context, const struct correlation_fired *fired), void *context);
void correlator_free(struct correlator **correlator);

/*
 * One event of one correlation. What it completes is told, and given on to correlations of
 * correlations, before the call returns. One that is older than those before counts as it is
 * where its window still stands.
 */
void correlator_take(struct correlator *correlator, const struct correlation_hit *hit);

/* It is at least this late: decides what waits for the end of its window. */
void correlator_advance(struct correlator *correlator, event_time now);

/* There are no more events. */
void correlator_end(struct correlator *correlator);

/* Groups that went before their window was over, and events that went out of full windows. */
struct correlator_losses {
	uint64_t groups, events;
};
struct correlator_losses correlator_losses(const struct correlator *correlator);

/* Bytes that all groups take. */
size_t correlator_bytes(const struct correlator *correlator);
