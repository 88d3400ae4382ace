/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event: something that happened on a host. Its kinds, objects and fields stand in the tables
 * beside this file (kind.def, object.def, process.def ...); the structs here, the JSON, the Sigma,
 * ECS and OCSF names and the documentation (`saker fields`) are all made from them.
 *
 *	struct event *event = event_new(&arena, EVENT_file_create);
 *	event->time = now;
 *	event->process = process;
 *	event->file = file_new(&arena);
 *	event->file->path = path;
 *	event_write(event, &json);
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"

/* A number that is not known. */
#define NUMBER_NONE INT64_MIN

/* A time: nanoseconds since 1970 (UTC). NUMBER_NONE where it is not known. */
typedef int64_t event_time;

/*
 * Identity of a process, 128 bits: hash of the boot id 32 | start since boot in ns 60 | pid 22 |
 * exec generation 14, from the most significant bit on, so that the ids of one boot grow with
 * start time. Zero: unknown.
 */
struct entity {
	uint64_t high, low;
};

enum { ENTITY_TEXT = 26 }; /* digits of its text: base32 (RFC 4648, lower case) */

struct address {
	uint8_t family; /* 0: unknown, 4 or 6 */
	uint8_t bytes[16]; /* network order; the first 4 for IPv4 */
};

struct text_list {
	const struct text *at; /* NULL: no list */
	size_t n;
};

enum event_kind {
#define KIND(name, ...) EVENT_##name,
#include "event/kind.def"
#undef KIND
	EVENT_KINDS
};

enum event_class { CLASS_lifecycle, CLASS_network, CLASS_file, CLASS_self, EVENT_CLASSES };

enum object {
#define OBJECT(name, ...) OBJECT_##name,
#include "event/object.def"
#undef OBJECT
	OBJECTS
};

enum field_type {
	FIELD_text,
	FIELD_list,
	FIELD_number,
	FIELD_flag,
	FIELD_time,
	FIELD_id,
	FIELD_address
};

#define FIELD_C_text struct text
#define FIELD_C_list struct text_list
#define FIELD_C_number int64_t
#define FIELD_C_flag bool
#define FIELD_C_time event_time
#define FIELD_C_id struct entity
#define FIELD_C_address struct address
#define FIELD(type, name, ...) FIELD_C_##type name;

struct process {
	const struct process *parent; /* at the time of its fork; NULL: unknown */
	/* the same pid before its last exec, where that was an exec itself */
	const struct process *previous;
#include "event/process.def"
};

struct file {
#include "event/file.def"
};

struct network {
#include "event/network.def"
};

struct dns {
#include "event/dns.def"
};

struct call {
#include "event/call.def"
};

struct target {
#include "event/target.def"
};

struct login {
#include "event/login.def"
};

struct detection {
#include "event/detection.def"
};

struct sensor {
#include "event/sensor.def"
};
#undef FIELD

struct event {
	enum event_kind kind;
	event_time time;
	int64_t sequence; /* since saker started; NUMBER_NONE where it was not numbered */
	const char *source; /* "live", "iterator", "log"; NULL: live */
	const char *via; /* how it was asked for: "io_uring", "ia32"; NULL: a system call */
	bool truncated; /* some value was longer than what is kept */
	const struct process *process; /* NULL where the kind has none; likewise below */
	struct file *file;
	struct network *network;
	struct dns *dns;
	struct call *call;
	struct target *target;
	struct login *login;
	struct detection *detection;
	struct sensor *sensor;
};

/* One line of a table. */
struct field {
	enum object object;
	enum field_type type;
	uint16_t offset; /* in the object's struct */
	const char *name, *json, *sigma, *ocsf, *sentence;
	struct text key; /* the JSON name as json_key_made wants it */
};

struct kind {
	const char *name;
	enum event_class class_;
	const char *category, *action;
	int ocsf_class, ocsf_activity;
	const char *sentence;
};

extern const struct kind kinds[EVENT_KINDS];
extern const char *const class_names[EVENT_CLASSES];
/* All tables, one after the other, in the order of object.def. */
extern const struct field fields[];
extern const unsigned field_count;
extern const char *const object_names[OBJECTS], *const object_sentences[OBJECTS];

/* Fresh objects in which nothing is known yet. */
struct event *event_new(struct arena *arena, enum event_kind kind);
void process_init(struct process *process);
struct process *process_new(struct arena *arena);
struct file *file_new(struct arena *arena);
struct network *network_new(struct arena *arena);
struct dns *dns_new(struct arena *arena);
struct call *call_new(struct arena *arena);
struct target *target_new(struct arena *arena);
struct login *login_new(struct arena *arena);
struct detection *detection_new(struct arena *arena);
struct sensor *sensor_new(struct arena *arena);

/* The field whose JSON or Sigma name this is (exact, then ASCII caseless), NULL if none. */
const struct field *field_by_json(struct text name);
const struct field *field_by_sigma(struct text name);

/* The object of this event, NULL if it has none. */
const void *event_object(const struct event *event, enum object object);

/*
 * The value of a field in an object as text, written into `buffer` where it is not one already (at
 * least FIELD_BUFFER bytes). No text where the value is not known; a flag that is not set is
 * "false". A list has no single text: use field_list.
 */
enum { FIELD_BUFFER = 64 };
struct text field_text(const struct field *field, const void *object, char *buffer);
struct text_list field_list(const struct field *field, const void *object);
bool field_known(const struct field *field, const void *object);

/* The kind of that name, EVENT_KINDS if none. */
enum event_kind kind_by_name(struct text name);

/* Texts of the types; `buffer` as above. entity_read gives false for anything that entity_text
 * does not write. */
struct text entity_text(struct entity entity, char *buffer);
bool entity_read(struct text text, struct entity *entity);
struct text address_text(struct address address, char *buffer);
bool address_read(struct text text, struct address *address);
/* RFC 3339 in UTC with nine digits of seconds, as "2015-09-26T10:00:00.000000000Z"; reads any RFC
 * 3339 time. */
struct text time_text(event_time time, char *buffer);
bool time_read(struct text text, event_time *time);

/*
 * A name that sorts by time: 64 bits, milliseconds (of 2^20 ns) and the low digits of the event's
 * number, in base32hex (RFC 4648, section 7, lower case), whose digits stand in the order of
 * their values.
 */
struct text detection_id(struct arena *arena, event_time time, uint64_t sequence);

static inline bool entity_equal(struct entity a, struct entity b)
{
	return a.high == b.high && a.low == b.low;
}

static inline bool entity_is_none(struct entity a)
{
	return !a.high && !a.low;
}

/*
 * One JSON object without a line end: what frame.def names, then every known field under its
 * dotted name, flat ("process.pid":1); of the parent what parent.def names, under "parent."; the
 * ancestors as a list of executables and one of command lines (nearest first, at most 16). A
 * process's lists (arguments, environment) and the command lines of those above it are written
 * only with process_exec, process_running and detection.
 */
void event_write(const struct event *event, struct json_writer *out);

/*
 * Reads what event_write wrote; unknown keys are skipped. NULL with a sentence if it is no JSON
 * object or has no "event.kind" that the table knows. Everything lives in the arena or in `json`.
 */
struct event *event_read(struct text json, struct arena *arena, struct error *err);

/* The process's nearest relative upwards: its previous image, else its parent; NULL at the top. */
const struct process *process_up(const struct process *process);
