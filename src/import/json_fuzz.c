// SPDX-License-Identifier: Apache-2.0
// Fuzzing of logs of JSON: whatever the bytes, cut into blocks and read, every record lies inside
// of them.

#include <assert.h>

#include "import/format.h"

extern const struct format format_json, format_ndjson;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void record_check(void *context, struct record *record)
{
	const struct text *bytes = context;

	assert(record->json.at >= bytes->at &&
	       record->json.at + record->json.n <= bytes->at + bytes->n);
	for (size_t i = 0; i < record->n; i++)
		assert(record->at[i].name);
}

static void skipped_check(void *context, struct text where, struct text why, uint64_t records)
{
	assert(where.n && why.n && records);
}

static void read_as(const struct format *format, struct text bytes)
{
	const struct record_sink sink = {record_check, skipped_check, &bytes};
	struct log_file file = {.name = "x", .modified = NUMBER_NONE, .size = bytes.n};
	struct block block = {.file = &file, .bytes = bytes, .line = 1};
	void *reader = format->new();
	size_t cut;

	format->likeness(bytes, true);
	if (format->cut) {
		cut = format->cut(bytes, 0, false);
		assert(cut <= bytes.n);
		block.bytes.n = cut;
		format->read(reader, &block, &sink);
		block.bytes = (struct text){bytes.at + cut, bytes.n - cut};
		block.offset = cut;
	}
	format->read(reader, &block, &sink);
	format->free(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = {(const char *)data, size};

	if (!size)
		return 0;
	read_as(&format_json, bytes);
	read_as(&format_ndjson, bytes);
	return 0;
}
