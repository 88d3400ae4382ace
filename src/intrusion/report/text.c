// SPDX-License-Identifier: Apache-2.0
// A timeline for a terminal.

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/report/report.h"
#include "intrusion/report/summary.h"

static void head_write(const struct timeline *timeline, FILE *out, struct arena *arena)
{
	const struct completeness *completeness = &timeline->completeness;

	fprintf(out, "Timeline of %.*s\n", TEXT_PRINT(timeline->host));
	fprintf(out, "%.*s to %.*s (%.*s), times in UTC\n\n",
		TEXT_PRINT(time_words(timeline->from, arena)),
		TEXT_PRINT(time_words(timeline->to, arena)),
		TEXT_PRINT(duration_words(timeline->to - timeline->from, arena)));
	fprintf(out, "Found:  %.*s\n", TEXT_PRINT(summary_found(timeline, arena)));
	if (timeline->detections)
		fprintf(out, "Done:   %.*s\n", TEXT_PRINT(summary_done(timeline, arena)));
	fprintf(out, "Seen:   %.*s; %.*s\n",
		TEXT_PRINT(count_words(timeline->numbers.events, "event", arena)),
		TEXT_PRINT(completeness->sentence));
	for (size_t i = 0; i < completeness->reservations.n; i++)
		fprintf(out, "        %.*s\n", TEXT_PRINT(completeness->reservations.at[i]));
	for (size_t i = 0; i < completeness->blind.n; i++)
		fprintf(out, "%s%.*s\n",
			i ? "        " : "Limits: ", TEXT_PRINT(completeness->blind.at[i]));
	if (timeline->left_out)
		fprintf(out,
			"        only the first %d entries are told, %zu detections are left out: "
			"give --since\n",
			TIMELINE_ENTRIES_MAX, timeline->left_out);
}

static void more_write(const char *label, struct text text, FILE *out)
{
	if (text.n)
		fprintf(out, "    %-10s%.*s\n", label, TEXT_PRINT(text));
}

static void detection_write(const struct timeline *timeline, const struct timeline_entry *entry,
	FILE *out, struct arena *arena)
{
	const struct detection *detection = entry->event->detection;

	fprintf(out, "\n%.*s  %.*s  %-13s  %.*s\n", TEXT_PRINT(time_words(entry->time, arena)),
		TEXT_PRINT(summary_since(timeline, entry, arena)),
		level_words[level_rank(detection->level)],
		TEXT_PRINT(text_printable(arena, detection->rule_name)));
	more_write("", entry->sentence, out);
	more_write("", summary_repeats(entry, arena), out);
	more_write("done", entry->done, out);
	more_write("ancestry", entry->ancestry, out);
	more_write("ATT&CK", summary_attack(detection, arena), out);
	more_write("id", text_printable(arena, detection->id), out);
}

static void notice_write(const struct timeline *timeline, const struct timeline_entry *entry,
	FILE *out, struct arena *arena)
{
	fprintf(out, "\n%.*s  %.*s  %-13s  %.*s\n", TEXT_PRINT(time_words(entry->time, arena)),
		TEXT_PRINT(summary_since(timeline, entry, arena)),
		entry->what == ENTRY_gap ? "GAP" : "saker", TEXT_PRINT(entry->sentence));
	more_write("", summary_repeats(entry, arena), out);
}

void report_text(const struct timeline *timeline, FILE *out)
{
	until_return(arena_clear) struct arena arena = { 0 };

	head_write(timeline, out, &arena);
	for (size_t i = 0; i < timeline->n; i++) {
		const struct timeline_entry *entry = &timeline->entries[i];

		if (entry->again)
			continue;
		if (entry->what == ENTRY_detection)
			detection_write(timeline, entry, out, &arena);
		else
			notice_write(timeline, entry, out, &arena);
		arena_reset(&arena);
	}
	if (!tree_top(timeline->tree))
		return;
	fprintf(out, "\nProcesses that lead to the detections\n\n");
	report_tree_text(timeline->tree, out);
}
