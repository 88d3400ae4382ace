// SPDX-License-Identifier: Apache-2.0
// What programs write as JSON of their own.

#include "base/memory.h"
#include "base/own.h"
#include "import/json_shape.h"

/* The names that decide and those that are given, looked up once. */
struct json_shape {
	struct record_names *names;
};

struct json_shape *json_shape_new(struct record_names *names)
{
	struct json_shape *shape = memory_new(sizeof *shape);

	shape->names = names;
	return shape;
}

void json_shape_free(struct json_shape **shape)
{
	memory_free(shape);
}

static const struct record_field *field_named(const struct record *record, struct text name)
{
	for (size_t i = 0; i < record->n; i++)
		if (text_equal(record->at[i].name->text, name))
			return record->at + i;
	return NULL;
}

static void journal_know(struct json_shape *shape, struct record *record)
{
	const struct record_field *time = field_named(record, TEXT("__REALTIME_TIMESTAMP"));
	const struct record_field *host = field_named(record, TEXT("_HOSTNAME"));
	int64_t microseconds;

	if (time && text_number(time->value, &microseconds) && microseconds > 0 &&
	    microseconds < INT64_MAX / 1000)
		record->time = microseconds * 1000;
	if (host)
		record->host = host->value;
	record->sources[0] = (struct logsource){.product = TEXT("linux"),
		.service = TEXT("syslog")};
	record->source_count = 1;
}

void json_shape_know(struct json_shape *shape, struct record *record)
{
	if (record->source_count || record->channel.n || record->kind != EVENT_KINDS)
		return;
	for (size_t i = 0; i < record->n && i < 64; i++)
		if (text_is(record->at[i].name->text, "__REALTIME_TIMESTAMP")) {
			journal_know(shape, record);
			return;
		}
}
