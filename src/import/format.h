/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A format: how one kind of log is told from others, cut into blocks and read. Blocks are read
 * independently of each other, by as many threads as there are, so a format keeps nothing from
 * block to block but names.
 *
 * To add one: a file `x.c` with a `const struct format format_x`, its line in format.def, its test
 * x_test.c and its fuzzer x_fuzz.c.
 */
#pragma once

#include "base/error.h"
#include "event/record.h"

enum {
	FORMAT_HEAD = 4096, /* bytes by which a format is told */
	BLOCK_BYTES = 1 << 20, /* what a block holds unless one record is longer */
	BLOCK_MAX = 16 << 20, /* a record that is longer is left out, and said */
};

/* What is known of the file that a block comes from. */
struct log_file {
	const char *name; /* as the user may find it: "folder/a.zip:b.evtx" */
	event_time modified; /* NUMBER_NONE: unknown; for times without a year */
	uint64_t size; /* UINT64_MAX: unknown */
};

struct block {
	const struct log_file *file;
	struct text bytes; /* valid until `read` returns */
	uint64_t offset; /* of its first byte in the file */
	uint64_t line; /* number of its first line, from 1; 0: not counted */
	bool slack; /* records that the log no longer counts are wanted too */
};

/* Whom a block's records are given to. */
struct record_sink {
	/* The record and all in it is valid until the call returns. */
	void (*record)(void *context, struct record *record);
	/*
	 * Something was left out: where ("line 7", "chunk 3, record 1201"), why, and how many
	 * records that were lost with it as far as is known (at least 1), or 0 if it is only a
	 * remark and nothing was lost.
	 */
	void (*skipped)(void *context, struct text where, struct text why, uint64_t records);
	void *context;
};

struct format {
	const char *name, *sentence;
	bool lines; /* blocks end at ends of lines, and lines are counted */

	/*
	 * How surely the file is of this format by its first bytes (at most FORMAT_HEAD; `whole`:
	 * there are no more): 0 not at all, 100 a signature that nothing else has.
	 */
	int (*likeness)(struct text head, bool whole);

	/*
	 * How many of these bytes, from the beginning on, make whole records (bytes between
	 * records included). 0: more bytes are needed. `ended`: there are no more; then all are to
	 * be taken unless the rest is to be left out. NULL: up to the last end of a line. It must
	 * depend on nothing but its arguments.
	 */
	size_t (*cut)(struct text bytes, uint64_t offset, bool ended);

	/*
	 * For files whose blocks are not in order: the offsets of all blocks, each of at most
	 * order_bytes, in the order in which they are to be read, to be freed by the caller. None
	 * if they are in order; -1 if it cannot be told. NULL: they always are.
	 */
	int (*order)(int fd, uint64_t **offsets, size_t *n);
	size_t order_bytes;

	/* The state of one thread: names, tables, arenas. */
	void *(*new)(void);
	void (*free)(void **reader);

	/*
	 * Reads a block, giving each record to the sink. Nothing in it may end or hang the
	 * program.
	 */
	void (*read)(void *reader, const struct block *block, const struct record_sink *sink);
};

extern const struct format *const formats[];
extern const unsigned format_count;

/* The format that the first bytes resemble most, NULL if none. */
const struct format *format_of(struct text head, bool whole);
