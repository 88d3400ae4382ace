// SPDX-License-Identifier: Apache-2.0
// Findings as JSON lines: our own, those that Timesketch imports, and those that the regression
// runner of SigmaHQ counts.

#include "base/own.h"
#include "cli/scan/output.h"
#include "import/format.h"

static void list_put(struct json_writer *json, const char *key, const struct text_list *list)
{
	if (!list->n)
		return;
	json_key(json, text_of(key));
	json_array_open(json);
	for (size_t i = 0; i < list->n; i++)
		json_string(json, list->at[i]);
	json_array_close(json);
}

static void marks_put(struct json_writer *json, unsigned marks)
{
	static const struct {
		enum record_mark mark;
		const char *name;
	} names[] = {
		{RECORD_damaged, "log.record.damaged"},
		{RECORD_slack, "log.record.slack"},
		{RECORD_cut, "log.record.cut"},
	};

	for (size_t i = 0; i < array_size(names); i++)
		if (marks & names[i].mark) {
			json_key(json, text_of(names[i].name));
			json_bool(json, true);
		}
}

static void line_end(struct output *output)
{
	json_object_close(&output->json);
	fwrite(output->json.at, 1, output->json.n, output->out);
	putc('\n', output->out);
}

static void note_put(struct json_writer *json, const struct finding_note *note)
{
	output_pair(json, "message", note->sentence);
	output_pair(json, "threat.indicator.type", note->type);
	output_pair(json, "threat.indicator.name", note->value);
	output_pair(json, "threat.indicator.provider", note->provider);
	output_pair(json, "threat.indicator.description", note->label);
	output_pair(json, "matched.field", note->field);
}

void output_jsonl(struct output *output, const struct finding *finding)
{
	struct json_writer *json = &output->json;

	arena_reset(&output->arena);
	for (size_t i = 0; i < finding->n; i++) {
		const struct rule *rule = finding->rules[i];

		json_writer_reset(json);
		json_object_open(json);
		output_pair(json, "rule.id", rule->id);
		output_pair(json, "rule.name", rule->title);
		output_pair(json, "rule.level", rule->level);
		output_pair(json, "rule.file", rule->file);
		if (finding->exceptions[i])
			output_pair(json, "rule.exception", finding->exceptions[i]->name);
		note_put(json, finding->notes + i);
		list_put(json, "threat.technique.id", &rule->techniques);
		list_put(json, "threat.tactic.name", &rule->tactics);
		output_pair(json, "log.file.path", text_of(finding->file->name));
		json_key(json, TEXT("log.line"));
		json_number(json, (int64_t)finding->number);
		marks_put(json, finding->marks);
		json_key(json, TEXT("event"));
		json_raw(json, finding->json);
		line_end(output);
	}
}

/* Its importer wants message, datetime and timestamp_desc, and takes whatever else there is. */
void output_timesketch(struct output *output, const struct finding *finding)
{
	struct json_writer *json = &output->json;

	arena_reset(&output->arena);
	for (size_t i = 0; i < finding->n; i++) {
		const struct rule *rule = finding->rules[i];
		struct text message = rule->title, note = finding->notes[i].sentence;

		if (note.n)
			message = arena_format(&output->arena, "%.*s: %.*s", (int)message.n,
				message.at, (int)note.n, note.at);
		for (unsigned g = 0; g < GLANCES; g++)
			if (finding->told[g].n)
				message = arena_format(&output->arena, "%.*s; %s: %.*s",
					(int)message.n, message.at, glance_names[g],
					(int)finding->told[g].n, finding->told[g].at);
		json_writer_reset(json);
		json_object_open(json);
		output_pair(json, "message", message);
		output_pair(json, "datetime", finding_time(finding, &output->arena));
		output_pair(json, "timestamp_desc", TEXT("Event Logged"));
		output_pair(json, "rule_id", rule->id);
		output_pair(json, "rule_title", rule->title);
		output_pair(json, "rule_level", rule->level);
		list_put(json, "tag", &rule->techniques);
		output_pair(json, "hostname", finding->host);
		output_pair(json, "source_file", text_of(finding->file->name));
		json_key(json, TEXT("source_record"));
		json_number(json, (int64_t)finding->number);
		json_key(json, TEXT("event"));
		json_raw(json, finding->json);
		line_end(output);
	}
}

void output_checker(struct output *output, const struct finding *finding)
{
	struct json_writer *json = &output->json;

	for (size_t i = 0; i < finding->n; i++) {
		json_writer_reset(json);
		json_object_open(json);
		output_pair(json, "RuleId", finding->rules[i]->id);
		output_pair(json, "RuleTitle", finding->rules[i]->title);
		output_pair(json, "RuleLevel", finding->rules[i]->level);
		json_key(json, TEXT("EventRecordID"));
		json_number(json, (int64_t)finding->number);
		line_end(output);
	}
}
