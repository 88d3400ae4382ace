// SPDX-License-Identifier: Apache-2.0
// How many detections there were when.

#include "base/own.h"
#include "cli/scan/histogram.h"

#define SECOND INT64_C(1000000000)

/* The widths that a column may have: each divides a later one or is near enough to be read. */
static const struct {
	int64_t seconds;
	const char *words;
} widths[] = {
	{1, "1 s"}, {5, "5 s"}, {15, "15 s"}, {60, "1 min"}, {300, "5 min"}, {900, "15 min"},
	{3600, "1 h"}, {3 * 3600, "3 h"}, {6 * 3600, "6 h"}, {12 * 3600, "12 h"}, {86400, "1 day"},
	{2 * 86400, "2 days"}, {7 * 86400, "1 week"}, {28 * 86400, "4 weeks"},
	{84 * 86400, "12 weeks"}, {364 * 86400, "1 year"}, {3640 * INT64_C(86400), "10 years"},
};

static event_time floor_to(event_time time, int64_t width)
{
	event_time rest = time % width;

	return time - (rest < 0 ? rest + width : rest);
}

static int64_t wider(int64_t width)
{
	for (size_t i = 0; i < array_size(widths); i++)
		if (widths[i].seconds * SECOND > width)
			return widths[i].seconds * SECOND;
	return 0;
}

/* The same counts in columns that reach from `first` to `last`. */
static bool spread(struct histogram *h, event_time first, event_time last)
{
	struct histogram new = {.width = h->width};

	for (;;) {
		new.start = floor_to(first, new.width);
		if ((last - new.start) / new.width < HISTOGRAM_COLUMNS)
			break;
		new.width = wider(new.width);
		if (!new.width)
			return false;
	}
	for (unsigned i = 0; i < HISTOGRAM_COLUMNS; i++)
		if (h->columns[i]) {
			event_time at = h->start + i * h->width;
			int64_t column = at < new.start ? 0 : (at - new.start) / new.width;

			new.columns[column] += h->columns[i];
		}
	*h = new;
	return true;
}

static event_time last_of(const struct histogram *h)
{
	unsigned last = HISTOGRAM_COLUMNS - 1;

	while (last && !h->columns[last])
		last--;
	return h->start + last * h->width;
}

void histogram_add(struct histogram *h, event_time time)
{
	event_time last;

	/* beyond these a log's clock was wrong, and columns would not fit 64 bits */
	if (time < -(INT64_C(1) << 62) || time > INT64_C(1) << 62)
		return;
	if (!h->width) {
		h->width = SECOND;
		h->start = floor_to(time, h->width);
	}
	last = last_of(h);
	if ((time < h->start || (time - h->start) / h->width >= HISTOGRAM_COLUMNS) &&
	    !spread(h, time < h->start ? time : h->start, time > last ? time : last))
		return;
	h->columns[(time - h->start) / h->width]++;
}

struct text histogram_bars(const struct histogram *h, struct arena *arena)
{
	static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	unsigned n = HISTOGRAM_COLUMNS;
	struct text all = TEXT("");
	uint64_t most = 1;

	while (n && !h->columns[n - 1])
		n--;
	for (unsigned i = 0; i < n; i++)
		most = h->columns[i] > most ? h->columns[i] : most;
	for (unsigned i = 0; i < n; i++)
		all = arena_format(arena, "%.*s%s", (int)all.n, all.at,
			bars[(h->columns[i] * 8 + most - 1) / most]);
	return all;
}

struct text histogram_width(const struct histogram *h, struct arena *arena)
{
	for (size_t i = 0; i < array_size(widths); i++)
		if (widths[i].seconds * SECOND == h->width)
			return arena_copy(arena, text_of(widths[i].words));
	return TEXT("");
}
