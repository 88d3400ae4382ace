// SPDX-License-Identifier: Apache-2.0
// Error logs of Apache and nginx.

#include "base/own.h"
#include "import/lines.h"

/* "2023/10/10 13:55:36 [error] 123#123: message" */
static bool nginx_read(struct text text, event_time *time, struct text *level,
	struct text *message)
{
	int64_t year = digits_take(&text, 4), month, day, hour, minute, second;

	if (year < 1990 || !text.n || text.at[0] != '/')
		return false;
	text_until(&text, '/');
	month = digits_take(&text, 2);
	text_until(&text, '/');
	day = digits_take(&text, 2);
	text_until(&text, ' ');
	hour = digits_take(&text, 2);
	text_until(&text, ':');
	minute = digits_take(&text, 2);
	text_until(&text, ':');
	second = digits_take(&text, 2);
	if (!text_starts(text, TEXT(" [")))
		return false;
	text_until(&text, '[');
	*level = text_until(&text, ']');
	*time = time_of(year, (unsigned)month, (unsigned)day, (unsigned)hour, (unsigned)minute,
		(unsigned)second);
	*message = text;
	return *time != NUMBER_NONE;
}

/* "[Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 1:tid 2] [client 192.0.2.7:1] message" */
static bool apache_read(struct text text, event_time *time, struct text *level,
	struct text *message)
{
	struct text date;
	int64_t day, hour, minute, second;
	unsigned month;

	if (!text.n || text.at[0] != '[')
		return false;
	text_until(&text, '[');
	date = text_until(&text, ']');
	text_until(&date, ' ');
	month = month_of(date);
	text_until(&date, ' ');
	while (date.n && date.at[0] == ' ')
		text_until(&date, ' ');
	day = digits_take(&date, 2);
	text_until(&date, ' ');
	hour = digits_take(&date, 2);
	text_until(&date, ':');
	minute = digits_take(&date, 2);
	text_until(&date, ':');
	second = digits_take(&date, 2);
	text_until(&date, ' ');
	if (!month || day < 1 || hour < 0 || minute < 0 || second < 0)
		return false;
	*time = time_of(digits_take(&date, 4), month, (unsigned)day, (unsigned)hour,
		(unsigned)minute, (unsigned)second);
	if (!text_starts(text, TEXT(" [")))
		return false;
	text_until(&text, '[');
	*level = text_until(&text, ']');
	*message = text;
	return *time != NUMBER_NONE;
}

static bool line_take(struct line_log *log)
{
	struct text level, message;
	bool is_nginx = nginx_read(log->line, &log->record.time, &level, &message);

	if (!is_nginx && !apache_read(log->line, &log->record.time, &level, &message))
		return false;
	line_log_add(log, "level", level);
	line_log_add(log, "message", message);
	log->record.sources[0].service = is_nginx ? TEXT("nginx") : TEXT("apache");
	log->record.source_count = 1;
	line_log_give(log);
	return true;
}

static bool is_error_line(struct text line)
{
	struct text level, message;
	event_time time;

	return nginx_read(line, &time, &level, &message) ||
		apache_read(line, &time, &level, &message);
}

static int likeness(struct text head, bool whole)
{
	return lines_likeness(head, whole, is_error_line, 85);
}

static void block_read(void *reader, const struct block *block, const struct record_sink *sink)
{
	line_log_read(reader, block, sink, line_take);
}

const struct format format_weberror = {
	.name = "weberror",
	.sentence = "error log of Apache or nginx",
	.lines = true,
	.likeness = likeness,
	.new = line_log_new,
	.free = line_log_free,
	.read = block_read,
};
