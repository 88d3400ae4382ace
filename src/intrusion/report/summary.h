/* SPDX-License-Identifier: Apache-2.0 */
/* What a timeline comes to, in words: the sentences on top of the reports for people. */
#pragma once

#include "intrusion/timeline.h"

/* "9 detections by 7 rules: 1 critical, 5 high and 3 medium" */
struct text summary_found(const struct timeline *timeline, struct arena *arena);

/* "1 was stopped before it happened; 8 were detected only" */
struct text summary_done(const struct timeline *timeline, struct arena *arena);

/* "1 critical, 5 high and 3 medium" */
struct text summary_levels(const struct timeline *timeline, struct arena *arena);

/*
 * "T1059.004, T1505.003" with the names of the tactics: "Execution, Persistence (T1059.004,
 * T1505.003)"; may be empty.
 */
struct text summary_attack(const struct detection *detection, struct arena *arena);

/* Time since the timeline's beginning: "+00:01:02.120", "+3d 00:01:02.120". */
struct text summary_since(const struct timeline *timeline, const struct timeline_entry *entry,
	struct arena *arena);

/* "and 12 times more until 2015-..."; an empty text where there are no repeats. */
struct text summary_repeats(const struct timeline_entry *entry, struct arena *arena);
