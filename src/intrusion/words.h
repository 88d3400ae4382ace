/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that sentences are made of: names of processes, numbers, times, durations, what was
 * done about a detection. Everything that is given back is printable and lives in the arena.
 */
#pragma once

#include "event/event.h"

/* "httpd (pid 4242, www-data)"; "an unknown process" for NULL or one of which nothing is known. */
struct text process_words(const struct process *process, struct arena *arena);

/* The last part of its program's path, else its own name for itself; "?" if neither is known. */
struct text process_short(const struct process *process, struct arena *arena);

/*
 * Its arguments, else the path of its program, at most `max` bytes; no text if neither is known.
 */
struct text process_command(const struct process *process, size_t max, struct arena *arena);

/* What was done about a detection: "stopped before its first instruction (killed at exec)". */
struct text prevention_words(const struct detection *detection, struct arena *arena);

/* The act did not happen, because it was stopped before. */
bool detection_is_prevented(const struct detection *detection);

/* "12,345" */
struct text number_words(int64_t number, struct arena *arena);

/* "1 event", "3 events": the number and the noun, which gets an s. */
struct text count_words(int64_t number, const char *noun, struct arena *arena);

/* "3 min 20 s", "1.250 s": the two largest units. */
struct text duration_words(int64_t nanoseconds, struct arena *arena);

/*
 * "2015-09-26T10:00:00.123Z": RFC 3339 in UTC, cut to milliseconds; "an unknown time" for
 * NUMBER_NONE.
 */
struct text time_words(event_time time, struct arena *arena);

/* "2015-09-26 10:00:00 UTC", for running text. */
struct text time_prose(event_time time, struct arena *arena);

/* "a, b and c", each printable; an empty text for an empty list. */
struct text list_words(struct text_list list, const char *last_and, struct arena *arena);

/* Levels from "informational" on; an unknown one counts as informational. */
enum { LEVEL_COUNT = 5 };
extern const char *const level_words[LEVEL_COUNT];
unsigned level_rank(struct text level);
bool level_known(struct text level);
