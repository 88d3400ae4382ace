// SPDX-License-Identifier: Apache-2.0
// Records: building them, asking them, writing them as JSON.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "event/record.h"

void record_begin(struct record *record, struct arena *arena)
{
	*record = (struct record){
		.at = record->at,
		.size = record->size,
		.arena = arena,
		.kind = EVENT_KINDS,
		.event_id = NUMBER_NONE,
		.time = NUMBER_NONE,
	};
}

void record_add(struct record *record, struct record_name *name, enum value_kind kind,
	struct text value)
{
	if (record->n == record->size) {
		record->size = record->size ? record->size * 2 : 64;
		record->at = memory_resize(record->at, record->size, sizeof *record->at);
	}
	record->at[record->n++] = (struct record_field){name, value, kind};
}

void record_clear(struct record *record)
{
	free(record->at);
	*record = (struct record){0};
}

struct text record_get(const struct record *record, const char *name)
{
	uint64_t key = name_key_add(NAME_KEY_START, text_of(name));

	for (size_t i = 0; i < record->n; i++)
		if (record->at[i].name->key == key && record->at[i].kind < VALUE_null)
			return record->at[i].value;
	return (struct text){0};
}

event_time record_time(const struct record *record)
{
	event_time time;

	if (record->time != NUMBER_NONE)
		return record->time;
	if (record->time_text.n && time_read(record->time_text, &time))
		return time;
	return NUMBER_NONE;
}

static void value_write(const struct record_field *field, struct json_writer *out)
{
	switch (field->kind) {
	case VALUE_text:
		json_string(out, field->value);
		break;
	case VALUE_number:
	case VALUE_flag:
		json_raw(out, field->value);
		break;
	case VALUE_null:
		json_null(out);
		break;
	case VALUE_object:
		json_object_open(out);
		json_object_close(out);
		break;
	}
}

/* How often the name of field `i` came before it. */
static bool is_again(const struct record *record, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (record->at[j].name == record->at[i].name)
			return true;
	return false;
}

static size_t values_of(const struct record *record, size_t i)
{
	size_t n = 0;

	for (size_t j = i; j < record->n; j++)
		n += record->at[j].name == record->at[i].name;
	return n;
}

/* The fields of a part; several values of one name become an array where the first stands. */
static void fields_write(const struct record *record, enum record_part part,
	struct json_writer *out)
{
	for (size_t i = 0; i < record->n; i++) {
		const struct record_field *field = record->at + i;

		if (field->name->part != part || is_again(record, i))
			continue;
		json_key(out, field->name->text);
		if (values_of(record, i) == 1) {
			value_write(field, out);
			continue;
		}
		json_array_open(out);
		for (size_t j = i; j < record->n; j++)
			if (record->at[j].name == field->name)
				value_write(record->at + j, out);
		json_array_close(out);
	}
}

static void logsource_write(const struct record *record, struct json_writer *out)
{
	const struct logsource *source = record->sources;

	if (!record->source_count)
		return;
	json_key(out, TEXT("logsource"));
	json_object_open(out);
	for (unsigned i = 0; i < 3; i++) {
		struct text value = i == 0 ? source->product : i == 1 ? source->category :
			source->service;

		if (!value.n)
			continue;
		json_key(out, i == 0 ? TEXT("product") : i == 1 ? TEXT("category") :
			TEXT("service"));
		json_string(out, value);
	}
	json_object_close(out);
}

static void part_write(const struct record *record, enum record_part part, struct text key,
	struct json_writer *out)
{
	json_key(out, key);
	json_object_open(out);
	fields_write(record, part, out);
	json_object_close(out);
}

/* JSON that may span lines, on one. */
static void line_write(struct text json, struct json_writer *out)
{
	size_t from = out->n;

	json_raw(out, json);
	for (size_t i = from; i < out->n; i++)
		if (out->at[i] == '\n' || out->at[i] == '\r')
			out->at[i] = ' ';
}

void record_write(const struct record *record, struct json_writer *out)
{
	if (record->json.at) {
		line_write(record->json, out);
		return;
	}
	json_object_open(out);
	if (record->channel.n) {
		json_key(out, TEXT("Event"));
		json_object_open(out);
		part_write(record, PART_system, TEXT("System"), out);
		part_write(record, PART_data, TEXT("EventData"), out);
		json_object_close(out);
	} else {
		fields_write(record, PART_system, out);
		fields_write(record, PART_data, out);
	}
	logsource_write(record, out);
	json_object_close(out);
}

void record_is_windows(struct record *record)
{
	if (!record->channel.n && !record->source_count)
		record->sources[record->source_count++] =
			(struct logsource){.product = TEXT("windows")};
}
