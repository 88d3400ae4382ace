/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For fuzzers of formats: any bytes, told, cut and read. A cut lies inside of the bytes, every
 * record has names, what is skipped has a reason.
 */
#pragma once

#include <assert.h>

#include "import/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void record_check(void *context, struct record *record)
{
	uint64_t *sum = context;

	for (size_t i = 0; i < record->n; i++) {
		assert(record->at[i].name && record->at[i].kind <= VALUE_object);
		for (size_t j = 0; j < record->at[i].value.n; j++)
			*sum += (unsigned char)record->at[i].value.at[j]; /* all is readable */
	}
	record_time(record);
}

static void skipped_check(void *context, struct text where, struct text why, uint64_t records)
{
	assert(why.n);
}

static inline int format_fuzz(const struct format *format, const uint8_t *data, size_t size)
{
	struct text bytes = {(const char *)data, size};
	struct log_file file = {.name = "x", .modified = INT64_C(1700000000) * 1000000000,
		.size = size};
	struct block block = {.file = &file, .bytes = bytes, .line = 1};
	volatile uint64_t sum = 0;
	const struct record_sink sink = {record_check, skipped_check, (void *)&sum};
	void *reader;
	size_t cut;

	if (!size)
		return 0;
	reader = format->new();
	format->likeness(bytes, true);
	format->likeness(bytes, false);
	cut = format->cut ? format->cut(bytes, 0, false) : 0;
	assert(cut <= size);
	block.bytes.n = cut;
	format->read(reader, &block, &sink);
	block.bytes = (struct text){bytes.at + cut, size - cut};
	block.offset = cut;
	format->read(reader, &block, &sink);
	format->free(&reader);
	return 0;
}

/* The whole of a fuzzer. */
#define FORMAT_FUZZ(name)                                                                         \
	extern const struct format format_##name;                                                 \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                              \
	{                                                                                         \
		return format_fuzz(&format_##name, data, size);                                   \
	}
