/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deciding the rules of one partition about one row: what a thread needs for it besides the set of
 * rules that it shares with others.
 */
#pragma once

#include "detect/sigma/memo.h"
#include "detect/sigma/partitions.h"
#include "detect/sigma/problem.h"
#include "detect/sigma/row.h"

struct decider {
	struct rule_set *set;
	struct problems *problems; /* where a regular expression that met its limit is named */
	struct truth truth;
	uint32_t found_size;
	uint32_t *seen; /* for each rule the mark of the event it was looked at last */
	uint64_t *matched; /* bits: rules that match the event at hand */
	struct regex_room room;
	struct memo memo;
};

void decider_init(struct decider *decider, struct rule_set *set, struct problems *problems);
void decider_clear(struct decider *decider);

/*
 * Which rules of the partition, of those whose logsource is among `sources` (NULL: all), match the
 * row: up to `max` of them, in the order of their numbers, to `hits`; returns how many there are.
 */
size_t decider_run(struct decider *decider, const struct partition *partition,
	const uint64_t *sources, struct row *row, const struct rule **hits, size_t max);
