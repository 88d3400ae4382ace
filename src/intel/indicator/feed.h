/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One feed while it is read: where readers of formats put what they find. To add a format: a file
 * x.c with a function like those at the end, its line in feed.c's table, x_test.c beside it.
 */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "intel/feeds.h"
#include "intel/indicator/entries.h"

enum { LEFT_OUT_NAMES = 64 };

struct feed {
	struct entries *entries;
	struct text name;
	void (*problem)(void *context, const struct feed_problem *problem);
	void *context;
	uint64_t problems, untold; /* told, and those beyond what is told singly */
	bool full; /* there is no room for more */
	struct {
		struct text name;
		uint64_t count;
	} left_out[LEFT_OUT_NAMES];
	size_t left_out_names;
	uint64_t left_out_others;
	struct arena names; /* holds the names in left_out */
	struct arena arena; /* of the line or object at hand */
};

/* Facts of which nothing is known but the feed itself. */
struct entry_facts feed_facts(const struct feed *feed);

/*
 * Takes an indicator of that type, or of INDICATOR_TYPES: told from its value. A value that cannot
 * be taken is told.
 */
void feed_take(struct feed *feed, enum indicator_type type, struct text value,
	const struct entry_facts *facts);

/* Tells what was left out (`count` indicators) or is doubtful (0). */
void feed_problem(struct feed *feed, unsigned line, uint64_t count, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Counts what cannot be expressed or was taken back, by a name that reads behind "were left out:";
 * told once, when the feed was read.
 */
void feed_leave_out(struct feed *feed, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A date, if there is a text; one that cannot be read is told and counts as not known. */
int64_t feed_date(struct feed *feed, unsigned line, struct text text);

/* What a feed calls a type ("sha256", "ip-dst"), INDICATOR_TYPES if nobody knows. */
enum indicator_type feed_type(struct text word);

/* "TLP:AMBER", "amber+strict"; TLP_unknown if it is none. */
enum tlp feed_tlp(struct text text);

/* A text as it may be shown in a sentence. */
struct text feed_shown(struct feed *feed, struct text text);

/* The line of a place, counted on from the last one asked for. */
struct line_counter {
	struct text bytes;
	size_t at;
	unsigned line;
};
unsigned line_at(struct line_counter *counter, size_t at);

/* Cuts the text at the first `mark`; what follows goes to `rest`, no text if there is none. */
struct text feed_cut(struct text text, char mark, struct text *rest);
struct text feed_trim(struct text text);

/* Reads the whole feed in the format its bytes are in. */
void feed_parse(struct feed *feed, struct text bytes);
void feed_clear(struct feed *feed);

/* The formats. */
void list_read(struct feed *feed, struct text bytes);
bool table_is(struct text bytes);
void table_read(struct feed *feed, struct text bytes);
bool stix_is(struct text bytes);
void stix_read(struct feed *feed, struct text bytes);
bool misp_is(struct text bytes);
void misp_read(struct feed *feed, struct text bytes);
