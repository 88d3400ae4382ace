/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record: one recorded event as its log has it, whatever made it - names and values in the order
 * of the log, and what it says of where it comes from. Readers (import/) fill records; rules
 * (detect/) are asked about them. Names are interned once per reader, so that whoever asks finds
 * his number for a name without hashing it again.
 *
 *	record_begin(&record, &arena);
 *	record_add(&record, record_names_get(names, PART_data, TEXT("Image")), VALUE_text, value);
 *	record.channel = TEXT("Security");
 *	record.event_id = 4688;
 */
#pragma once

#include "event/event.h"
#include "event/name_key.h"

enum value_kind {
	VALUE_text,
	VALUE_number, /* canonical decimal text, see number_canonical */
	VALUE_flag, /* "true" or "false" */
	VALUE_null, /* this and what follows has no text */
	VALUE_object, /* the name has members, which are values with longer names; or no element */
};

/* Where a name stands. A rule's `EventID` means data first, then the log's own frame. */
enum record_part {
	PART_data, /* what the event says: EventData, UserData, all of a flat event */
	PART_system, /* what the log says of it: Event.System, winlog.* */
};

struct record_name {
	struct text text; /* "CommandLine", "process.pid": a path with dots */
	uint64_t key; /* name_key of it */
	enum record_part part;
	/* For whoever asks: his number for the name, valid while `asker` is he. */
	uint32_t asker, number;
};

/*
 * Names, interned; a name stays where it is until the table is freed. One table belongs to one
 * thread. A table that holds NAMES_MAX names forgets them all at the next record_names_trim, which
 * is to be called between two records: a flood of names costs time, not memory.
 */
enum { NAMES_MAX = 65536 };
struct record_names;
struct record_names *record_names_new(void);
void record_names_free(struct record_names **names);
struct record_name *record_names_get(struct record_names *names, enum record_part part,
	struct text text);
/* True if all names were forgotten: whoever kept a struct record_name must drop it. */
bool record_names_trim(struct record_names *names);

/* A Sigma logsource; no text where nothing is said. */
struct logsource {
	struct text product, category, service;
};

struct record_field {
	struct record_name *name;
	struct text value; /* UTF-8; what is not, is passed on as it is */
	enum value_kind kind;
};

/* What is to be known of a record besides its values. */
enum record_mark {
	RECORD_damaged = 1 << 0, /* a checksum of the log does not fit; it was read all the same */
	RECORD_slack = 1 << 1, /* from a place that the log no longer counts as its own */
	RECORD_cut = 1 << 2, /* a value was longer than what is kept */
};

enum { RECORD_SOURCES = 4 };

struct record {
	struct record_field *at; /* of the record's own, kept from record to record */
	size_t n, size;
	struct arena *arena; /* holds what was made for this record */

	/* where it comes from: the first of these that is known counts */
	struct logsource sources[RECORD_SOURCES]; /* the reader, or its own `logsource`, says so */
	unsigned source_count;
	enum event_kind kind; /* one of ours, as event_write names it; else EVENT_KINDS */
	struct text channel; /* of a Windows event, with its id (NUMBER_NONE: none) */
	int64_t event_id;

	event_time time; /* NUMBER_NONE: see time_text */
	struct text time_text; /* as written; no text where the record has none */
	struct text host;
	uint64_t number; /* in its log: the line from 1, or the record id of an EVTX */
	unsigned marks;
	struct text json; /* the record's own JSON text, where that is how it was written */
};

/* Starts a new record; the arena is the caller's, who resets it before. */
void record_begin(struct record *record, struct arena *arena);
void record_add(struct record *record, struct record_name *name, enum value_kind kind,
	struct text value);
void record_clear(struct record *record);

/* The first value of that name (caseless), no text if there is none. */
struct text record_get(const struct record *record, const char *name);

/* An event of Windows that names no channel is of Windows all the same. */
void record_is_windows(struct record *record);

/* When it happened, NUMBER_NONE if it does not say or nobody can read it. */
event_time record_time(const struct record *record);

/*
 * The record as one JSON object: its own text where it has one; else flat by its names, or, with a
 * channel, {"Event": {"System": {...}, "EventData": {...}}}; with "logsource" where the reader
 * knew it. record_json_read makes the same record of it.
 */
void record_write(const struct record *record, struct json_writer *out);

/*
 * Reads a JSON object of any shape into a record that was begun: flat, nested (a field "A.B" is B
 * inside of A, or the key "A.B"), Windows events as exporters write them (Event.System and
 * Event.EventData, winlog.event_data), arrays as several values. Values live in `json` or in the
 * record's arena. -1 with a sentence if it is no JSON object.
 */
struct record_json;
struct record_json *record_json_new(struct record_names *names);
void record_json_free(struct record_json **json);
int record_json_read(struct record_json *reader, struct text json, struct record *record,
	struct error *err);
