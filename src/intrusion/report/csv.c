// SPDX-License-Identifier: Apache-2.0
// A timeline as a table by RFC 4180. A value that a spreadsheet would take for a formula gets a
// quote in front.

#include "base/csv.h"
#include "base/own.h"
#include "base/printable.h"
#include "intrusion/report/report.h"

static const char *const columns[] = { "time", "since_first_ms", "kind", "level", "rule",
	"what_happened", "techniques", "tactics", "done", "program", "pid", "user", "ancestry",
	"detection_id" };

enum { COLUMNS = array_size(columns) };

static void number_cell(struct csv *row, int64_t number)
{
	if (number != NUMBER_NONE)
		csv_number(row, number);
	else
		csv_empty(row);
}

static struct text joined(struct text_list list, struct arena *arena)
{
	struct text out = TEXT("");

	for (size_t i = 0; i < list.n; i++)
		out = arena_format(arena, "%.*s%s%.*s", TEXT_PRINT(out), i ? " " : "",
			TEXT_PRINT(list.at[i]));
	return out;
}

/* What the timeline covers, in the columns of an entry. */
static void head_row(const struct timeline *timeline, struct csv *row)
{
	struct text words = timeline->completeness.sentence;

	for (size_t i = 0; i < timeline->completeness.reservations.n; i++)
		words = arena_format(row->arena, "%.*s; %.*s", TEXT_PRINT(words),
			TEXT_PRINT(timeline->completeness.reservations.at[i]));
	csv_cell(row, time_words(timeline->from, row->arena));
	number_cell(row, NUMBER_NONE);
	csv_cell(row, TEXT("timeline"));
	csv_cell(row, TEXT(""));
	csv_cell(row, TEXT(""));
	csv_cell(row,
		arena_format(row->arena, "%.*s until %.*s: %.*s; %.*s", TEXT_PRINT(timeline->host),
			TEXT_PRINT(time_words(timeline->to, row->arena)),
			TEXT_PRINT(count_words(timeline->numbers.events, "event", row->arena)),
			TEXT_PRINT(words)));
	for (size_t i = 6; i < COLUMNS; i++)
		csv_cell(row, TEXT(""));
	csv_end(row);
}

static void entry_row(const struct timeline *timeline, const struct timeline_entry *entry,
	struct csv *row)
{
	static const struct detection none;
	const struct detection *detection = entry->event->detection ? entry->event->detection
								    : &none;
	const struct process *process = entry->what == ENTRY_detection ? entry->event->process
								       : NULL;

	csv_cell(row, time_words(entry->time, row->arena));
	number_cell(row, (entry->time - timeline_begin(timeline)) / 1000000);
	csv_cell(row, text_of(kinds[entry->event->kind].name));
	csv_cell(row, detection->level);
	csv_cell(row, detection->rule_name);
	csv_cell(row, entry->sentence);
	csv_cell(row, joined(detection->techniques, row->arena));
	csv_cell(row, joined(detection->tactics, row->arena));
	csv_cell(row, entry->done);
	csv_cell(row, process ? process->executable : TEXT(""));
	number_cell(row, process ? process->pid : NUMBER_NONE);
	csv_cell(row, process ? process->user : TEXT(""));
	csv_cell(row, entry->ancestry);
	csv_cell(row, detection->id);
	csv_end(row);
}

void report_csv(const struct timeline *timeline, FILE *out)
{
	until_return(arena_clear) struct arena arena = { 0 };
	struct csv row = { .out = out, .arena = &arena };

	for (size_t i = 0; i < COLUMNS; i++)
		csv_cell(&row, text_of(columns[i]));
	csv_end(&row);
	head_row(timeline, &row);
	for (size_t i = 0; i < timeline->n; i++)
		entry_row(timeline, &timeline->entries[i], &row);
}
