// SPDX-License-Identifier: Apache-2.0
// How an answer is shown.

#include <stdlib.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/columns.h"
#include "cli/hunt/output.h"
#include "event/ocsf.h"
#include "hunt/field.h"
#include "intrusion/sentence.h"
#include "intrusion/words.h"

enum { CELL_MAX = 80, COLUMNS_CSV = 11 };

static bool is_wanted(struct hunt_output *output)
{
	if (output->limit && output->given >= output->limit) {
		output->cut = true;
		return false;
	}
	output->given++;
	return true;
}

static struct text sentence_of(const struct event *event, struct arena *arena)
{
	struct text sentence = event_sentence(event, arena);

	if (!event->detection)
		return sentence;
	return arena_format(arena, "%.*s: %.*s",
		TEXT_PRINT(text_printable(arena, event->detection->rule_name)),
		TEXT_PRINT(sentence));
}

static void event_print(struct hunt_output *output, const char *indent, const struct event *event)
{
	struct arena *arena = &output->arena;

	fprintf(output->out, "%s%.*s  %-16s  ", indent, TEXT_PRINT(time_words(event->time, arena)),
		kinds[event->kind].name);
	if (output->rule.n)
		fprintf(output->out, "[%.*s] ", TEXT_PRINT(text_printable(arena, output->rule)));
	fprintf(output->out, "%.*s\n", TEXT_PRINT(sentence_of(event, arena)));
}

/* An event's own JSON; with the rule that it matched before the rest. */
static void event_json(struct hunt_output *output, struct text json)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	json = json_printable(&output->arena, json);
	if (!output->rule.n || json.n < 2) {
		fprintf(output->out, "%.*s\n", TEXT_PRINT(json));
		return;
	}
	json_string(&out, output->rule);
	fprintf(output->out, "{\"matched.rule.name\":%.*s,%.*s\n", (int)out.n, out.at,
		(int)json.n - 1, json.at + 1);
}

static void event_ocsf(struct hunt_output *output, const struct event *event)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	ocsf_write(event, &output->arena, &out);
	fprintf(output->out, "%.*s\n",
		TEXT_PRINT(json_printable(&output->arena, (struct text){out.at, out.n})));
}

/* The columns that an event has in CSV, when nobody chose others. */
static const char *const csv_names[COLUMNS_CSV] = {"@timestamp", "event.kind", "process.pid",
	"process.executable", "process.command_line", "user.name", "file.path", "destination.ip",
	"destination.port", "dns.question.name", "rule.name"};

/* A spreadsheet takes what begins with '@' for a formula. */
static struct text head_of(struct text name)
{
	return text_is(name, "@timestamp") ? TEXT("timestamp") : name;
}

static void event_csv(struct hunt_output *output, const struct event *event)
{
	struct csv csv = {.out = output->out, .arena = &output->arena};

	for (size_t i = 0; !output->head && i < array_size(csv_names); i++)
		csv_cell(&csv, head_of(text_of(csv_names[i])));
	if (!output->head)
		csv_end(&csv);
	output->head = true;
	for (size_t i = 0; i < array_size(csv_names); i++) {
		struct hunt_field field;
		struct text text = {0};

		if (hunt_field_find(text_of(csv_names[i]), &field))
			text = hunt_text(event, &field, &output->arena);
		csv_cell(&csv, text);
	}
	csv_end(&csv);
}

static bool event_give(void *context, const struct event *event, struct text json)
{
	struct hunt_output *output = context;

	if (!event || !is_wanted(output))
		return !output->cut;
	if (output->format == HUNT_text)
		event_print(output, "", event);
	else if (output->format == HUNT_jsonl)
		event_json(output, json);
	else if (output->format == HUNT_ocsf)
		event_ocsf(output, event);
	else
		event_csv(output, event);
	arena_reset(&output->arena);
	return !ferror(output->out);
}

static bool sequence_give(void *context, const struct text *json, size_t n)
{
	struct hunt_output *output = context;

	if (!is_wanted(output))
		return false;
	if (output->format == HUNT_jsonl) {
		fputs("{\"sequence\":[", output->out);
		for (size_t i = 0; i < n; i++)
			fprintf(output->out, "%s%.*s", i ? "," : "",
				TEXT_PRINT(json_printable(&output->arena, json[i])));
		arena_reset(&output->arena);
		fputs("]}\n", output->out);
		return !ferror(output->out);
	}
	if (output->format == HUNT_text)
		fprintf(output->out, "sequence %lld\n", (long long)output->given);
	for (size_t i = 0; i < n; i++) {
		struct event *event = event_read(json[i], &output->arena, NULL);

		if (event && output->format == HUNT_text)
			event_print(output, "  ", event);
		else if (event && output->format == HUNT_ocsf)
			event_ocsf(output, event);
		else if (event)
			event_csv(output, event);
		arena_reset(&output->arena);
	}
	return !ferror(output->out);
}

static void columns_give(void *context, const struct text *names, size_t n)
{
	struct hunt_output *output = context;
	struct csv csv = {.out = output->out, .arena = &output->arena};

	output->columns = n;
	output->names = arena_zero(&output->kept, n * sizeof *names);
	for (size_t i = 0; i < n; i++) {
		output->names[i] = arena_copy(&output->kept, names[i]);
		if (output->format == HUNT_csv)
			csv_cell(&csv, head_of(names[i]));
	}
	if (output->format == HUNT_csv)
		csv_end(&csv);
}

static bool row_give(void *context, const struct text *cells, size_t n)
{
	struct hunt_output *output = context;
	until_return(json_writer_clear) struct json_writer out = {0};
	struct csv csv = {.out = output->out, .arena = &output->arena};

	if (!is_wanted(output))
		return false;
	if (output->format == HUNT_jsonl || output->format == HUNT_ocsf) {
		json_object_open(&out);
		for (size_t i = 0; i < n; i++) {
			if (!cells[i].at)
				continue;
			json_key(&out, output->names[i]);
			json_string(&out, cells[i]);
		}
		json_object_close(&out);
		fprintf(output->out, "%.*s\n", (int)out.n, out.at);
		return !ferror(output->out);
	}
	for (size_t i = 0; output->format == HUNT_csv && i < n; i++)
		csv_cell(&csv, cells[i]);
	if (output->format == HUNT_csv) {
		csv_end(&csv);
		return !ferror(output->out);
	}
	if (output->rows * n + n > output->size) {
		output->size = 2 * (output->size + n);
		output->cells = memory_resize(output->cells, output->size, sizeof *output->cells);
	}
	for (size_t i = 0; i < n; i++)
		output->cells[output->rows * n + i] = cells[i].at
			? arena_copy(&output->kept,
				  text_shorten(&output->arena,
					  text_printable(&output->arena, cells[i]), CELL_MAX))
			: TEXT("-");
	output->rows++;
	arena_reset(&output->arena);
	return true;
}

struct hunt_sink hunt_output_sink(struct hunt_output *output)
{
	return (struct hunt_sink){output, event_give, sequence_give, columns_give, row_give};
}

void hunt_output_end(struct hunt_output *output)
{
	if (output->format == HUNT_text && output->columns)
		columns_print(output->out, output->names, output->cells, output->columns,
			output->rows);
}

void hunt_output_clear(struct hunt_output *output)
{
	arena_clear(&output->arena);
	arena_clear(&output->kept);
	free(output->cells);
}
