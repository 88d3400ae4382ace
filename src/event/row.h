/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row: an event as bytes, a third of its JSON and written in a third of the time. Values one
 * behind the other, each as
 *
 *	column (varint), then by its type: a text its length (varint) and bytes; a list the number
 *	of its texts, then these; a number or time zigzag as varint; an id 16 bytes, most
 *	significant first; an address its family (4 or 6) and 4 or 16 bytes; a flag nothing
 *
 * Varints are those of protobuf. The numbers of columns are those of the program that writes, so a
 * schema (row_schema) is kept with rows: one line for each column, the letter of its type and its
 * name. Whoever reads them later finds his own columns by their names, and shows what he does
 * not know under the name that it has.
 */
#pragma once

#include "event/event.h"

struct row_bytes {
	char *at;
	size_t n, size;
};
void row_bytes_clear(struct row_bytes *bytes);

/* Behind what is there. */
void row_write(const struct event *event, struct row_bytes *out);

/*
 * The same for whoever writes many events of live processes: what it wrote of a process is kept
 * for the next event of that process. It must be forgotten before anything above the process
 * changes or is freed.
 */
struct row_process {
	bool known;
	struct process process, parent; /* as they were then */
	struct row_bytes own, above; /* its fields; those of its parent and ancestors */
};
void row_process_forget(struct row_process *known);
void row_process_clear(struct row_process *known);
void row_write_with(
	const struct event *event, struct row_process *known, struct row_bytes *out);

/* The schema of the rows that this program writes; lives as long as it. */
struct text row_schema(void);

/* How rows of some schema are read. NULL if it is no schema. */
struct row_reader;
struct row_reader *row_reader_new(struct text schema);
void row_reader_free(struct row_reader **reader);

/*
 * The row as the JSON that event_write makes; false if it is damaged, and then `out` holds some of
 * it.
 */
bool row_json(struct row_reader *reader, struct text row, struct json_writer *out);

/*
 * The row as an event, whose texts lie in the row and in the arena. NULL if it is damaged, or of a
 * kind that nobody knows any more.
 */
struct event *row_event(struct row_reader *reader, struct text row, struct arena *arena);
