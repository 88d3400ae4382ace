// SPDX-License-Identifier: Apache-2.0
// A timeline as JSON, one object a line. Keys are the fields' JSON names where there is such a
// field.

#include "base/own.h"
#include "base/printable.h"
#include "intrusion/report/keys.h"
#include "intrusion/report/report.h"

static void line_write(struct json_writer *json, FILE *out, struct arena *arena)
{
	struct text line = json_printable(arena, (struct text){ json->at, json->n });

	fprintf(out, "%.*s\n", TEXT_PRINT(line));
	json_writer_reset(json);
	arena_reset(arena);
}

static void head_write(const struct timeline *timeline, struct json_writer *json)
{
	const struct completeness *completeness = &timeline->completeness;

	json_object_open(json);
	key_text(json, "event.kind", TEXT("timeline"));
	key_text(json, "host.name", timeline->host);
	key_time(json, "from", timeline->from);
	key_time(json, "to", timeline->to);
	key_number(json, "events", timeline->numbers.events);
	key_number(json, "detections", (int64_t)timeline->detections);
	key_number(json, "detections_left_out", (int64_t)timeline->left_out);
	key_number(json, "prevented", (int64_t)timeline->prevented);
	key_number(json, "missing", completeness->missing);
	key_number(json, "gaps", (int64_t)completeness->gaps);
	json_key(json, TEXT("complete"));
	if (completeness->known)
		json_bool(json, completeness->complete);
	else
		json_null(json);
	key_text(json, "message", completeness->sentence);
	key_list(json, "reservations", completeness->reservations);
	key_list(json, "limits", completeness->blind);
	json_object_close(json);
}

static void detection_write(const struct timeline_entry *entry, struct json_writer *json)
{
	const struct detection *detection = entry->event->detection;

	key_text(json, "detection.id", detection->id);
	key_text(json, "detection.event_kind", detection->event_kind);
	key_text(json, "rule.id", detection->rule_id);
	key_text(json, "rule.name", detection->rule_name);
	key_text(json, "rule.level", detection->level);
	key_list(json, "threat.technique.id", detection->techniques);
	key_list(json, "threat.tactic.name", detection->tactics);
	key_text(json, "prevention.result", detection->result);
	key_text(json, "prevention.rung", detection->rung);
	key_number(json, "prevention.error", detection->error);
	key_text(json, "prevention.message", entry->done);
	if (entry->event->process)
		keys_process(json, entry->event->process);
	key_text(json, "ancestry", entry->ancestry);
	if (entry->event->file)
		key_text(json, "file.path", entry->event->file->path);
}

static void entry_write(const struct timeline *timeline, const struct timeline_entry *entry,
	struct json_writer *json)
{
	json_object_open(json);
	key_time(json, "@timestamp", entry->time);
	key_number(json, "since_first_ms", (entry->time - timeline_begin(timeline)) / 1000000);
	key_text(json, "event.kind", text_of(kinds[entry->event->kind].name));
	key_text(json, "message", entry->sentence);
	if (entry->what == ENTRY_detection)
		detection_write(entry, json);
	if (entry->what == ENTRY_gap && entry->event->sensor) {
		key_text(json, "saker.class", entry->event->sensor->class_);
		key_text(json, "saker.cause", entry->event->sensor->cause);
		key_number(json, "saker.count", entry->event->sensor->count);
	}
	json_object_close(json);
}

void report_jsonl(const struct timeline *timeline, FILE *out)
{
	until_return(json_writer_clear) struct json_writer json = { 0 };
	until_return(arena_clear) struct arena arena = { 0 };

	head_write(timeline, &json);
	line_write(&json, out, &arena);
	for (size_t i = 0; i < timeline->n; i++) {
		entry_write(timeline, &timeline->entries[i], &json);
		line_write(&json, out, &arena);
	}
}
