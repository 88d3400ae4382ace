// SPDX-License-Identifier: Apache-2.0
// Event logs of Windows: blocks of chunks, and the records in them.

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/evtx/binxml.h"
#include "import/evtx/bytes.h"
#include "import/evtx/checksum.h"
#include "import/evtx/chunk.h"
#include "import/evtx/evtx.h"
#include "import/evtx/value.h"

enum {
	HEADER_BYTES = 4096,
	HEADER_CHECKED = 120, /* bytes that its checksum covers */
	HEADER_CHECKSUM = 124,
};

#define FILE_SIGNATURE TEXT("ElfFile\0")

struct evtx {
	struct record_names *names;
	struct binxml *binxml;
	struct record record;
	struct arena arena;
};

static void *evtx_new(void)
{
	struct evtx *evtx = memory_new(sizeof *evtx);

	evtx->names = record_names_new();
	evtx->binxml = binxml_new(evtx->names);
	return evtx;
}

static void evtx_free(void **reader)
{
	struct evtx *evtx = *reader;

	if (!evtx)
		return;
	binxml_free(&evtx->binxml);
	record_names_free(&evtx->names);
	record_clear(&evtx->record);
	arena_clear(&evtx->arena);
	memory_free(reader);
}

static int evtx_likeness(struct text head, bool whole)
{
	return text_starts(head, FILE_SIGNATURE) || text_starts(head, CHUNK_SIGNATURE) ? 100 : 0;
}

/* Bytes before the first chunk. */
static size_t header_bytes(struct text bytes, uint64_t offset)
{
	if (offset || !text_starts(bytes, FILE_SIGNATURE))
		return 0;
	return bytes.n < HEADER_BYTES ? bytes.n : HEADER_BYTES;
}

static size_t evtx_cut(struct text bytes, uint64_t offset, bool ended)
{
	size_t header = header_bytes(bytes, offset), chunks = (bytes.n - header) / CHUNK_BYTES;

	if (ended)
		return bytes.n;
	return chunks ? header + chunks * CHUNK_BYTES : 0;
}

/* A place in the file, for the user. */
struct where {
	char text[80];
};

static void skipped(const struct record_sink *sink, const struct where *where, const char *why,
	uint64_t records)
{
	sink->skipped(sink->context, text_of(where->text), text_of(why), records);
}

static void record_read(struct evtx *evtx, const struct found *found, uint64_t number,
	const struct record_sink *sink)
{
	struct record *record = &evtx->record;
	struct where where;
	const char *why;

	arena_reset(&evtx->arena);
	record_begin(record, &evtx->arena);
	record->number = found->id;
	record->marks = found->marks;
	why = binxml_read(evtx->binxml, found->from + RECORD_HEAD, found->xml_ends,
		found->marks & RECORD_slack, record);
	if (!why && !record->n)
		why = "it is empty";
	if (why) {
		snprintf(where.text, sizeof where.text, "chunk %" PRIu64 ", record %" PRIu64,
			number, found->id);
		skipped(sink, &where, why, 1);
		return;
	}
	if (record->time == NUMBER_NONE)
		record->time = value_time(found->filetime);
	record_is_windows(record);
	sink->record(sink->context, record);
}

static bool is_zero(struct text bytes)
{
	return !bytes.n || (!bytes.at[0] && !memcmp(bytes.at, bytes.at + 1, bytes.n - 1));
}

/* What the header counts and nobody has seen. */
static void missing_tell(const struct chunk *chunk, uint64_t seen, struct where *where,
	const struct record_sink *sink)
{
	uint64_t counts = chunk_counts(chunk);
	char why[80];

	if (counts <= seen)
		return;
	snprintf(why, sizeof why, "its header counts %" PRIu64 " records, there are %" PRIu64,
		counts, seen);
	skipped(sink, where, why, counts - seen);
}

static void chunk_read(struct evtx *evtx, struct text bytes, uint64_t number, bool slack,
	const struct record_sink *sink)
{
	enum chunk_find find;
	struct chunk chunk;
	struct found found;
	struct where where;
	uint64_t seen = 0;

	snprintf(where.text, sizeof where.text, "chunk %" PRIu64, number);
	if (!chunk_begin(&chunk, bytes, slack)) {
		if (!is_zero(bytes))
			skipped(sink, &where, "it has no signature and no record", 1);
		return;
	}
	binxml_begin(evtx->binxml, chunk.bytes);
	while ((find = chunk_next(&chunk, &found)) != CHUNK_END) {
		char why[80];

		seen += find == CHUNK_GAP || !(found.marks & RECORD_slack);
		if (find == CHUNK_RECORD) {
			record_read(evtx, &found, number, sink);
			continue;
		}
		snprintf(why, sizeof why, "no record in bytes %" PRIu32 " to %" PRIu32,
			found.from, found.to);
		skipped(sink, &where, why, 1);
	}
	missing_tell(&chunk, seen, &where, sink);
}

static void header_check(struct text bytes, size_t header, const struct record_sink *sink)
{
	static const struct where where = {"file header"};

	if (header < HEADER_BYTES)
		skipped(sink, &where, "the file ends in it", 1);
	else if (header && checksum_add(0, bytes.at, HEADER_CHECKED) !=
			bytes_32(bytes.at + HEADER_CHECKSUM))
		skipped(sink, &where, "its checksum does not fit; chunks were read all the same",
			0);
}

static void evtx_read(void *reader, const struct block *block, const struct record_sink *sink)
{
	struct text bytes = block->bytes;
	size_t header = header_bytes(bytes, block->offset);
	uint64_t number = block->offset / CHUNK_BYTES;

	if (header)
		header_check(bytes, header, sink);
	for (size_t at = header; at < bytes.n; at += CHUNK_BYTES) {
		size_t left = bytes.n - at;

		chunk_read(reader, (struct text){bytes.at + at,
			left < CHUNK_BYTES ? left : CHUNK_BYTES}, number++, block->slack, sink);
	}
}

const struct format format_evtx = {
	.name = "evtx",
	.sentence = "event logs of Windows (.evtx)",
	.likeness = evtx_likeness,
	.cut = evtx_cut,
	.order = evtx_order,
	.order_bytes = CHUNK_BYTES,
	.new = evtx_new,
	.free = evtx_free,
	.read = evtx_read,
};
