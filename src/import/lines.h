/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of logs of lines have in common: going through the lines of a block, a record
 * for each, and saying which lines were none.
 */
#pragma once

#include "import/format.h"

struct line_log {
	struct record_names *names;
	struct record record;
	struct arena arena;
	const struct record_sink *sink; /* of the block at hand */
	const struct block *block;
	struct text line;
	uint64_t number; /* of the line at hand */
	void *extra; /* of the format */
};

/* As a format's `new` and `free`. */
void *line_log_new(void);
void line_log_free(void **reader);

/*
 * Calls `take` for each line that is not empty, without its end, with a fresh record in `log`. It
 * gives what it makes of the line to line_log_give; false: the line is none of the format.
 */
void line_log_read(struct line_log *log, const struct block *block, const struct record_sink *sink,
	bool (*take)(struct line_log *log));

/* Starts another record for the same line. */
void line_log_begin(struct line_log *log);

/* Gives the record, whose number is that of the line unless it has one. */
void line_log_give(struct line_log *log);

/* Adds a value under a name; no text adds nothing. */
void line_log_add(struct line_log *log, const char *name, struct text value);
void line_log_add_number(struct line_log *log, const char *name, struct text digits);

/* Whether at least half of the first lines (32 at most, the last one only if whole) are of it. */
int lines_likeness(struct text head, bool whole, bool (*is)(struct text line), int surely);

/* A piece of text up to a byte, which is passed over; the rest remains. */
struct text text_until(struct text *rest, char end);

/* Digits in front of a text, at most `most`; -1 if there are none. They are passed over. */
int64_t digits_take(struct text *rest, unsigned most);

/* The month of "Jan" to "Dec", 0 if it is none. */
unsigned month_of(struct text name);

/* Nanoseconds since 1970 of a date and time of day (UTC); NUMBER_NONE if there is no such day. */
event_time time_of(int64_t year, unsigned month, unsigned day, unsigned hour, unsigned minute,
	unsigned second);
