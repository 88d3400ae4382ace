// SPDX-License-Identifier: Apache-2.0
// A log read from its beginning.

#include "base/own.h"
#include "import/blocks.h"
#include "import/log.h"

struct taking {
	const struct record_sink *sink;
	uint64_t left;
};

static void record_take(void *context, struct record *record)
{
	struct taking *taking = context;

	if (!taking->left)
		return;
	taking->left--;
	taking->sink->record(taking->sink->context, record);
}

static void skipped_take(void *context, struct text where, struct text why, uint64_t records)
{
	struct taking *taking = context;

	taking->sink->skipped(taking->sink->context, where, why, records);
}

static int file_take(struct blocks *blocks, const struct log_file *file, struct taking *taking,
	struct error *err)
{
	const struct record_sink sink = {record_take, skipped_take, taking};
	until_return(block_buffer_clear) struct block_buffer buffer = {0};
	const struct format *format;
	struct block block;
	uint64_t too_long = 0;
	void *reader;
	int got = blocks_begin(blocks, file, NULL, &format, err);

	if (!got)
		return fail(err, "'%s' is no log that saker knows", file->name);
	if (got < 0)
		return -1;
	reader = format->new();
	while (taking->left && (got = blocks_next(blocks, &buffer, &block, &too_long, err)) > 0)
		format->read(reader, &block, &sink);
	format->free(&reader);
	return got < 0 ? -1 : 0;
}

int log_read(const char *path, uint64_t most, const struct record_sink *sink, struct error *err)
{
	until_return(source_free) struct source *source = source_new();
	until_return(blocks_free) struct blocks *blocks = blocks_new(source, false);
	struct taking taking = {sink, most};
	struct log_file file;
	int got;

	if (source_add(source, path, err))
		return -1;
	while (taking.left && (got = source_next(source, &file, err)))
		if (got < 0 || file_take(blocks, &file, &taking, err))
			return -1;
	return 0;
}
