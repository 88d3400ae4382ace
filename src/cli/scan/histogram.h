/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many detections there were when, in columns whose width grows as the time they span does.
 */
#pragma once

#include "base/arena.h"
#include "event/event.h"

enum { HISTOGRAM_COLUMNS = 60 };

struct histogram {
	event_time start; /* of the first column */
	int64_t width; /* of a column, ns; 0: nothing was added yet */
	uint64_t columns[HISTOGRAM_COLUMNS];
};

void histogram_add(struct histogram *histogram, event_time time);

/* The columns up to the last that is not empty, as bars of eight heights: "▁▁▃█". */
struct text histogram_bars(const struct histogram *histogram, struct arena *arena);

/* The width of a column in words: "6 h", "1 min". */
struct text histogram_width(const struct histogram *histogram, struct arena *arena);
