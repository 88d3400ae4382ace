/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259) out and in: a writer into a buffer that grows, and a strict pull reader over
 * bytes in memory.
 *
 *	struct json_writer out = {0};
 *	json_object_open(&out);
 *	json_key(&out, TEXT("process.pid"));
 *	json_number(&out, 1);
 *	json_object_close(&out);
 *	fwrite(out.at, 1, out.n, stdout);
 *	json_writer_clear(&out);
 *
 *	struct json_reader in;
 *	json_reader_init(&in, text, &arena);
 *	while ((token = json_next(&in)) != JSON_END) ...
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct json_writer {
	char *at;
	size_t n, size;
	bool comma; /* a value stands before, in the same array or object */
};

void json_object_open(struct json_writer *out);
void json_object_close(struct json_writer *out);
void json_array_open(struct json_writer *out);
void json_array_close(struct json_writer *out);
void json_key(struct json_writer *out, struct text key);
/* A key that stands in quotes already, with its colon: "\"process.pid\":". */
void json_key_made(struct json_writer *out, struct text key);
/* A key and its string, both ended by NUL; for tables that print themselves. */
void json_pair(struct json_writer *out, const char *key, const char *value);
/* Bytes that are no UTF-8 are written as U+FFFD each, control characters escaped. */
void json_string(struct json_writer *out, struct text value);
void json_number(struct json_writer *out, int64_t value);
void json_bool(struct json_writer *out, bool value);
void json_null(struct json_writer *out);
/* A value that is JSON already, for instance one line that json_writer made. */
void json_raw(struct json_writer *out, struct text json);
/* Empties the writer, keeps its memory. */
void json_writer_reset(struct json_writer *out);
void json_writer_clear(struct json_writer *out);

enum json_token {
	JSON_END, /* the text is over, and was whole */
	JSON_ERROR, /* the text is not JSON from here on: json_reader.error says why and where */
	JSON_OBJECT_OPEN,
	JSON_OBJECT_CLOSE,
	JSON_ARRAY_OPEN,
	JSON_ARRAY_CLOSE,
	JSON_KEY, /* .text, unescaped */
	JSON_STRING, /* .text, unescaped */
	JSON_NUMBER, /* .text, as written */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

enum { JSON_DEPTH_MAX = 128 };

struct json_reader {
	struct text in;
	size_t at; /* offset of the next byte to read */
	struct arena *arena; /* holds what had to be unescaped */
	struct text text; /* of the token last returned; in `in` where nothing was escaped, else in
			     the arena */
	struct error error;
	unsigned depth;
	uint8_t open[JSON_DEPTH_MAX]; /* for each level: '{' or '[' */
	uint8_t state;
};

/*
 * Starts to read the one JSON value in `in`, which must outlive the reader. Strict: no comments,
 * no trailing commas, no lone surrogates (they become U+FFFD), UTF-8 checked (bad bytes become
 * U+FFFD), depth at most 128. Duplicate keys are returned as they stand; the caller decides.
 */
void json_reader_init(struct json_reader *reader, struct text in, struct arena *arena);

/* The next token; after JSON_END or JSON_ERROR the same again. */
enum json_token json_next(struct json_reader *reader);

/* Skips the value whose first token was `token` (an object or array up to its end). False on
 * JSON_ERROR. */
bool json_skip(struct json_reader *reader, enum json_token token);
