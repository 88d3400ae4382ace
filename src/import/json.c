// SPDX-License-Identifier: Apache-2.0
// Logs of JSON objects: one on each line, or spanning lines, one after the other or inside of one
// array.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/format.h"
#include "import/json_shape.h"

struct json_log {
	struct record_names *names;
	struct record_json *json;
	struct json_shape *shape;
	struct record record;
	struct arena arena;
};

static void *json_log_new(void)
{
	struct json_log *log = memory_new(sizeof *log);

	log->names = record_names_new();
	log->json = record_json_new(log->names);
	log->shape = json_shape_new(log->names);
	return log;
}

static void json_log_free(void **reader)
{
	struct json_log *log = *reader;

	if (!log)
		return;
	record_json_free(&log->json);
	json_shape_free(&log->shape);
	record_names_free(&log->names);
	record_clear(&log->record);
	arena_clear(&log->arena);
	memory_free(reader);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text trimmed(const char *at, size_t n)
{
	while (n && is_blank(at[0])) {
		at++;
		n--;
	}
	while (n && is_blank(at[n - 1]))
		n--;
	return (struct text){at, n};
}

static struct text without_mark(struct text text)
{
	if (text_starts(text, TEXT("\xef\xbb\xbf")))
		return (struct text){text.at + 3, text.n - 3};
	return text;
}

/* What could not be read of a block: the first place and how often. */
struct refusals {
	uint64_t n, line;
	struct error err;
};

static void event_give(struct json_log *log, struct text event, uint64_t line,
	struct refusals *refusals, const struct record_sink *sink)
{
	struct error err;

	arena_reset(&log->arena);
	record_begin(&log->record, &log->arena);
	if (record_json_read(log->json, event, &log->record, &err)) {
		if (!refusals->n++) {
			refusals->err = err;
			refusals->line = line;
		}
		return;
	}
	log->record.number = line;
	json_shape_know(log->shape, &log->record);
	sink->record(sink->context, &log->record);
}

static void refusals_tell(const struct refusals *refusals, const struct record_sink *sink)
{
	char where[32];
	int n = snprintf(where, sizeof where, "line %llu", (unsigned long long)refusals->line);

	if (refusals->n)
		sink->skipped(sink->context, (struct text){where, (size_t)n},
			text_of(refusals->err.text), refusals->n);
}

static void lines_read(void *reader, const struct block *block, const struct record_sink *sink)
{
	const char *at = block->bytes.at, *end = at + block->bytes.n;
	struct refusals refusals = {0};

	for (uint64_t line = block->line; at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct text event = trimmed(at, (size_t)((stop ? stop : end) - at));

		if (line == 1)
			event = without_mark(event);
		if (event.n)
			event_give(reader, event, line, &refusals, sink);
		at = stop ? stop + 1 : end;
	}
	refusals_tell(&refusals, sink);
}

/* Inside of a value that may span lines. */
struct scan {
	unsigned depth;
	bool in_string, escaped;
};

/* Past the text of a string, up to what ends it. */
static const char *string_pass(struct scan *scan, const char *at, const char *end)
{
	for (; at < end; at++) {
		if (scan->escaped)
			scan->escaped = false;
		else if (*at == '\\')
			scan->escaped = true;
		else if (*at == '"') {
			scan->in_string = false;
			return at + 1;
		}
	}
	return end;
}

/* Behind the value that begins at `at`, NULL if it does not end. */
static const char *value_end(const char *at, const char *end)
{
	struct scan scan = {0};

	while (at < end) {
		if (scan.in_string) {
			at = string_pass(&scan, at, end);
			continue;
		}
		switch (*at++) {
		case '"':
			scan.in_string = true;
			break;
		case '{':
		case '[':
			scan.depth++;
			break;
		case '}':
		case ']':
			if (scan.depth && !--scan.depth)
				return at;
			break;
		case '\n':
			if (!scan.depth)
				return at; /* no JSON: a line for itself */
			break;
		}
	}
	return NULL;
}

/* Past blanks, commas and the brackets of an array around the values. */
static const char *between_pass(const char *at, const char *end)
{
	while (at < end && (is_blank(*at) || *at == ',' || *at == '[' || *at == ']'))
		at++;
	return at;
}

static uint64_t lines_in(const char *at, const char *end)
{
	uint64_t lines = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		lines++;
		at++;
	}
	return lines;
}

static void values_read(void *reader, const struct block *block, const struct record_sink *sink)
{
	struct text bytes = block->offset ? block->bytes : without_mark(block->bytes);
	const char *at = bytes.at, *end = at + bytes.n, *stop;
	struct refusals refusals = {0};
	uint64_t line = block->line;

	for (;;) {
		const char *start = between_pass(at, end);

		line += lines_in(at, start);
		if (start == end)
			break;
		stop = value_end(start, end);
		if (!stop)
			stop = end;
		event_give(reader, trimmed(start, (size_t)(stop - start)), line, &refusals, sink);
		line += lines_in(start, stop);
		at = stop;
	}
	refusals_tell(&refusals, sink);
}

static size_t values_cut(struct text bytes, uint64_t offset, bool ended)
{
	const char *at = bytes.at, *end = at + bytes.n;

	if (ended)
		return bytes.n;
	if (!offset && bytes.n >= 3)
		at += bytes.n - without_mark(bytes).n;
	for (;;) {
		const char *start = between_pass(at, end), *stop = value_end(start, end);

		if (start == end || !stop)
			return (size_t)(start - bytes.at);
		at = stop;
	}
}

enum shape { SHAPE_none, SHAPE_lines, SHAPE_values };

/* By the first value: whether it ends on its line. */
static enum shape shape_of(struct text head, bool whole)
{
	const char *at, *end, *line, *stop;

	head = without_mark(head);
	head = trimmed(head.at, head.n);
	at = head.at;
	end = at + head.n;
	if (!head.n || (*at != '{' && *at != '['))
		return SHAPE_none;
	if (*at == '[')
		return SHAPE_values;
	line = memchr(at, '\n', head.n);
	stop = value_end(at, end);
	if (!stop)
		return line || whole ? SHAPE_values : SHAPE_lines;
	if (line && stop > line)
		return SHAPE_values;
	while (stop < end && (*stop == ' ' || *stop == '\t'))
		stop++;
	return stop == end || *stop == '\n' || *stop == '\r' ? SHAPE_lines : SHAPE_values;
}

/* Whether a line further on looks like an object. */
static bool has_object_line(struct text head)
{
	for (size_t i = 0; i + 2 < head.n; i++)
		if (!memcmp(head.at + i, "\n{\"", 3))
			return true;
	return false;
}

static int lines_likeness(struct text head, bool whole)
{
	enum shape shape = shape_of(head, whole);

	return shape == SHAPE_lines ? 70 : shape == SHAPE_none && has_object_line(head) ? 20 : 0;
}

static int values_likeness(struct text head, bool whole)
{
	return shape_of(head, whole) == SHAPE_values ? 70 : 0;
}

const struct format format_ndjson = {
	.name = "ndjson",
	.sentence = "JSON objects, one on each line",
	.lines = true,
	.likeness = lines_likeness,
	.new = json_log_new,
	.free = json_log_free,
	.read = lines_read,
};

const struct format format_json = {
	.name = "json",
	.sentence = "JSON objects that span lines, one after the other or in an array",
	.lines = true,
	.likeness = values_likeness,
	.cut = values_cut,
	.new = json_log_new,
	.free = json_log_free,
	.read = values_read,
};
