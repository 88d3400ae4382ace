/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine counts, in one page of memory that it shares with the parent: the totals
 * outlive an engine that dies, and the parent knows to the last event what its successor must
 * begin with. Written by one engine at a time; the parent only reads, and believes nothing of it
 * but numbers to show.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"

enum { LEVELS = 6 };

struct numbers {
	uint64_t beats; /* grows while the engine lives */
	uint64_t sequence; /* number of the next event */
	uint64_t events, gaps, missing; /* gap events, and events that they report missing */
	uint64_t detections[LEVELS]; /* by level, as in level_names */
	uint64_t prevented, killed, failed; /* detections by what was done about them */
	uint64_t holds, hold_denied; /* verdicts given */
	uint64_t missing_rings; /* of those, the ones that were lost in the rings */
	uint64_t kept, refused; /* records by what the store said of them */
	uint64_t dropped; /* that never reached it */
	uint64_t settled_here; /* kept and refused by the store that runs now */
	/* refused and dropped, for which no gap event was made yet; file events apart */
	uint64_t untold, untold_files;
	uint64_t lines_dropped;
	uint64_t unhashed; /* events whose hashes were wanted and not found in time */
	uint64_t processes, evicted, memory; /* of the process table */
};

/* From critical to informational; the last stands for none and for unknown ones. */
extern const char *const level_names[LEVELS];

/* Index in level_names. */
unsigned level_number(struct text level);
