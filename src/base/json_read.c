// SPDX-License-Identifier: Apache-2.0
// JSON in: one token at a time, nothing kept but which brackets are open.

#include <stdarg.h>

#include "base/json_private.h"
#include "base/utf8.h"

/* What may come next. */
enum {
	WANT_value, /* a value */
	WANT_value_or_close, /* just behind '[' */
	WANT_key, /* behind ',' in an object */
	WANT_key_or_close, /* just behind '{' */
	WANT_comma_or_close, /* behind a value inside something */
	WANT_nothing, /* behind the outermost value */
	STATE_error,
};

void json_reader_init(struct json_reader *reader, struct text in, struct arena *arena)
{
	*reader = (struct json_reader){.in = in, .arena = arena, .state = WANT_value};
}

static enum json_token wrong(struct json_reader *reader, const char *what)
{
	if (reader->state != STATE_error)
		fail(&reader->error, "%s at byte %zu", what, reader->at + 1);
	reader->state = STATE_error;
	return JSON_ERROR;
}

static int peek(const struct json_reader *reader)
{
	return reader->at < reader->in.n ? (unsigned char)reader->in.at[reader->at] : -1;
}

static void skip_blanks(struct json_reader *reader)
{
	int c;

	while ((c = peek(reader)) == ' ' || c == '\n' || c == '\t' || c == '\r')
		reader->at++;
}

static void value_done(struct json_reader *reader)
{
	reader->state = reader->depth ? WANT_comma_or_close : WANT_nothing;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits behind "\u" at `at`; -1 if they are none. */
static int32_t code_unit(struct text in, size_t at)
{
	int32_t value = 0;

	for (size_t i = at; i < at + 4; i++) {
		int digit = i < in.n ? hex_digit((unsigned char)in.at[i]) : -1;

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* Takes one escape at in.at[*at] (the backslash) and writes what it means; 0 bytes if it is none.
 */
static size_t unescape(struct text in, size_t *at, char *to)
{
	static const char from[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char c = *at + 1 < in.n ? in.at[*at + 1] : 0;
	const char *found = c ? strchr(from, c) : NULL;
	int32_t unit, low;

	if (found) {
		*at += 2;
		*to = meant[found - from];
		return 1;
	}
	unit = c == 'u' ? code_unit(in, *at + 2) : -1;
	if (unit < 0)
		return 0;
	*at += 6;
	if (unit < 0xd800 || unit > 0xdfff)
		return utf8_put(to, (uint32_t)unit);
	low = unit < 0xdc00 && *at + 1 < in.n && in.at[*at] == '\\' && in.at[*at + 1] == 'u' ?
		      code_unit(in, *at + 2) : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return utf8_put(to, 0xfffd); /* a half of a pair alone */
	*at += 6;
	return utf8_put(to, 0x10000 + ((uint32_t)unit - 0xd800) * 1024 + ((uint32_t)low - 0xdc00));
}

/* Where the string that begins at `at` ends (its quote), and whether it can stay as it stands. */
static bool string_extent(struct json_reader *reader, size_t *end, bool *plain)
{
	size_t i = reader->at;

	*plain = true;
	while (i < reader->in.n) {
		unsigned char c;

		i += json_plain_length(reader->in.at + i, reader->in.n - i);
		if (i == reader->in.n)
			break;
		c = (unsigned char)reader->in.at[i];
		if (c == '"') {
			*end = i;
			return true;
		}
		if (c < 0x20)
			break;
		if (c == '\\') {
			*plain = false;
			i += 2;
		} else if (c < 0x80) {
			i++;
		} else {
			size_t n = utf8_length(reader->in.at + i, reader->in.n - i);

			*plain = *plain && n;
			i += n ? n : 1;
		}
	}
	reader->at = i < reader->in.n ? i : reader->in.n;
	return false;
}

/* Takes an escape, or what is no ASCII, at in.at[*at] and writes what it means; 0 if nothing. */
static size_t odd_take(struct text in, size_t *at, char *to)
{
	size_t length;

	if (in.at[*at] == '\\')
		return unescape(in, at, to);
	length = utf8_length(in.at + *at, in.n - *at);
	if (!length) {
		++*at;
		return utf8_put(to, 0xfffd);
	}
	memcpy(to, in.at + *at, length);
	*at += length;
	return length;
}

/*
 * Copies plain bytes in lanes, with room for one lane more than there is to copy; how many bytes
 * were plain.
 */
static size_t plain_copy(char *to, const char *at, size_t n)
{
	size_t done = 0, plain = sizeof(json_lane);

	while (plain == sizeof(json_lane) && n - done >= sizeof(json_lane)) {
		memcpy(to + done, at + done, sizeof(json_lane));
		plain = json_plain_lane(at + done);
		done += plain;
	}
	if (plain < sizeof(json_lane))
		return done;
	plain = json_plain_length(at + done, n - done);
	memcpy(to + done, at + done, plain);
	return done + plain;
}

/* Copies the string from reader->at to `end` so that everything in it stands for itself. */
static bool string_unescape(struct json_reader *reader, size_t end)
{
	struct text in = {reader->in.at, end};
	/* a bad byte becomes three */
	char *copy = arena_alloc(reader->arena, 3 * (end - reader->at) + sizeof(json_lane));
	size_t i = reader->at, n = 0;

	while (i < end) {
		size_t made = plain_copy(copy + n, in.at + i, end - i);

		i += made;
		n += made;
		if (i == end)
			break;
		if (in.at[i] == '\\' && i + 1 < end && in.at[i + 1] == '\\') {
			copy[n++] = '\\'; /* the commonest by far */
			i += 2;
			continue;
		}
		made = odd_take(in, &i, copy + n);
		if (!made) {
			reader->at = i;
			return wrong(reader, "an escape that JSON does not know"), false;
		}
		n += made;
	}
	copy[n] = 0;
	reader->text = (struct text){copy, n};
	return true;
}

/* Takes a string that ends within a lane and stands for itself, as most do. */
static inline bool string_is_short(struct json_reader *reader)
{
	const char *at = reader->in.at + reader->at;
	size_t n;

	if (reader->in.n - reader->at <= sizeof(json_lane))
		return false;
	n = json_plain_lane(at);
	if (at[n] != '"' || n == sizeof(json_lane))
		return false;
	reader->text = (struct text){at, n};
	reader->at += n + 1;
	return true;
}

/* Reads a string whose opening quote is at reader->at into reader->text. */
static bool string_read(struct json_reader *reader)
{
	size_t end;
	bool plain;

	reader->at++;
	if (string_is_short(reader))
		return true;
	if (!string_extent(reader, &end, &plain))
		return wrong(reader, "a string does not end or holds a control character"), false;
	if (plain)
		reader->text = (struct text){reader->in.at + reader->at, end - reader->at};
	else if (!string_unescape(reader, end))
		return false;
	reader->at = end + 1;
	return true;
}

static size_t digits(struct json_reader *reader)
{
	size_t from = reader->at;

	while (peek(reader) >= '0' && peek(reader) <= '9')
		reader->at++;
	return reader->at - from;
}

static enum json_token number_read(struct json_reader *reader)
{
	size_t from = reader->at;
	bool zero;

	if (peek(reader) == '-')
		reader->at++;
	zero = peek(reader) == '0';
	if (!(zero ? (size_t)(reader->at++, 1) : digits(reader)))
		return wrong(reader, "no value");
	if (peek(reader) == '.') {
		reader->at++;
		if (!digits(reader))
			return wrong(reader, "a number without digits behind its point");
	}
	if (peek(reader) == 'e' || peek(reader) == 'E') {
		reader->at++;
		if (peek(reader) == '+' || peek(reader) == '-')
			reader->at++;
		if (!digits(reader))
			return wrong(reader, "a number without digits in its exponent");
	}
	reader->text = (struct text){reader->in.at + from, reader->at - from};
	value_done(reader);
	return JSON_NUMBER;
}

static enum json_token word_read(struct json_reader *reader, struct text word,
	enum json_token token)
{
	struct text rest = {reader->in.at + reader->at, reader->in.n - reader->at};

	if (!text_starts(rest, word))
		return wrong(reader, "no value");
	reader->text = (struct text){rest.at, word.n};
	reader->at += word.n;
	value_done(reader);
	return token;
}

static enum json_token open_read(struct json_reader *reader, char bracket)
{
	if (reader->depth == JSON_DEPTH_MAX)
		return wrong(reader, "more than 128 levels inside one another");
	reader->open[reader->depth++] = (uint8_t)bracket;
	reader->at++;
	reader->state = bracket == '{' ? WANT_key_or_close : WANT_value_or_close;
	return bracket == '{' ? JSON_OBJECT_OPEN : JSON_ARRAY_OPEN;
}

static enum json_token close_read(struct json_reader *reader)
{
	bool object = reader->open[--reader->depth] == '{';

	reader->at++;
	value_done(reader);
	return object ? JSON_OBJECT_CLOSE : JSON_ARRAY_CLOSE;
}

static enum json_token value_read(struct json_reader *reader)
{
	switch (peek(reader)) {
	case '{': return open_read(reader, '{');
	case '[': return open_read(reader, '[');
	case 't': return word_read(reader, TEXT("true"), JSON_TRUE);
	case 'f': return word_read(reader, TEXT("false"), JSON_FALSE);
	case 'n': return word_read(reader, TEXT("null"), JSON_NULL);
	case '"':
		if (!string_read(reader))
			return JSON_ERROR;
		value_done(reader);
		return JSON_STRING;
	default: return number_read(reader);
	}
}

static enum json_token key_read(struct json_reader *reader)
{
	if (peek(reader) != '"')
		return wrong(reader, "no key in quotes");
	if (!string_read(reader))
		return JSON_ERROR;
	skip_blanks(reader);
	if (peek(reader) != ':')
		return wrong(reader, "no ':' behind a key");
	reader->at++;
	reader->state = WANT_value;
	return JSON_KEY;
}

static bool closes(const struct json_reader *reader)
{
	return reader->depth &&
	       peek(reader) == (reader->open[reader->depth - 1] == '{' ? '}' : ']');
}

enum json_token json_next(struct json_reader *reader)
{
	skip_blanks(reader);
	switch (reader->state) {
	case WANT_value: return value_read(reader);
	case WANT_value_or_close:
		return closes(reader) ? close_read(reader) : value_read(reader);
	case WANT_key: return key_read(reader);
	case WANT_key_or_close: return closes(reader) ? close_read(reader) : key_read(reader);
	case WANT_comma_or_close:
		if (closes(reader))
			return close_read(reader);
		if (peek(reader) != ',')
			return wrong(reader, "no ',' between two values");
		reader->at++;
		skip_blanks(reader);
		return reader->open[reader->depth - 1] == '{' ? key_read(reader)
							      : value_read(reader);
	case WANT_nothing:
		return peek(reader) < 0 ? JSON_END : wrong(reader, "something behind the value");
	default: return JSON_ERROR;
	}
}

bool json_skip(struct json_reader *reader, enum json_token token)
{
	unsigned depth = reader->depth;

	if (token == JSON_ERROR)
		return false;
	if (token != JSON_OBJECT_OPEN && token != JSON_ARRAY_OPEN)
		return true;
	while (reader->depth >= depth)
		if (json_next(reader) == JSON_ERROR)
			return false;
	return true;
}
