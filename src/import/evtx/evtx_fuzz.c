// SPDX-License-Identifier: Apache-2.0
// Fuzzing of event logs of Windows: whatever the bytes, cut into blocks and read, with slack and
// without, every record is whole and what is left out is said.

#include <assert.h>

#include "import/evtx/evtx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sum;

static void text_touch(struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		sum += (unsigned char)text.at[i];
}

static void record_check(void *context, struct record *record)
{
	assert(record->n);
	for (size_t i = 0; i < record->n; i++) {
		assert(record->at[i].name);
		text_touch(record->at[i].name->text);
		text_touch(record->at[i].value);
	}
	text_touch(record->channel);
	text_touch(record->host);
	text_touch(record->time_text);
}

static void skipped_check(void *context, struct text where, struct text why, uint64_t records)
{
	assert(where.n && why.n);
}

static void bytes_read(void *reader, struct text bytes, uint64_t offset, bool slack)
{
	const struct record_sink sink = {record_check, skipped_check, NULL};
	struct log_file file = {.name = "x", .modified = NUMBER_NONE, .size = bytes.n};
	struct block block = {.file = &file, .bytes = bytes, .offset = offset, .slack = slack};
	size_t cut = format_evtx.cut(bytes, offset, false);

	assert(cut <= bytes.n);
	block.bytes.n = cut;
	format_evtx.read(reader, &block, &sink);
	block.bytes = (struct text){bytes.at + cut, bytes.n - cut};
	block.offset += cut;
	format_evtx.read(reader, &block, &sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *reader; /* kept, since a new one takes longer than most inputs */
	struct text bytes = {(const char *)data, size};

	if (!size)
		return 0;
	if (!reader)
		reader = format_evtx.new();
	format_evtx.likeness(bytes, true);
	bytes_read(reader, bytes, 0, false);
	bytes_read(reader, bytes, 4096, true);
	return 0;
}
