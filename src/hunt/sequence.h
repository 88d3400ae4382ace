/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events that follow each other: for each set of values of `by` those steps that have been seen.
 * An event takes the place of an earlier one of the same step, as in EQL, so that the sequence
 * that is found is the shortest; and what is found begins anew.
 */
#pragma once

#include "hunt/evaluate.h"
#include "hunt/run.h"

struct sequences;

struct sequences *sequences_new(const struct hunt_sequence *sequence);
void sequences_free(struct sequences **sequences);

/* An event, and its JSON, which is made only when it is wanted. */
struct sequence_event {
	const struct event *event;
	struct text (*json)(void *context);
	void *context;
};

/*
 * Takes an event, in the order of time. When it ends a sequence, `found` gets the JSON of all its
 * events, which lives until the next call, and the result is their number; else it is 0. -1 with
 * a sentence if too many have begun.
 */
int sequences_take(struct sequences *sequences, const struct sequence_event *event,
	struct hunt_asking *asking, const struct text **found, struct error *err);
