// SPDX-License-Identifier: Apache-2.0
// A timeline as a table by RFC 4180. A value that a spreadsheet would take for a formula gets a
// quote in front.

#include <inttypes.h>

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/report/report.h"

static const char *const columns[] = { "time", "since_first_ms", "kind", "level", "rule",
	"what_happened", "techniques", "tactics", "done", "program", "pid", "user", "ancestry",
	"detection_id" };

enum { COLUMNS = array_size(columns) };

struct row {
	FILE *out;
	struct arena *arena;
	bool begun;
};

static bool is_formula(struct text text)
{
	return text.n && strchr("=+-@\t\r", text.at[0]);
}

static void cell(struct row *row, struct text text)
{
	struct text shown = text_printable(row->arena, text);
	bool quoted = is_formula(shown);

	for (size_t i = 0; i < shown.n && !quoted; i++)
		quoted = strchr(",\"\r\n", shown.at[i]);
	if (row->begun)
		fputc(',', row->out);
	row->begun = true;
	if (quoted)
		fputc('"', row->out);
	if (is_formula(shown))
		fputc('\'', row->out);
	for (size_t i = 0; i < shown.n; i++) {
		if (shown.at[i] == '"')
			fputc('"', row->out);
		fputc(shown.at[i], row->out);
	}
	if (quoted)
		fputc('"', row->out);
}

static void number_cell(struct row *row, int64_t number)
{
	/* a number below zero is no formula, and must stay one */
	fprintf(row->out, "%s", row->begun ? "," : "");
	row->begun = true;
	if (number != NUMBER_NONE)
		fprintf(row->out, "%" PRId64, number);
}

static void row_end(struct row *row)
{
	fputs("\r\n", row->out);
	row->begun = false;
	arena_reset(row->arena);
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
static void head_row(const struct timeline *timeline, struct row *row)
{
	struct text words = timeline->completeness.sentence;

	for (size_t i = 0; i < timeline->completeness.reservations.n; i++)
		words = arena_format(row->arena, "%.*s; %.*s", TEXT_PRINT(words),
			TEXT_PRINT(timeline->completeness.reservations.at[i]));
	cell(row, time_words(timeline->from, row->arena));
	number_cell(row, NUMBER_NONE);
	cell(row, TEXT("timeline"));
	cell(row, TEXT(""));
	cell(row, TEXT(""));
	cell(row,
		arena_format(row->arena, "%.*s until %.*s: %.*s; %.*s", TEXT_PRINT(timeline->host),
			TEXT_PRINT(time_words(timeline->to, row->arena)),
			TEXT_PRINT(count_words(timeline->numbers.events, "event", row->arena)),
			TEXT_PRINT(words)));
	for (size_t i = 6; i < COLUMNS; i++)
		cell(row, TEXT(""));
	row_end(row);
}

static void entry_row(const struct timeline *timeline, const struct timeline_entry *entry,
	struct row *row)
{
	static const struct detection none;
	const struct detection *detection = entry->event->detection ? entry->event->detection
								    : &none;
	const struct process *process = entry->what == ENTRY_detection ? entry->event->process
								       : NULL;

	cell(row, time_words(entry->time, row->arena));
	number_cell(row, (entry->time - timeline_begin(timeline)) / 1000000);
	cell(row, text_of(kinds[entry->event->kind].name));
	cell(row, detection->level);
	cell(row, detection->rule_name);
	cell(row, entry->sentence);
	cell(row, joined(detection->techniques, row->arena));
	cell(row, joined(detection->tactics, row->arena));
	cell(row, entry->done);
	cell(row, process ? process->executable : TEXT(""));
	number_cell(row, process ? process->pid : NUMBER_NONE);
	cell(row, process ? process->user : TEXT(""));
	cell(row, entry->ancestry);
	cell(row, detection->id);
	row_end(row);
}

void report_csv(const struct timeline *timeline, FILE *out)
{
	until_return(arena_clear) struct arena arena = { 0 };
	struct row row = { .out = out, .arena = &arena };

	for (size_t i = 0; i < COLUMNS; i++)
		cell(&row, text_of(columns[i]));
	row_end(&row);
	head_row(timeline, &row);
	for (size_t i = 0; i < timeline->n; i++)
		entry_row(timeline, &timeline->entries[i], &row);
}
