// SPDX-License-Identifier: Apache-2.0
// What a timeline comes to, in words.

#include <inttypes.h>

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/report/summary.h"
#include "intrusion/tactic.h"

struct text summary_levels(const struct timeline *timeline, struct arena *arena)
{
	struct text parts[LEVEL_COUNT];
	size_t n = 0;

	for (size_t i = LEVEL_COUNT; i; i--)
		if (timeline->levels[i - 1])
			parts[n++] = arena_format(arena, "%.*s %s",
				TEXT_PRINT(number_words((int64_t)timeline->levels[i - 1], arena)),
				level_words[i - 1]);
	return list_words((struct text_list){ parts, n }, " and ", arena);
}

struct text summary_found(const struct timeline *timeline, struct arena *arena)
{
	if (!timeline->detections)
		return TEXT("no detections");
	return arena_format(arena, "%.*s by %.*s: %.*s",
		TEXT_PRINT(count_words((int64_t)timeline->detections, "detection", arena)),
		TEXT_PRINT(count_words((int64_t)timeline->rule_count, "rule", arena)),
		TEXT_PRINT(summary_levels(timeline, arena)));
}

static struct text were(size_t number, const char *what, struct arena *arena)
{
	return arena_format(arena, "%.*s %s %s", TEXT_PRINT(number_words((int64_t)number, arena)),
		number == 1 ? "was" : "were", what);
}

struct text summary_done(const struct timeline *timeline, struct arena *arena)
{
	size_t seen = timeline->detections - timeline->prevented - timeline->stopped_after, n = 0;
	struct text parts[3], out = TEXT("");

	if (!timeline->detections)
		return TEXT("nothing was to be done");
	if (seen == timeline->detections)
		return TEXT("none was stopped");
	if (timeline->prevented == timeline->detections)
		return TEXT("all were stopped before they happened");
	if (timeline->prevented)
		parts[n++] = were(timeline->prevented, "stopped before it happened", arena);
	if (timeline->stopped_after)
		parts[n++] = were(timeline->stopped_after, "followed by killing the process",
			arena);
	if (seen)
		parts[n++] = were(seen, "detected, not stopped", arena);
	for (size_t i = 0; i < n; i++)
		out = arena_format(arena, "%.*s%s%.*s", TEXT_PRINT(out), i ? "; " : "",
			TEXT_PRINT(parts[i]));
	return out;
}

struct text summary_attack(const struct detection *detection, struct arena *arena)
{
	struct text techniques = list_words(detection->techniques, ", ", arena),
		    tactics = TEXT("");

	for (size_t i = 0; i < detection->tactics.n; i++)
		tactics = arena_format(arena, "%.*s%s%.*s", TEXT_PRINT(tactics), i ? ", " : "",
			TEXT_PRINT(tactic_words(detection->tactics.at[i], arena)));
	if (!tactics.n || !techniques.n)
		return tactics.n ? tactics : techniques;
	return arena_format(arena, "%.*s (%.*s)", TEXT_PRINT(tactics), TEXT_PRINT(techniques));
}

struct text summary_since(const struct timeline *timeline, const struct timeline_entry *entry,
	struct arena *arena)
{
	int64_t ms = (entry->time - timeline_begin(timeline)) / 1000000;
	int64_t s = ms / 1000, days = s / 86400;
	struct text day = days ? arena_format(arena, "%" PRId64 "d ", days) : TEXT("");

	return arena_format(arena, "+%.*s%02d:%02d:%02d.%03d", TEXT_PRINT(day),
		(int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60), (int)(ms % 1000));
}

struct text summary_repeats(const struct timeline_entry *entry, struct arena *arena)
{
	if (!entry->repeats)
		return TEXT("");
	if (entry->what == ENTRY_gap)
		return arena_format(arena, "in %zu gaps until %.*s", entry->repeats + 1,
			TEXT_PRINT(time_words(entry->until, arena)));
	return arena_format(arena, "and %.*s more of the same until %.*s",
		TEXT_PRINT(count_words((int64_t)entry->repeats, "time", arena)),
		TEXT_PRINT(time_words(entry->until, arena)));
}
