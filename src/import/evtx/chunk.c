// SPDX-License-Identifier: Apache-2.0
// A chunk's header, and the walk from record to record.

#include "base/own.h"
#include "import/evtx/bytes.h"
#include "import/evtx/checksum.h"
#include "import/evtx/chunk.h"

/* Offsets in the header. */
enum {
	HEAD_FIRST_ID = 24,
	HEAD_LAST_ID = 32,
	HEAD_ENDS = 48,
	HEAD_DATA_CHECKSUM = 52,
	HEAD_FLAGS = 120,
	HEAD_CHECKSUM = 124,
	HEAD_TABLES = 128, /* of names and templates */

	FLAG_NO_CHECKSUM = 2,
	COUNT_MAX = CHUNK_BYTES / RECORD_LEAST,
};

static const char magic[4] = {0x2a, 0x2a, 0, 0};

static bool is_magic(const struct chunk *chunk, size_t at)
{
	return at + RECORD_LEAST <= chunk->bytes.n &&
		!memcmp(chunk->bytes.at + at, magic, sizeof magic);
}

/* The size that a record states, 0 if it cannot be. */
static uint32_t record_size(const struct chunk *chunk, size_t at)
{
	uint32_t size = bytes_32(chunk->bytes.at + at + 4);

	return size >= RECORD_LEAST && size <= chunk->bytes.n - at ? size : 0;
}

static uint64_t record_id(const struct chunk *chunk, size_t at)
{
	return bytes_64(chunk->bytes.at + at + 8);
}

/* A record whose size stands at both of its ends. */
static bool is_whole(const struct chunk *chunk, size_t at)
{
	uint32_t size = is_magic(chunk, at) ? record_size(chunk, at) : 0;

	return size && bytes_32(chunk->bytes.at + at + size - 4) == size;
}

static bool header_fits(const char *at)
{
	uint32_t checksum = checksum_add(0, at, HEAD_FLAGS);

	checksum = checksum_add(checksum, at + HEAD_TABLES, CHUNK_HEAD - HEAD_TABLES);
	return checksum == bytes_32(at + HEAD_CHECKSUM);
}

static void header_read(struct chunk *chunk)
{
	const char *at = chunk->bytes.at;
	uint32_t ends = bytes_32(at + HEAD_ENDS);
	bool sane = ends >= CHUNK_HEAD && ends <= CHUNK_BYTES, whole, checked, data_fits = false;

	checked = !(bytes_32(at + HEAD_FLAGS) & FLAG_NO_CHECKSUM);
	whole = sane && ends <= chunk->bytes.n;
	if (whole)
		data_fits = checksum_add(0, at + CHUNK_HEAD, ends - CHUNK_HEAD) ==
			bytes_32(at + HEAD_DATA_CHECKSUM);
	chunk->damaged = checked && !(data_fits && header_fits(at));
	if (!sane || (!data_fits && !header_fits(at)))
		return;
	chunk->first = bytes_64(at + HEAD_FIRST_ID);
	chunk->last = bytes_64(at + HEAD_LAST_ID);
	chunk->ends = ends;
}

bool chunk_begin(struct chunk *chunk, struct text bytes, bool slack)
{
	*chunk = (struct chunk){.bytes = bytes, .slack = slack, .at = CHUNK_HEAD};
	if (bytes.n > CHUNK_BYTES)
		chunk->bytes.n = CHUNK_BYTES;
	if (bytes.n < CHUNK_HEAD)
		return false;
	if (text_starts(bytes, CHUNK_SIGNATURE))
		header_read(chunk);
	else if (!is_magic(chunk, CHUNK_HEAD))
		return false;
	else
		chunk->damaged = true;
	return true;
}

uint64_t chunk_counts(const struct chunk *chunk)
{
	uint64_t count = chunk->last - chunk->first + 1;

	return chunk->ends && chunk->last >= chunk->first && count <= COUNT_MAX ? count : 0;
}

/* The next whole record, or one that has at least the id that should come next. */
static uint32_t resume_find(const struct chunk *chunk, uint32_t at, uint64_t id)
{
	const char *from = chunk->bytes.at;
	size_t n = chunk->bytes.n;

	while (at < n) {
		const char *next = memmem(from + at, n - at, magic, sizeof magic);

		if (!next)
			break;
		at = (uint32_t)(next - from);
		if (is_whole(chunk, at) ||
		    (is_magic(chunk, at) && record_size(chunk, at) && record_id(chunk, at) == id))
			return at;
		at++;
	}
	return (uint32_t)n;
}

/*
 * Whether the log counts what stands here as its own. Where nobody says how far its records reach,
 * they go on while ids grow, over a gap by no more than it can have held.
 */
static bool is_counted(const struct chunk *chunk, uint32_t at)
{
	uint32_t from = at;
	uint64_t id, most;

	if (at < chunk->ends)
		return true;
	if (!is_magic(chunk, at) && chunk->ends)
		return false;
	if (!is_magic(chunk, at))
		at = resume_find(chunk, at + 1, chunk->id + 1);
	if (!is_magic(chunk, at))
		return !chunk->any;
	id = record_id(chunk, at);
	if (chunk->ends) /* a log that was not closed has more records than its header knows */
		return chunk->adjacent && is_whole(chunk, at) &&
			id == (chunk->any ? chunk->id : 0) + 1;
	most = chunk->adjacent && at == from ? COUNT_MAX : 1 + (at - from) / RECORD_LEAST;
	return !chunk->any || (id > chunk->id && id - chunk->id <= most);
}

/* Where a record ends whose two sizes differ. */
static uint32_t doubtful_end(const struct chunk *chunk, uint32_t at)
{
	uint32_t size = record_size(chunk, at), limit;

	if (size && (at + size == chunk->ends || is_magic(chunk, at + size)))
		return at + size;
	limit = at < chunk->ends && chunk->ends < chunk->bytes.n ? chunk->ends :
		(uint32_t)chunk->bytes.n;
	at = resume_find(chunk, at + RECORD_HEAD, record_id(chunk, at) + 1);
	return at < limit ? at : limit;
}

static void record_take(struct chunk *chunk, bool counted, struct found *found)
{
	uint32_t at = chunk->at;
	bool whole = is_whole(chunk, at);

	*found = (struct found){
		.from = at,
		.to = whole ? at + record_size(chunk, at) : doubtful_end(chunk, at),
		.id = record_id(chunk, at),
		.filetime = bytes_64(chunk->bytes.at + at + 16),
	};
	found->xml_ends = whole ? found->to - 4 : found->to;
	if (chunk->damaged || !whole)
		found->marks |= RECORD_damaged;
	if (!counted)
		found->marks |= RECORD_slack;
	chunk->at = found->to;
	chunk->adjacent = true;
	if (counted) {
		chunk->id = found->id;
		chunk->any = true;
	}
}

enum chunk_find chunk_next(struct chunk *chunk, struct found *found)
{
	while (chunk->at + RECORD_LEAST <= chunk->bytes.n) {
		uint32_t at = chunk->at;
		bool counted = is_counted(chunk, at);

		if (!counted && !chunk->slack)
			return CHUNK_END;
		if (counted ? is_magic(chunk, at) : is_whole(chunk, at)) {
			record_take(chunk, counted, found);
			return CHUNK_RECORD;
		}
		chunk->at = resume_find(chunk, at + 1, chunk->id + 1);
		chunk->adjacent = counted;
		if (!counted)
			continue;
		*found = (struct found){.from = at, .to = chunk->at};
		if (found->to > chunk->ends && chunk->ends)
			found->to = chunk->ends;
		return CHUNK_GAP;
	}
	return CHUNK_END;
}
