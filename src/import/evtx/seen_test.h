/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests, which include cmocka.h before: what comes out of an event log, as text.
 */
#pragma once

#include <stdio.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/evtx/evtx.h"
#include "import/evtx/made_test.h"

enum { SEEN_SIZE = 4096 };

/* What came out: a line for each record, "1 A=text:x B=null:", and one for what was left out. */
struct seen {
	char text[SEEN_SIZE], skipped[SEEN_SIZE];
	unsigned marks, records;
	uint64_t lost;
	bool system; /* the log's frame is wanted too */
	struct record last; /* its texts are gone */
};

__attribute__((format(printf, 2, 3))) static inline void say(char *text, const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + n, SEEN_SIZE - n, format, args);
	va_end(args);
}

static inline void record_see(void *context, struct record *record)
{
	static const char *const kind_names[] = {"text", "number", "flag", "null", "object"};
	struct seen *seen = context;

	say(seen->text, "%s%llu", seen->text[0] ? "\n" : "", (unsigned long long)record->number);
	for (size_t i = 0; i < record->n; i++) {
		const struct record_field *field = record->at + i;

		if (field->name->part == PART_system && !seen->system)
			continue;
		say(seen->text, " %.*s=%s:%.*s", (int)field->name->text.n, field->name->text.at,
			kind_names[field->kind], (int)field->value.n, field->value.at);
	}
	seen->marks |= record->marks;
	seen->records++;
	seen->last = *record;
}

static inline void skipped_see(void *context, struct text where, struct text why, uint64_t records)
{
	struct seen *seen = context;

	say(seen->skipped, "%s%.*s: %.*s", seen->skipped[0] ? "\n" : "", (int)where.n, where.at,
		(int)why.n, why.at);
	seen->lost += records;
}

static inline void bytes_see(const void *at, size_t n, bool slack, struct seen *seen)
{
	const struct record_sink sink = {record_see, skipped_see, seen};
	const struct log_file file = {.name = "x.evtx", .modified = NUMBER_NONE, .size = n};
	struct block block = {.file = &file, .bytes = {at, n}, .slack = slack};
	/* a copy that ends where it ends, for the sanitizers */
	until_return(memory_free) char *copy = memory_new(n + 1);
	void *reader = format_evtx.new();

	memcpy(copy, at, n);
	block.bytes.at = copy;
	format_evtx.read(reader, &block, &sink);
	format_evtx.free(&reader);
}

static inline void chunk_see(const struct made *made, bool slack, struct seen *seen)
{
	bytes_see(made->at, made->n, slack, seen);
}

/* <Event><EventData><Data Name="A">hole 0</Data></EventData></Event> */
static inline void body_named(struct made *made)
{
	made_element(made, "Event");
	made_element(made, "EventData");
	made_open(made, "Data", true, false);
	made_attribute(made, "Name");
	made_text(made, "A");
	made_token(made, TOKEN_start_ends);
	made_hole(made, 0, false);
	made_token(made, TOKEN_element_ends);
	made_token(made, TOKEN_element_ends);
	made_token(made, TOKEN_element_ends);
}
