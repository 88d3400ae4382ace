// SPDX-License-Identifier: Apache-2.0
// What is harmful when it is shown, and how it is spelled instead.

#include <stdio.h>

#include "base/printable.h"
#include "base/utf8.h"

enum { SPELLED_MAX = 12 /* \ud83d\ude00 */, ELLIPSIS = 3 };

/*
 * Ranges of code points that are not shown: controls, and what is invisible or turns writing
 * around.
 */
static const struct range {
	uint32_t first, last;
} harmful[] = {
	{ 0x00, 0x1f },
	{ 0x7f, 0x9f },
	{ 0xad, 0xad },
	{ 0x61c, 0x61c },
	{ 0x200b, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2060, 0x206f },
	{ 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },
	{ 0xe0000, 0xe007f },
};

static bool is_harmful(uint32_t code)
{
	for (size_t i = 0; i < sizeof harmful / sizeof harmful[0]; i++)
		if (code >= harmful[i].first && code <= harmful[i].last)
			return true;
	return false;
}

/* Bytes of the character at `at`, its code in `code`; 0 if it is no UTF-8. */
static size_t character(const char *at, size_t n, uint32_t *code)
{
	size_t length = utf8_length(at, n);

	*code = length == 1 ? (unsigned char)at[0] : (unsigned char)at[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++)
		*code = *code << 6 | (at[i] & 0x3f);
	return length;
}

typedef int spelling(char *out, const char *at, size_t length, uint32_t code);

/* Writes how the character is shown; the length written. `length` 0: a byte that is no UTF-8. */
static int spell_text(char *out, const char *at, size_t length, uint32_t code)
{
	switch (length ? code : 0) {
	case '\n': return sprintf(out, "\\n");
	case '\t': return sprintf(out, "\\t");
	case '\r': return sprintf(out, "\\r");
	}
	if (!length || code < 0x80)
		return sprintf(out, "\\x%02x", (unsigned char)at[0]);
	return sprintf(out, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
}

/* Likewise in JSON, whose own escapes have taken care of the other controls. */
static int spell_json(char *out, const char *at, size_t length, uint32_t code)
{
	if (!length)
		return sprintf(out, "\\ufffd");
	if (code < 0x7f)
		return sprintf(out, "%c", at[0]);
	if (code <= 0xffff)
		return sprintf(out, "\\u%04x", code);
	code -= 0x10000;
	return sprintf(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
}

static size_t clean_length(struct text text)
{
	size_t at = 0;

	while (at < text.n) {
		uint32_t code;
		size_t length = character(text.at + at, text.n - at, &code);

		if (!length || is_harmful(code))
			break;
		at += length;
	}
	return at;
}

static struct text spell(struct arena *arena, struct text text, spelling *spelled)
{
	size_t at = clean_length(text), n = at, most;
	char *out;

	if (!text.at)
		return TEXT("");
	if (at == text.n)
		return text;
	if (__builtin_mul_overflow(text.n - at, (size_t)SPELLED_MAX, &most))
		return TEXT("");
	out = arena_alloc(arena, at + most + 1);
	memcpy(out, text.at, at);
	while (at < text.n) {
		const char *bytes = text.at + at;
		uint32_t code;
		size_t length = character(bytes, text.n - at, &code);

		if (!length || is_harmful(code)) {
			n += (size_t)spelled(out + n, bytes, length, code);
		} else {
			memcpy(out + n, bytes, length);
			n += length;
		}
		at += length ? length : 1;
	}
	out[n] = 0;
	return (struct text){ out, n };
}

struct text text_printable(struct arena *arena, struct text text)
{
	return spell(arena, text, spell_text);
}

struct text json_printable(struct arena *arena, struct text json)
{
	return spell(arena, json, spell_json);
}

struct text text_shorten(struct arena *arena, struct text text, size_t max)
{
	size_t n = max - ELLIPSIS;
	char *out;

	if (text.n <= max)
		return text;
	while (n && ((unsigned char)text.at[n] & 0xc0) == 0x80)
		n--;
	out = arena_alloc(arena, n + ELLIPSIS + 1);
	memcpy(out, text.at, n);
	memcpy(out + n, "\xe2\x80\xa6", ELLIPSIS + 1);
	return (struct text){ out, n + ELLIPSIS };
}
