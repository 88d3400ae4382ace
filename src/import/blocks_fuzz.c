// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file: what it is packed in comes off, UTF-16 becomes UTF-8, it is cut into blocks
// and each is read. All lies in the memory of the blocks.

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "import/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void record_check(void *context, struct record *record)
{
	volatile uint64_t *sum = context;

	for (size_t i = 0; i < record->n; i++)
		for (size_t j = 0; j < record->at[i].value.n; j++)
			*sum += (unsigned char)record->at[i].value.at[j];
}

static void skipped_check(void *context, struct text where, struct text why, uint64_t records)
{
	assert(why.n);
}

static void file_check(struct blocks *blocks, const struct log_file *file)
{
	struct block_buffer buffer = {0};
	const struct format *format;
	struct block block;
	struct error err;
	uint64_t too_long = 0, blocks_read = 0;
	volatile uint64_t sum = 0;
	const struct record_sink sink = {record_check, skipped_check, (void *)&sum};
	void *reader;

	if (blocks_begin(blocks, file, NULL, &format, &err) <= 0)
		return;
	reader = format->new();
	while (blocks_next(blocks, &buffer, &block, &too_long, &err) > 0) {
		assert(block.bytes.n && block.bytes.n <= buffer.size);
		assert(++blocks_read < 1000000);
		format->read(reader, &block, &sink);
	}
	format->free(&reader);
	block_buffer_clear(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(fd_close) int fd = memfd_create("log", MFD_CLOEXEC);
	until_return(source_free) struct source *source = source_new();
	until_return(blocks_free) struct blocks *blocks = blocks_new(source, true);
	struct log_file file;
	struct error err;
	char path[64];
	int got;

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (source_add(source, path, &err))
		return 0;
	while ((got = source_next(source, &file, &err)))
		if (got > 0)
			file_check(blocks, &file);
	return 0;
}
