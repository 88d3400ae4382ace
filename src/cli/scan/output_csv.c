// SPDX-License-Identifier: Apache-2.0
// Findings as a table.

#include "base/csv.h"
#include "base/own.h"
#include "cli/scan/output.h"
#include "import/format.h"

static void head_write(struct csv *row)
{
	static const char *const columns[] = {"time", "level", "rule", "rule_id", "techniques",
		"host", "channel", "event_id", "file", "record"};

	for (size_t i = 0; i < array_size(columns); i++)
		csv_cell(row, text_of(columns[i]));
	for (unsigned g = 0; g < GLANCES; g++)
		csv_cell(row, text_of(glance_names[g]));
	csv_cell(row, TEXT("note"));
	csv_end(row);
}

static struct text joined(struct arena *arena, const struct text_list *list)
{
	struct text all = TEXT("");

	for (size_t i = 0; i < list->n; i++)
		all = arena_format(arena, "%.*s%s%.*s", (int)all.n, all.at, i ? " " : "",
			(int)list->at[i].n, list->at[i].at);
	return all;
}

void output_csv(struct output *output, const struct finding *finding)
{
	struct csv row = {.out = output->out, .arena = &output->arena};

	if (!output->begun)
		head_write(&row);
	output->begun = true;
	for (size_t i = 0; i < finding->n; i++) {
		const struct rule *rule = finding->rules[i];

		csv_cell(&row, finding_time(finding, row.arena));
		csv_cell(&row, rule->level);
		csv_cell(&row, rule->title);
		csv_cell(&row, rule->id);
		csv_cell(&row, joined(row.arena, &rule->techniques));
		csv_cell(&row, finding->host);
		csv_cell(&row, finding->channel);
		if (finding->event_id == NUMBER_NONE)
			csv_empty(&row);
		else
			csv_number(&row, finding->event_id);
		csv_cell(&row, text_of(finding->file->name));
		csv_number(&row, (int64_t)finding->number);
		for (unsigned g = 0; g < GLANCES; g++)
			csv_cell(&row, finding->told[g]);
		csv_cell(&row, finding->notes[i].sentence);
		csv_end(&row);
	}
}
