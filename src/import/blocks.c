// SPDX-License-Identifier: Apache-2.0
// A file, cut into blocks.

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/blocks.h"
#include "import/utf16.h"

enum { WIDE_BYTES = 1 << 14 };

/* A text in UTF-16, as PowerShell writes one, on its way to UTF-8. */
struct wide {
	bool is, big_endian;
	char raw[WIDE_BYTES + 4]; /* up to a character that is not whole yet */
	size_t raw_n;
	char text[(WIDE_BYTES / 2 + 2) * UTF16_GROWTH];
	size_t given, n;
};

struct blocks {
	struct source *source;
	const struct log_file *file;
	const struct format *format;
	bool slack, ended, skipping, grew;
	bool failed; /* the rest cannot be read, because of `why` */
	struct error why;
	uint64_t offset, line; /* of the next block */
	uint64_t left; /* bytes still to be read */
	struct wide wide;
	char *rest; /* read, but not given yet */
	size_t rest_n, rest_size;
	uint64_t *places; /* of the blocks, where they do not lie one behind the other */
	size_t place_count, place;
};

struct blocks *blocks_new(struct source *source, bool slack)
{
	struct blocks *blocks = memory_new(sizeof *blocks);

	blocks->source = source;
	blocks->slack = slack;
	return blocks;
}

void blocks_free(struct blocks **blocks)
{
	if (!*blocks)
		return;
	free((*blocks)->rest);
	free((*blocks)->places);
	memory_free(blocks);
}

void block_buffer_clear(struct block_buffer *buffer)
{
	free(buffer->at);
	*buffer = (struct block_buffer){0};
}

bool blocks_grew(const struct blocks *blocks)
{
	return blocks->grew;
}

static void buffer_need(struct block_buffer *buffer, size_t size)
{
	if (buffer->size >= size)
		return;
	buffer->at = memory_resize(buffer->at, size, 1);
	buffer->size = size;
}

/* Bytes as they stand in the file; 0 at its end, -1: the rest cannot be read. */
static int64_t raw_read(struct blocks *blocks, char *to, size_t want)
{
	int64_t got;

	if (want > blocks->left)
		want = blocks->left;
	got = want ? source_read(blocks->source, to, want, &blocks->why) : 0;
	if (got > 0)
		blocks->left -= (uint64_t)got;
	return got;
}

static void bytes_swap(char *at, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		char first = at[i];

		at[i] = at[i + 1];
		at[i + 1] = first;
	}
}

static int64_t given(struct wide *wide, char *to, size_t want)
{
	size_t n = wide->n - wide->given < want ? wide->n - wide->given : want;

	memcpy(to, wide->text + wide->given, n);
	wide->given += n;
	return (int64_t)n;
}

/* More of a text in UTF-16, as UTF-8. */
static int64_t wide_read(struct blocks *blocks, char *to, size_t want)
{
	struct wide *wide = &blocks->wide;
	size_t whole;
	int64_t got = 1;

	while (wide->given == wide->n && got > 0) {
		got = raw_read(blocks, wide->raw + wide->raw_n, WIDE_BYTES);
		if (got < 0)
			return got;
		if (wide->big_endian) /* what was left over is swapped already */
			bytes_swap(wide->raw + (wide->raw_n & ~(size_t)1),
				wide->raw_n % 2 + (size_t)got);
		wide->raw_n += (size_t)got;
		whole = wide->raw_n & ~(size_t)1;
		if (got && whole >= 2 && ((unsigned char)wide->raw[whole - 1] & 0xfc) == 0xd8)
			whole -= 2; /* its other half comes next */
		wide->n = utf16_read(wide->text, wide->raw, whole / 2);
		wide->given = 0;
		wide->raw_n -= whole;
		memmove(wide->raw, wide->raw + whole, wide->raw_n);
	}
	return given(wide, to, want);
}

/* The first bytes of a file: whether they are the mark of UTF-16. */
static void wide_begin(struct blocks *blocks)
{
	struct wide *wide = &blocks->wide;
	int64_t got;

	wide->is = wide->big_endian = false;
	wide->given = wide->n = wide->raw_n = 0;
	do {
		got = raw_read(blocks, wide->raw + wide->raw_n, 2 - wide->raw_n);
		if (got < 0)
			blocks->ended = blocks->failed = true;
		wide->raw_n += got > 0 ? (size_t)got : 0;
	} while (got > 0 && wide->raw_n < 2);
	if (wide->raw_n == 2 && !memcmp(wide->raw, "\xff\xfe", 2))
		wide->is = true;
	else if (wide->raw_n == 2 && !memcmp(wide->raw, "\xfe\xff", 2))
		wide->is = wide->big_endian = true;
	else { /* they belong to it */
		memcpy(wide->text, wide->raw, wide->raw_n);
		wide->n = wide->raw_n;
	}
	wide->raw_n = 0;
}

static int64_t text_read(struct blocks *blocks, char *to, size_t want)
{
	struct wide *wide = &blocks->wide;

	if (wide->is)
		return wide_read(blocks, to, want);
	return wide->given < wide->n ? given(wide, to, want) : raw_read(blocks, to, want);
}

/* Up to `n` bytes of the file, less only at its end or where the rest cannot be read. */
static size_t fill(struct blocks *blocks, char *to, size_t n)
{
	size_t have = 0;

	while (have < n && !blocks->ended) {
		int64_t got = text_read(blocks, to + have, n - have);

		if (got < 0) {
			blocks->ended = blocks->failed = true;
			break;
		}
		blocks->ended = !got;
		have += (size_t)got;
	}
	if (blocks->ended && !blocks->left && source_descriptor(blocks->source) >= 0)
		blocks->grew = source_read(blocks->source, &(char){0}, 1, NULL) > 0;
	return have;
}

static void rest_keep(struct blocks *blocks, const char *at, size_t n)
{
	if (blocks->rest_size < n) {
		blocks->rest_size = n < FORMAT_HEAD ? FORMAT_HEAD : n;
		blocks->rest = memory_resize(blocks->rest, blocks->rest_size, 1);
	}
	if (n)
		memmove(blocks->rest, at, n);
	blocks->rest_n = n;
}

int blocks_begin(struct blocks *blocks, const struct log_file *file, const struct format *wanted,
	const struct format **format, struct error *err)
{
	char head[FORMAT_HEAD];
	size_t got;

	blocks->file = file;
	blocks->ended = blocks->skipping = blocks->grew = blocks->failed = false;
	blocks->offset = 0;
	blocks->line = 1;
	blocks->left = file->size;
	blocks->place_count = blocks->place = 0;
	wide_begin(blocks);
	got = fill(blocks, head, sizeof head);
	rest_keep(blocks, head, got);
	blocks->format = wanted ? wanted : format_of((struct text){head, got}, blocks->ended);
	if (!blocks->format)
		return blocks->failed ? fail(err, "%s", blocks->why.text) : 0;
	*format = blocks->format;
	free(blocks->places);
	blocks->places = NULL;
	if (blocks->format->order && source_descriptor(blocks->source) >= 0 &&
	    blocks->format->order(source_descriptor(blocks->source), &blocks->places,
		    &blocks->place_count))
		blocks->place_count = 0;
	return 1;
}

static uint64_t lines_in(const char *at, size_t n)
{
	const char *end = at + n;
	uint64_t lines = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		lines++;
		at++;
	}
	return lines;
}

/* Up to the last end of a line. */
static size_t lines_cut(struct text bytes, bool ended)
{
	const char *last;

	if (ended)
		return bytes.n;
	last = memrchr(bytes.at, '\n', bytes.n);
	return last ? (size_t)(last - bytes.at) + 1 : 0;
}

static size_t cut(const struct blocks *blocks, const struct block_buffer *buffer, size_t n)
{
	struct text bytes = {buffer->at, n};

	/* what stands behind the last whole record of a file that grows is not whole yet */
	bool ended = blocks->ended && !blocks->grew;

	return blocks->format->cut ? blocks->format->cut(bytes, blocks->offset, ended) :
		lines_cut(bytes, ended);
}

static void give_bytes(struct blocks *blocks, struct block_buffer *buffer, size_t length, size_t n,
	struct block *block)
{
	*block = (struct block){
		.file = blocks->file,
		.bytes = {buffer->at, length},
		.offset = blocks->offset,
		.line = blocks->format->lines ? blocks->line : 0,
		.slack = blocks->slack,
	};
	blocks->offset += length;
	if (blocks->format->lines)
		blocks->line += lines_in(buffer->at, length);
	rest_keep(blocks, buffer->at + length, n - length);
}

/* Throws away what belongs to a record that is too long: up to the next end of a line. */
static size_t skip(struct blocks *blocks, struct block_buffer *buffer, size_t n)
{
	const char *end = memchr(buffer->at, '\n', n);
	size_t gone = end ? (size_t)(end - buffer->at) + 1 : n;

	blocks->skipping = !end;
	blocks->offset += gone;
	blocks->line += end != NULL;
	memmove(buffer->at, buffer->at + gone, n - gone);
	return n - gone;
}

/* A block at a place of its own. */
static int place_next(struct blocks *blocks, struct block_buffer *buffer, struct block *block,
	struct error *err)
{
	uint64_t offset = blocks->places[blocks->place++];
	ssize_t got;

	buffer_need(buffer, blocks->format->order_bytes);
	do
		got = pread(source_descriptor(blocks->source), buffer->at,
			blocks->format->order_bytes, (off_t)offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(err, "cannot read: %m");
	blocks->offset = offset;
	blocks->rest_n = 0;
	give_bytes(blocks, buffer, (size_t)got, (size_t)got, block);
	return 1;
}

int blocks_next(struct blocks *blocks, struct block_buffer *buffer, struct block *block,
	uint64_t *too_long, struct error *err)
{
	size_t n = blocks->rest_n, size = n < BLOCK_BYTES ? BLOCK_BYTES : n;

	if (blocks->place_count)
		return blocks->place < blocks->place_count ?
			place_next(blocks, buffer, block, err) : 0;
	buffer_need(buffer, size);
	if (n)
		memcpy(buffer->at, blocks->rest, n);
	blocks->rest_n = 0;
	for (;;) {
		size_t length;

		n += fill(blocks, buffer->at + n, size - n);
		if (blocks->skipping)
			n = skip(blocks, buffer, n);
		if (!n && blocks->failed)
			return fail(err, "%s", blocks->why.text);
		if (!n && blocks->ended)
			return 0;
		length = n && !blocks->skipping ? cut(blocks, buffer, n) : 0;
		if (length) {
			give_bytes(blocks, buffer, length, n, block);
			return 1;
		}
		if (blocks->ended)
			return 0;
		if (n == size && size < BLOCK_MAX) {
			size *= 2;
			buffer_need(buffer, size);
		} else if (n == size) {
			++*too_long;
			blocks->skipping = true;
			n = skip(blocks, buffer, n);
		}
	}
}
