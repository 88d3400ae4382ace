// SPDX-License-Identifier: Apache-2.0
// JSON out: a buffer that grows, and the commas between values.

#include <stdio.h>
#include <stdlib.h>

#include "base/json_private.h"
#include "base/memory.h"
#include "base/utf8.h"

static char *room(struct json_writer *out, size_t n)
{
	if (out->size - out->n < n) {
		size_t size = out->size ? out->size : 1024;

		while (size - out->n < n)
			size *= 2;
		out->at = memory_resize(out->at, size, 1);
		out->size = size;
	}
	return out->at + out->n;
}

static void put(struct json_writer *out, const char *bytes, size_t n)
{
	memcpy(room(out, n), bytes, n);
	out->n += n;
}

static void value_begin(struct json_writer *out)
{
	if (out->comma)
		put(out, ",", 1);
	out->comma = true;
}

static void open(struct json_writer *out, char bracket)
{
	value_begin(out);
	put(out, &bracket, 1);
	out->comma = false;
}

static void close(struct json_writer *out, char bracket)
{
	put(out, &bracket, 1);
	out->comma = true;
}

void json_object_open(struct json_writer *out)
{
	open(out, '{');
}

void json_object_close(struct json_writer *out)
{
	close(out, '}');
}

void json_array_open(struct json_writer *out)
{
	open(out, '[');
}

void json_array_close(struct json_writer *out)
{
	close(out, ']');
}

static const char *short_escape(unsigned char c)
{
	switch (c) {
	case '"': return "\\\"";
	case '\\': return "\\\\";
	case '\b': return "\\b";
	case '\f': return "\\f";
	case '\n': return "\\n";
	case '\r': return "\\r";
	case '\t': return "\\t";
	default: return NULL;
	}
}

static void put_control(struct json_writer *out, unsigned char c)
{
	const char *escape = short_escape(c);
	char code[8];

	if (!escape) {
		snprintf(code, sizeof code, "\\u%04x", c);
		escape = code;
	}
	put(out, escape, strlen(escape));
}

static void quoted(struct json_writer *out, struct text value)
{
	size_t i = 0;

	put(out, "\"", 1);
	while (i < value.n) {
		size_t n = json_plain_length(value.at + i, value.n - i);

		put(out, value.at + i, n);
		i += n;
		if (i == value.n)
			break;
		if ((unsigned char)value.at[i] < 0x80) {
			put_control(out, (unsigned char)value.at[i++]);
			continue;
		}
		n = utf8_length(value.at + i, value.n - i);
		if (n)
			put(out, value.at + i, n);
		else
			put(out, "\xef\xbf\xbd", 3);
		i += n ? n : 1;
	}
	put(out, "\"", 1);
}

void json_key(struct json_writer *out, struct text key)
{
	value_begin(out);
	quoted(out, key);
	put(out, ":", 1);
	out->comma = false;
}

void json_key_made(struct json_writer *out, struct text key)
{
	value_begin(out);
	put(out, key.at, key.n);
	out->comma = false;
}

void json_pair(struct json_writer *out, const char *key, const char *value)
{
	json_key(out, text_of(key));
	json_string(out, text_of(value));
}

void json_string(struct json_writer *out, struct text value)
{
	value_begin(out);
	quoted(out, value);
}

void json_number(struct json_writer *out, int64_t value)
{
	char digits[24], *at = digits + sizeof digits;
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		*--at = '-';
	value_begin(out);
	put(out, at, (size_t)(digits + sizeof digits - at));
}

void json_bool(struct json_writer *out, bool value)
{
	value_begin(out);
	if (value)
		put(out, "true", 4);
	else
		put(out, "false", 5);
}

void json_null(struct json_writer *out)
{
	value_begin(out);
	put(out, "null", 4);
}

void json_raw(struct json_writer *out, struct text json)
{
	value_begin(out);
	put(out, json.at, json.n);
}

void json_writer_reset(struct json_writer *out)
{
	out->n = 0;
	out->comma = false;
}

void json_writer_clear(struct json_writer *out)
{
	free(out->at);
	*out = (struct json_writer){0};
}
