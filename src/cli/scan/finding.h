/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finding: a record that some rule matched, with as much of it as has to be told. It lives in
 * the arena it was made in; the record is gone by then.
 */
#pragma once

#include "detect/exception.h"

enum glance {
#define GLANCE(name, ...) GLANCE_##name,
#include "cli/scan/glance.def"
#undef GLANCE
	GLANCES
};

extern const char *const glance_names[GLANCES];

/* What is to be said of one rule besides its name; no texts where there is nothing. */
struct finding_note {
	struct text sentence;
	/* what an indicator is, who says so, and the field it is about */
	struct text type, value, provider, label, field;
};

struct finding {
	struct finding *next;
	const struct rule **rules; /* in the order of their numbers */
	const struct exception **exceptions; /* of each rule, NULL: none */
	struct finding_note *notes; /* of each rule */
	size_t n;
	const struct log_file *file;
	uint64_t number; /* the line or the record id */
	event_time time; /* NUMBER_NONE: it says none, or nobody can read it */
	struct text time_text; /* as written */
	struct text host, channel;
	int64_t event_id; /* NUMBER_NONE: none */
	unsigned marks; /* enum record_mark */
	struct text told[GLANCES]; /* no text where the record has none */
	struct text json; /* the record, on one line; no text where nobody wants it */
};

/* Once, before the first finding. */
void finding_init(void);

/* `with_json`: the whole record is wanted too. */
struct finding *finding_new(struct arena *arena, const struct record *record,
	const struct rule **rules, const struct exception **exceptions, size_t n, bool with_json,
	struct json_writer *scratch);

/* A note about an indicator, from its texts. */
struct record_hit;
void finding_note_hit(struct arena *arena, struct finding_note *note,
	const struct record_hit *hit);

/* The text for a time: as RFC 3339 with milliseconds where it is known, else as written. */
struct text finding_time(const struct finding *finding, struct arena *arena);
