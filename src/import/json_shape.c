// SPDX-License-Identifier: Apache-2.0
// What programs write as JSON of their own.

#include "base/memory.h"
#include "base/own.h"
#include "import/json_shape.h"
#include "import/program.h"
#include "import/target.h"

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
	const struct record_field *program = field_named(record, TEXT("SYSLOG_IDENTIFIER"));
	int64_t microseconds;

	if (time && text_number(time->value, &microseconds) && microseconds > 0 &&
	    microseconds < INT64_MAX / 1000)
		record->time = microseconds * 1000;
	if (host)
		record->host = host->value;
	if (!program)
		program = field_named(record, TEXT("_COMM"));
	program_sources(record, program ? program->value : TEXT(""), -1);
}

/* What access logs in JSON call things, and what rules call them. */
static const struct {
	const char *name, *field;
} access_names[] = {
	{"status", "sc-status"}, {"DownstreamStatus", "sc-status"}, {"response_code", "sc-status"},
	{"http_status", "sc-status"}, {"request_method", "cs-method"}, {"method", "cs-method"},
	{"RequestMethod", "cs-method"}, {"request.method", "cs-method"},
	{"http_user_agent", "cs-user-agent"}, {"user_agent", "cs-user-agent"},
	{"agent", "cs-user-agent"}, {"request_User-Agent", "cs-user-agent"},
	{"request.headers.User-Agent", "cs-user-agent"}, {"http_referer", "cs-referer"},
	{"http_referrer", "cs-referer"}, {"referer", "cs-referer"},
	{"request.headers.Referer", "cs-referer"}, {"remote_addr", "c-ip"},
	{"remote_ip", "c-ip"}, {"ClientHost", "c-ip"}, {"client_ip", "c-ip"},
	{"request.remote_ip", "c-ip"}, {"remote_user", "cs-username"}, {"http_host", "cs-host"},
	{"server_name", "cs-host"}, {"RequestHost", "cs-host"}, {"request.host", "cs-host"},
};
static const char *const target_names[] = {"request_uri", "uri", "RequestPath", "request.uri",
	"url", "path"};

static struct text value_named(const struct record *record, const char *name)
{
	const struct record_field *field = field_named(record, text_of(name));

	return field && field->kind < VALUE_null ? field->value : (struct text){0};
}

/* An access log has a status, and a target or a whole request line; else it is none. */
static void access_know(struct json_shape *shape, struct record *record)
{
	struct text request = value_named(record, "request"), target = {0};
	size_t known = record->n;
	bool has_status = false;

	for (size_t i = 0; i < array_size(target_names) && !target.n; i++)
		target = value_named(record, target_names[i]);
	if (!target.n && (!request.n || !memmem(request.at, request.n, " HTTP/", 6)))
		return;
	for (size_t i = 0; i < array_size(access_names); i++) {
		struct text value = value_named(record, access_names[i].name);

		if (!value.n)
			continue;
		has_status |= text_is(text_of(access_names[i].field), "sc-status");
		record_add(record, record_names_get(shape->names, PART_data,
			text_of(access_names[i].field)), VALUE_text, value);
	}
	if (!has_status) {
		record->n = known;
		return;
	}
	if (target.n)
		target_add(record, shape->names, target);
	else
		request_add(record, shape->names, request);
	record->sources[0].category = TEXT("webserver");
	record->source_count = 1;
}

void json_shape_know(struct json_shape *shape, struct record *record)
{
	if (record->source_count || record->channel.n || record->kind != EVENT_KINDS)
		return;
	if (field_named(record, TEXT("__REALTIME_TIMESTAMP")))
		journal_know(shape, record);
	else
		access_know(shape, record);
}
