// SPDX-License-Identifier: Apache-2.0
// Recorded events out of a stream of JSON.

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/ndjson.h"

enum { BUFFER_START = 1 << 18, READ_MAX = 1 << 18, BOM_BYTES = 3 };

enum shape { SHAPE_unknown, SHAPE_lines, SHAPE_values };

struct ndjson {
	int fd;
	enum shape shape;
	bool ended;
	char *buffer;
	size_t start, n, size; /* bytes start .. n - 1 are not consumed */
	uint64_t line, next_line, skipped;
};

struct ndjson *ndjson_new(int fd)
{
	struct ndjson *ndjson = memory_new(sizeof *ndjson);

	ndjson->fd = fd;
	ndjson->size = BUFFER_START;
	ndjson->buffer = memory_new(ndjson->size);
	ndjson->next_line = 1;
	return ndjson;
}

void ndjson_free(struct ndjson **ndjson)
{
	if (!*ndjson)
		return;
	free((*ndjson)->buffer);
	memory_free(ndjson);
}

uint64_t ndjson_line(const struct ndjson *ndjson)
{
	return ndjson->line;
}

uint64_t ndjson_skipped(const struct ndjson *ndjson)
{
	return ndjson->skipped;
}

/* Reads more behind what is there; 0 at the end of the stream. */
static int more(struct ndjson *in, struct error *err)
{
	size_t room;
	ssize_t got;

	if (in->ended)
		return 0;
	if (in->start) {
		memmove(in->buffer, in->buffer + in->start, in->n - in->start);
		in->n -= in->start;
		in->start = 0;
	}
	if (in->n == in->size) {
		in->size *= 2;
		in->buffer = memory_resize(in->buffer, in->size, 1);
	}
	room = in->size - in->n;
	if (room > READ_MAX)
		room = READ_MAX;
	do
		got = read(in->fd, in->buffer + in->n, room);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(err, "cannot read: %m");
	in->ended = !got;
	in->n += (size_t)got;
	return got > 0;
}

static uint64_t lines_in(const char *at, size_t n)
{
	uint64_t lines = 0;

	for (const char *end = at + n; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		lines++;
	return lines;
}

static void consume(struct ndjson *in, size_t n)
{
	in->next_line += lines_in(in->buffer + in->start, n);
	in->start += n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text trimmed(const char *at, size_t n)
{
	while (n && is_blank(at[0])) {
		at++;
		n--;
	}
	while (n && is_blank(at[n - 1]))
		n--;
	return (struct text){at, n};
}

/*
 * Where something ends, in bytes from `start`; looked for with `find` in what was read so far,
 * whose state goes on from call to call. Returns 1 with the length, 0 at the end of the stream
 * (the length is all that is left), -1.
 */
struct search {
	size_t at; /* looked at already */
	unsigned depth;
	bool in_string, escaped, opened;
};

static bool line_find(struct ndjson *in, struct search *search)
{
	const char *end = memchr(in->buffer + in->start + search->at, '\n',
		in->n - in->start - search->at);

	search->at = end ? (size_t)(end - in->buffer) - in->start + 1 : in->n - in->start;
	return end;
}

/* One byte of a value; true if it is the last. */
static bool byte_take(struct search *search, char c)
{
	if (search->in_string) {
		if (search->escaped)
			search->escaped = false;
		else if (c == '\\')
			search->escaped = true;
		else if (c == '"')
			search->in_string = false;
		return false;
	}
	if (c == '"')
		search->in_string = true;
	else if (c == '{' || c == '[')
		search->opened = ++search->depth;
	else if ((c == '}' || c == ']') && search->depth)
		search->depth--;
	return search->opened && !search->depth;
}

static bool value_find(struct ndjson *in, struct search *search)
{
	while (in->start + search->at < in->n)
		if (byte_take(search, in->buffer[in->start + search->at++]))
			return true;
	return false;
}

/*
 * Takes the bytes up to the end of a line or a value. What is too long is thrown away as it comes.
 */
static int piece_next(struct ndjson *in, bool (*find)(struct ndjson *, struct search *),
	struct text *piece, struct error *err)
{
	struct search search = {0};
	bool too_long = false;

	in->line = in->next_line;
	for (;;) {
		bool found = find(in, &search);
		int got = 1;

		if (!found)
			got = more(in, err);
		if (got < 0)
			return -1;
		if (found || !got) {
			*piece = trimmed(in->buffer + in->start, search.at);
			consume(in, search.at);
			if (too_long)
				*piece = (struct text){0};
			in->skipped += too_long;
			return found || piece->n || too_long;
		}
		if (search.at >= NDJSON_EVENT_MAX) {
			too_long = true;
			consume(in, search.at);
			search.at = 0;
		}
	}
}

/* Past blanks, commas and the brackets of an array around the values. */
static int between_skip(struct ndjson *in, struct error *err)
{
	for (;;) {
		int got;

		while (in->start < in->n && (is_blank(in->buffer[in->start]) ||
		       strchr(",[]", in->buffer[in->start])))
			consume(in, 1);
		if (in->start < in->n)
			return 1;
		got = more(in, err);
		if (got <= 0)
			return got;
	}
}

/* Whether the first line is a whole value. */
static int shape_find(struct ndjson *in, struct error *err)
{
	struct search line = {0}, value = {0};
	struct text first;
	int got = 1;

	while (in->n - in->start >= BOM_BYTES &&
	       !memcmp(in->buffer + in->start, "\xef\xbb\xbf", BOM_BYTES))
		in->start += BOM_BYTES;
	while (!line_find(in, &line) && line.at < NDJSON_EVENT_MAX && (got = more(in, err)) > 0)
		;
	if (got < 0)
		return -1;
	in->shape = SHAPE_lines;
	first = trimmed(in->buffer + in->start, line.at);
	if (!first.n || (first.at[0] != '{' && first.at[0] != '['))
		return 0;
	for (size_t i = 0; i < first.n; i++)
		if (byte_take(&value, first.at[i]))
			break;
	if (value.depth || first.at[0] == '[')
		in->shape = SHAPE_values;
	return 0;
}

int ndjson_next(struct ndjson *in, struct text *event, struct error *err)
{
	struct text piece;
	int got;

	if (in->shape == SHAPE_unknown) {
		got = more(in, err);
		if (got <= 0)
			return got;
		if (shape_find(in, err))
			return -1;
	}
	do {
		if (in->shape == SHAPE_values && (got = between_skip(in, err)) <= 0)
			return got;
		got = piece_next(in, in->shape == SHAPE_lines ? line_find : value_find, &piece,
			err);
	} while (got > 0 && !piece.n);
	if (got > 0)
		*event = piece;
	return got;
}
