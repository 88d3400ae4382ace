// SPDX-License-Identifier: Apache-2.0
// Logs of lines.

#include <stdio.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/lines.h"

enum { LINES_LOOKED_AT = 32 };

void *line_log_new(void)
{
	struct line_log *log = memory_new(sizeof *log);

	log->names = record_names_new();
	return log;
}

void line_log_free(void **reader)
{
	struct line_log *log = *reader;

	if (!log)
		return;
	record_names_free(&log->names);
	record_clear(&log->record);
	arena_clear(&log->arena);
	memory_free(&log->extra);
	memory_free(reader);
}

void line_log_begin(struct line_log *log)
{
	record_begin(&log->record, &log->arena);
	log->record.number = log->number;
}

void line_log_give(struct line_log *log)
{
	log->sink->record(log->sink->context, &log->record);
}

void line_log_add(struct line_log *log, const char *name, struct text value)
{
	if (value.at)
		record_add(&log->record, record_names_get(log->names, PART_data, text_of(name)),
			VALUE_text, value);
}

void line_log_add_number(struct line_log *log, const char *name, struct text digits)
{
	int64_t number;

	if (digits.at)
		record_add(&log->record, record_names_get(log->names, PART_data, text_of(name)),
			text_number(digits, &number) ? VALUE_number : VALUE_text, digits);
}

static struct text line_take(const char **at, const char *end)
{
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	struct text line = {*at, (size_t)((stop ? stop : end) - *at)};

	*at = stop ? stop + 1 : end;
	if (line.n && line.at[line.n - 1] == '\r')
		line.n--;
	return line;
}

void line_log_read(struct line_log *log, const struct block *block, const struct record_sink *sink,
	bool (*take)(struct line_log *log))
{
	const char *at = block->bytes.at, *end = at + block->bytes.n;
	uint64_t bad = 0, first = 0;
	char where[32];

	log->sink = sink;
	log->block = block;
	for (log->number = block->line; at < end; log->number++) {
		log->line = line_take(&at, end);
		if (!log->line.n)
			continue;
		record_names_trim(log->names);
		arena_reset(&log->arena);
		line_log_begin(log);
		if (!take(log) && !bad++)
			first = log->number;
	}
	if (!bad)
		return;
	snprintf(where, sizeof where, "line %llu", (unsigned long long)first);
	sink->skipped(sink->context, text_of(where), TEXT("a line of another form"), bad);
}

int lines_likeness(struct text head, bool whole, bool (*is)(struct text line), int surely)
{
	const char *at = head.at, *end = at + head.n;
	unsigned lines = 0, fit = 0;

	while (at < end && lines < LINES_LOOKED_AT) {
		bool ends = memchr(at, '\n', (size_t)(end - at));
		struct text line = line_take(&at, end);

		if (!line.n || (!ends && !whole && lines))
			continue;
		lines++;
		fit += is(line);
	}
	return lines && fit * 2 >= lines ? surely * (int)fit / (int)lines : 0;
}

struct text text_until(struct text *rest, char end)
{
	const char *at = rest->n ? memchr(rest->at, end, rest->n) : NULL;
	struct text piece = {rest->at, at ? (size_t)(at - rest->at) : rest->n};
	size_t gone = at ? piece.n + 1 : piece.n;

	*rest = (struct text){rest->at + gone, rest->n - gone};
	return piece;
}

int64_t digits_take(struct text *rest, unsigned most)
{
	int64_t value = 0;
	unsigned n = 0;

	while (n < rest->n && n < most && rest->at[n] >= '0' && rest->at[n] <= '9')
		value = value * 10 + rest->at[n++] - '0';
	*rest = (struct text){rest->at + n, rest->n - n};
	return n ? value : -1;
}

unsigned month_of(struct text name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (unsigned i = 0; i < 12 && name.n >= 3; i++)
		if (!memcmp(months + 3 * i, name.at, 3))
			return i + 1;
	return 0;
}

static unsigned month_days(int64_t year, unsigned month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

event_time time_of(int64_t year, unsigned month, unsigned day, unsigned hour, unsigned minute,
	unsigned second)
{
	char text[40];
	event_time time;

	if (year < 1700 || year > 2260 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month))
		return NUMBER_NONE;
	snprintf(text, sizeof text, "%04d-%02u-%02uT%02u:%02u:%02uZ", (int)year, month, day, hour,
		minute, second);
	return time_read(text_of(text), &time) ? time : NUMBER_NONE;
}
