/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds: files of indicators as others write them. Which format a file has is told from what is
 * in it: a list with one value a line, a table (CSV), a STIX 2.1 bundle, an export of MISP, or a
 * set that was compiled before. What is read becomes a set (indicators.h).
 *
 *	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, context);
 *	feeds_add_path(feeds, "feeds/", &err);
 *	struct indicators *set = feeds_set(feeds, &err);	// or feeds_compile, into a file
 */
#pragma once

#include "intel/indicators.h"

enum {
	FEED_PROBLEMS_MAX = 100, /* of one file that are told singly; the rest is counted */
	INDICATOR_SOURCES_MAX = 16, /* indicators of one value that are kept */
};

#define FEED_BYTES_MAX (2ull << 30) /* of a file that is no compiled set */
#define FEEDS_MAX (100ull * 1000 * 1000) /* indicators of all feeds */

/* Something in a feed was left out, or is doubtful. */
struct feed_problem {
	struct text file; /* no text: it concerns all of them */
	unsigned line; /* 0: no certain line */
	struct text sentence;
	uint64_t count; /* indicators that were lost with it; 0: only a remark */
};

struct feeds;

struct feeds *feeds_new(void (*problem)(void *context, const struct feed_problem *problem),
	void *context);
void feeds_free(struct feeds **feeds);

/*
 * Reads the bytes of one feed; `name` stands in for its place. What cannot be used is told to
 * `problem`, the rest is taken.
 */
void feeds_add(struct feeds *feeds, struct text name, struct text bytes);

/*
 * The same of a file, or of all files of a folder and those below it whose names end as
 * feeds_takes wants, in order of name. Returns how many files were read, -1 with a sentence.
 */
int feeds_add_path(struct feeds *feeds, const char *path, struct error *err);
bool feeds_takes(const char *name);

/* Indicators of a type read so far, before those that are the same are put together. */
size_t feeds_count(const struct feeds *feeds, enum indicator_type type);

/* A set in memory of all that was read. NULL with a sentence. */
struct indicators *feeds_set(struct feeds *feeds, struct error *err);

/* A file; it appears under its name when it is whole. -1 with a sentence. */
int feeds_compile(struct feeds *feeds, const char *path, struct error *err);

/* All at once: what stands in these files and folders, in one file. */
int indicators_compile(const char *const *paths, size_t n, const char *output,
	void (*problem)(void *context, const struct feed_problem *problem), void *context,
	struct error *err);

/* "x.txt:3: " in front of the sentence, for a line of output; the result fits `size`. */
void feed_problem_text(const struct feed_problem *problem, char *text, size_t size);
