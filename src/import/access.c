// SPDX-License-Identifier: Apache-2.0
// Access logs of web servers: the common and the combined form, with or without the virtual host
// in front (Apache, nginx, and others that write as they do).

#include <stdlib.h>

#include "base/own.h"
#include "import/target.h"

enum { PARTS_MAX = 16, BEFORE_MAX = 4 };

/* A line in its parts: bare words, "in quotes", [in brackets]. */
struct parts {
	struct text at[PARTS_MAX];
	char form[PARTS_MAX]; /* ' ', '"' or '[' */
	size_t n;
	size_t date; /* which part is the date; PARTS_MAX: none */
};

/* The end of what is in quotes: the next quote that no backslash stands before. */
static size_t quote_end(struct text rest)
{
	size_t i = 0;

	while (i < rest.n && rest.at[i] != '"')
		i += rest.at[i] == '\\' && i + 1 < rest.n ? 2 : 1;
	return i < rest.n ? i : rest.n;
}

static struct text part_take(struct text *rest, char *form)
{
	struct text part;
	size_t end;

	*form = rest->at[0] == '"' || rest->at[0] == '[' ? rest->at[0] : ' ';
	if (*form == ' ')
		return text_until(rest, ' ');
	*rest = (struct text){rest->at + 1, rest->n - 1};
	if (*form == '[') {
		part = text_until(rest, ']');
	} else {
		end = quote_end(*rest);
		part = (struct text){rest->at, end};
		end += end < rest->n;
		*rest = (struct text){rest->at + end, rest->n - end};
	}
	if (rest->n && rest->at[0] == ' ')
		*rest = (struct text){rest->at + 1, rest->n - 1};
	return part;
}

static void parts_take(struct parts *parts, struct text line)
{
	parts->n = 0;
	parts->date = PARTS_MAX;
	while (line.n && parts->n < PARTS_MAX) {
		parts->at[parts->n] = part_take(&line, parts->form + parts->n);
		if (parts->form[parts->n] == '[' && parts->date == PARTS_MAX)
			parts->date = parts->n;
		parts->n++;
	}
}

/* 10/Oct/2023:13:55:36 +0000 */
static event_time date_read(struct text text)
{
	int64_t day = digits_take(&text, 2), year, hour, minute, second, zone;
	unsigned month = text.n > 4 ? month_of((struct text){text.at + 1, text.n - 1}) : 0;
	event_time time;
	bool west;

	if (day < 0 || !month || text.n < 5)
		return NUMBER_NONE;
	text = (struct text){text.at + 5, text.n - 5};
	year = digits_take(&text, 4);
	text_until(&text, ':');
	hour = digits_take(&text, 2);
	text_until(&text, ':');
	minute = digits_take(&text, 2);
	text_until(&text, ':');
	second = digits_take(&text, 2);
	time = time_of(year, month, (unsigned)day, (unsigned)hour, (unsigned)minute,
		(unsigned)second);
	text_until(&text, ' ');
	if (time == NUMBER_NONE || text.n < 5)
		return time;
	west = text.at[0] == '-';
	text = (struct text){text.at + 1, text.n - 1};
	zone = digits_take(&text, 4);
	zone = (zone / 100 * 60 + zone % 100) * 60 * INT64_C(1000000000);
	return west ? time + zone : time - zone;
}

/* Address, identity, user, [date], "request", status: what all forms begin with. */
static bool parts_fit(const struct parts *parts)
{
	size_t d = parts->date;

	return (d == BEFORE_MAX - 1 || d == BEFORE_MAX) && parts->n >= d + 3 &&
		parts->form[d + 1] == '"' && parts->at[d + 2].n == 3 &&
		parts->at[d + 2].at[0] >= '1' && parts->at[d + 2].at[0] <= '9' &&
		date_read(parts->at[d]) != NUMBER_NONE;
}

static bool is_access_line(struct text line)
{
	struct parts parts;

	parts_take(&parts, line);
	return parts_fit(&parts);
}

static int likeness(struct text head, bool whole)
{
	return lines_likeness(head, whole, is_access_line, 80);
}

/* Apache writes \" and \xhh in what is in quotes. */
static struct text unescaped(struct arena *arena, struct text text)
{
	static const char from[] = "nrtbfv\"\\", to[] = "\n\r\t\b\f\v\"\\";
	char *out;
	size_t n = 0;

	if (!text.n || !memchr(text.at, '\\', text.n))
		return text;
	out = arena_alloc(arena, text.n);
	for (size_t i = 0; i < text.n; i++) {
		const char *known;
		char digits[3] = {0}, *end;
		long byte;

		if (text.at[i] != '\\' || i + 1 == text.n) {
			out[n++] = text.at[i];
			continue;
		}
		known = text.at[i + 1] ? strchr(from, text.at[i + 1]) : NULL;
		if (known) {
			out[n++] = to[known - from];
			i++;
		} else if (text.at[i + 1] == 'x' && i + 3 < text.n) {
			memcpy(digits, text.at + i + 2, 2);
			byte = strtol(digits, &end, 16);
			out[n++] = end == digits + 2 ? (char)byte : '\\';
			i += end == digits + 2 ? 3 : 0;
		} else {
			out[n++] = '\\';
		}
	}
	return (struct text){out, n};
}

static void add_unless_dash(struct line_log *log, const char *name, struct text value)
{
	if (value.n && !text_is(value, "-"))
		line_log_add(log, name, unescaped(&log->arena, value));
}

static bool line_take(struct line_log *log)
{
	struct parts parts;
	size_t d;

	parts_take(&parts, log->line);
	if (!parts_fit(&parts))
		return false;
	d = parts.date;
	log->record.time = date_read(parts.at[d]);
	log->record.time_text = parts.at[d];
	if (d == BEFORE_MAX) {
		line_log_add(log, "cs-host", parts.at[0]);
		log->record.host = parts.at[0];
	}
	line_log_add(log, "c-ip", parts.at[d - 3]);
	add_unless_dash(log, "cs-username", parts.at[d - 1]);
	request_add(&log->record, log->names, unescaped(&log->arena, parts.at[d + 1]));
	line_log_add_number(log, "sc-status", parts.at[d + 2]);
	if (parts.n > d + 3 && !text_is(parts.at[d + 3], "-"))
		line_log_add_number(log, "sc-bytes", parts.at[d + 3]);
	if (parts.n > d + 4 && parts.form[d + 4] == '"')
		add_unless_dash(log, "cs-referer", parts.at[d + 4]);
	if (parts.n > d + 5 && parts.form[d + 5] == '"')
		add_unless_dash(log, "cs-user-agent", parts.at[d + 5]);
	log->record.sources[0].category = TEXT("webserver");
	log->record.source_count = 1;
	line_log_give(log);
	return true;
}

static void block_read(void *reader, const struct block *block, const struct record_sink *sink)
{
	line_log_read(reader, block, sink, line_take);
}

const struct format format_access = {
	.name = "access",
	.sentence = "access log of a web server, common or combined form",
	.lines = true,
	.likeness = likeness,
	.new = line_log_new,
	.free = line_log_free,
	.read = block_read,
};
