/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chunk: 64 KiB of an EVTX file that hold records, templates and names of their own. The records
 * are found by walking; what the header counts is believed only where it fits.
 *
 *	if (chunk_begin(&chunk, bytes))
 *		while (chunk_next(&chunk, &found)) ...
 */
#pragma once

#include "base/text.h"
#include "event/record.h"

enum {
	CHUNK_BYTES = 65536,
	CHUNK_HEAD = 512, /* bytes before the first record */
	RECORD_MAGIC = 0x2a2a,
	RECORD_HEAD = 24, /* bytes of a record before its XML */
	RECORD_LEAST = 28, /* there is a copy of its size at its end */
};

#define CHUNK_SIGNATURE TEXT("ElfChnk\0")

struct chunk {
	struct text bytes;
	bool slack; /* records that the log no longer counts are wanted too */

	/* as its header says */
	uint64_t first, last; /* record ids, of the log itself */
	uint32_t ends; /* where its records end; 0: the header is not to be believed */
	bool damaged; /* some checksum does not fit */

	/* while it is walked */
	uint32_t at;
	uint64_t id; /* of the record before */
	bool any, adjacent;
};

enum chunk_find {
	CHUNK_END,
	CHUNK_RECORD,
	CHUNK_GAP, /* bytes where a record should be */
};

/* What was found: a record, or bytes that are none. */
struct found {
	uint32_t from, to; /* all of it */
	uint32_t xml_ends; /* behind its head stands XML */
	uint64_t id; /* its number in this log */
	uint64_t filetime; /* when it was written */
	unsigned marks;
};

/*
 * Begins with a chunk, whose bytes may be fewer than they should. False if there is nothing that
 * could be a chunk.
 */
bool chunk_begin(struct chunk *chunk, struct text bytes, bool slack);

enum chunk_find chunk_next(struct chunk *chunk, struct found *found);

/* How many records the header counts; 0 if it is not to be believed. */
uint64_t chunk_counts(const struct chunk *chunk);
