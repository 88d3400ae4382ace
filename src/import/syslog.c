// SPDX-License-Identifier: Apache-2.0
// Logs of syslog daemons: the traditional form (RFC 3164, which has no year), that of RFC 5424,
// and lines with a time by RFC 3339, as newer daemons write them. Messages of SysmonForLinux hold
// an event in XML.

#include <time.h>

#include "base/own.h"
#include "import/lines.h"
#include "import/program.h"
#include "import/sysmon.h"

#define DAY (INT64_C(86400) * 1000000000)

struct syslog_line {
	event_time time; /* NUMBER_NONE: its year is not known */
	struct text time_text, host, program, pid, message;
	int facility, severity; /* -1: not known */
};

static void skip(struct text *rest, size_t n)
{
	*rest = (struct text){rest->at + n, rest->n - n};
}

static bool priority_take(struct text *rest, struct syslog_line *line)
{
	struct text inside = {rest->at + 1, rest->n - 1};
	int64_t value;

	line->facility = line->severity = -1;
	if (!rest->n || rest->at[0] != '<')
		return true;
	value = digits_take(&inside, 3);
	if (value < 0 || value > 191 || !inside.n || inside.at[0] != '>')
		return false;
	line->facility = (int)value / 8;
	line->severity = (int)value % 8;
	skip(&inside, 1);
	*rest = inside;
	return true;
}

/* hh:mm:ss at the beginning. */
static bool clock_take(struct text *rest, int64_t *hour, int64_t *minute, int64_t *second)
{
	*hour = digits_take(rest, 2);
	if (*hour < 0 || !rest->n || rest->at[0] != ':')
		return false;
	skip(rest, 1);
	*minute = digits_take(rest, 2);
	if (*minute < 0 || !rest->n || rest->at[0] != ':')
		return false;
	skip(rest, 1);
	*second = digits_take(rest, 2);
	return *second >= 0;
}

/*
 * The year that puts a date without one near the time its file was last changed: not more than a
 * day behind it.
 */
static event_time year_find(event_time modified, unsigned month, unsigned day, int64_t hour,
	int64_t minute, int64_t second)
{
	time_t seconds = (time_t)(modified / 1000000000);
	struct tm now;
	event_time time = NUMBER_NONE;

	if (modified == NUMBER_NONE || !gmtime_r(&seconds, &now))
		return NUMBER_NONE;
	for (int years = 0; years < 5; years++) { /* the 29th of February is not in every year */
		time = time_of(now.tm_year + 1900 - years, month, day, (unsigned)hour,
			(unsigned)minute, (unsigned)second);
		if (time != NUMBER_NONE && time <= modified + DAY)
			return time;
	}
	return NUMBER_NONE;
}

/* "Oct 10 13:55:36 " */
static bool traditional_take(struct text *rest, struct syslog_line *line, event_time modified)
{
	struct text at = *rest;
	unsigned month = month_of(at);
	int64_t day, hour, minute, second;

	if (!month || at.n < 16 || at.at[3] != ' ')
		return false;
	skip(&at, 4);
	if (at.at[0] == ' ')
		skip(&at, 1);
	day = digits_take(&at, 2);
	if (day < 1 || !at.n || at.at[0] != ' ')
		return false;
	skip(&at, 1);
	if (!clock_take(&at, &hour, &minute, &second) || !at.n || at.at[0] != ' ')
		return false;
	line->time_text = (struct text){rest->at, (size_t)(at.at - rest->at)};
	line->time = year_find(modified, month, (unsigned)day, hour, minute, second);
	skip(&at, 1);
	*rest = at;
	return true;
}

static bool rfc3339_take(struct text *rest, struct syslog_line *line)
{
	struct text at = *rest, word = text_until(&at, ' ');

	if (word.n < 20 || !time_read(word, &line->time))
		return false;
	line->time_text = word;
	*rest = at;
	return true;
}

/* "program[pid]: message" */
static bool tag_take(struct text *rest, struct syslog_line *line)
{
	size_t i = 0;

	while (i < rest->n && rest->at[i] > ' ' && rest->at[i] != ':' && rest->at[i] != '[')
		i++;
	line->program = (struct text){rest->at, i};
	if (!i || i == rest->n)
		return false;
	if (rest->at[i] == '[') {
		struct text inside = {rest->at + i + 1, rest->n - i - 1};

		line->pid = text_until(&inside, ']');
		*rest = inside;
		i = 0;
	} else {
		skip(rest, i);
	}
	if (rest->n && rest->at[0] == ':')
		skip(rest, 1);
	if (rest->n && rest->at[0] == ' ')
		skip(rest, 1);
	return true;
}

static void nil_forget(struct text *text)
{
	if (text_is(*text, "-"))
		*text = (struct text){0};
}

/* Structured data: [id name="value"...]..., or "-". */
static void structured_skip(struct text *rest)
{
	bool quoted = false, open = false;
	size_t i = 0;

	for (; i < rest->n; i++) {
		char c = rest->at[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c == '[')
			open = true;
		else if (!quoted && c == ']')
			open = false;
		else if (c == ' ' && !open)
			break;
	}
	skip(rest, i < rest->n ? i + 1 : rest->n);
}

/* Behind <priority>: "1 time host program pid id [data] message" */
static bool rfc5424_take(struct text rest, struct syslog_line *line)
{
	if (!text_starts(rest, TEXT("1 ")))
		return false;
	skip(&rest, 2);
	line->time_text = text_until(&rest, ' ');
	nil_forget(&line->time_text);
	if (line->time_text.n && !time_read(line->time_text, &line->time))
		return false;
	line->host = text_until(&rest, ' ');
	line->program = text_until(&rest, ' ');
	line->pid = text_until(&rest, ' ');
	text_until(&rest, ' ');
	nil_forget(&line->host);
	nil_forget(&line->program);
	nil_forget(&line->pid);
	structured_skip(&rest);
	if (text_starts(rest, TEXT("\xef\xbb\xbf")))
		skip(&rest, 3);
	line->message = rest;
	return true;
}

static bool syslog_read(struct text text, event_time modified, struct syslog_line *line)
{
	*line = (struct syslog_line){.time = NUMBER_NONE};
	if (!priority_take(&text, line))
		return false;
	if (line->facility >= 0 && rfc5424_take(text, line))
		return true;
	if (!traditional_take(&text, line, modified) && !rfc3339_take(&text, line))
		return false;
	line->host = text_until(&text, ' ');
	if (!line->host.n || !text.n)
		return false;
	tag_take(&text, line);
	line->message = text;
	return true;
}

static bool line_take(struct line_log *log)
{
	struct syslog_line line;

	if (!syslog_read(log->line, log->block->file->modified, &line))
		return false;
	log->record.time = line.time;
	log->record.time_text = line.time_text;
	log->record.host = line.host;
	if (sysmon_take(log, line.message))
		return true;
	line_log_add(log, "host", line.host);
	line_log_add(log, "program", line.program);
	line_log_add_number(log, "pid", line.pid);
	line_log_add(log, "message", line.message);
	program_sources(&log->record, line.program, line.facility);
	line_log_give(log);
	return true;
}

static bool is_syslog_line(struct text text)
{
	struct syslog_line line;

	return syslog_read(text, NUMBER_NONE, &line) && line.program.n;
}

static int likeness(struct text head, bool whole)
{
	return lines_likeness(head, whole, is_syslog_line, 75);
}

static void block_read(void *reader, const struct block *block, const struct record_sink *sink)
{
	line_log_read(reader, block, sink, line_take);
}

const struct format format_syslog = {
	.name = "syslog",
	.sentence = "log of a syslog daemon (RFC 3164, RFC 5424), also with SysmonForLinux in it",
	.lines = true,
	.likeness = likeness,
	.new = line_log_new,
	.free = line_log_free,
	.read = block_read,
};
