// SPDX-License-Identifier: Apache-2.0
// Values with wildcards.

#include "detect/sigma/fold.h"
#include "detect/sigma/pattern.h"

struct writer {
	struct piece *pieces;
	char *bytes;
	size_t n, used, start; /* bytes from `start` on are no piece yet */
};

static void text_end(struct writer *w)
{
	if (w->used == w->start)
		return;
	w->pieces[w->n++] = (struct piece){PIECE_text, {w->bytes + w->start, w->used - w->start}};
	w->start = w->used;
}

static void wildcard(struct writer *w, enum piece_kind kind)
{
	text_end(w);
	if (kind == PIECE_any && w->n && w->pieces[w->n - 1].kind == PIECE_any)
		return;
	w->pieces[w->n++] = (struct piece){.kind = kind};
}

struct pattern pattern_read(struct text value, bool before, bool after, struct arena *arena)
{
	struct writer w = {
		.pieces = arena_alloc(arena, (value.n + 3) * sizeof *w.pieces),
		.bytes = arena_alloc(arena, value.n + 1),
	};

	if (before)
		wildcard(&w, PIECE_any);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.at[i], next = i + 1 < value.n ? value.at[i + 1] : 0;

		if (c == '*' || c == '?') {
			wildcard(&w, c == '*' ? PIECE_any : PIECE_one);
			continue;
		}
		if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
			c = next;
			i++;
		}
		w.bytes[w.used++] = c;
	}
	if (after)
		wildcard(&w, PIECE_any);
	text_end(&w);
	return (struct pattern){w.pieces, w.n};
}

/*
 * How many bytes of the value the pieces (none of them PIECE_any) take at `at`; -1 if they do not
 * fit there.
 */
static ptrdiff_t segment_fits(const struct piece *pieces, size_t n, struct text value, size_t at)
{
	size_t start = at;

	for (size_t i = 0; i < n; i++) {
		if (pieces[i].kind == PIECE_one) {
			if (at == value.n)
				return -1;
			at += character_size(value.at + at, value.n - at);
			continue;
		}
		if (value.n - at < pieces[i].text.n)
			return -1;
		if (pieces[i].text.n && memcmp(value.at + at, pieces[i].text.at, pieces[i].text.n))
			return -1;
		at += pieces[i].text.n;
	}
	return (ptrdiff_t)(at - start);
}

static size_t segment_size(const struct piece *pieces, size_t n)
{
	size_t i = 0;

	while (i < n && pieces[i].kind != PIECE_any)
		i++;
	return i;
}

/* The leftmost place from `at` on; the end of it, or -1. */
static ptrdiff_t segment_find(const struct piece *pieces, size_t n, struct text value, size_t at)
{
	if (!n)
		return (ptrdiff_t)at;
	while (at <= value.n) {
		ptrdiff_t size;

		if (pieces[0].kind == PIECE_text) {
			const char *found = memmem(value.at + at, value.n - at, pieces[0].text.at,
				pieces[0].text.n);

			if (!found)
				return -1;
			at = (size_t)(found - value.at);
		}
		size = segment_fits(pieces, n, value, at);
		if (size >= 0)
			return (ptrdiff_t)at + size;
		if (at == value.n)
			return -1;
		at += character_size(value.at + at, value.n - at);
	}
	return -1;
}

/* Bytes of the last character of a text. */
static unsigned last_size(const char *at, size_t n)
{
	for (unsigned size = 4; size > 1; size--)
		if (n >= size && character_size(at + n - size, size) == size)
			return size;
	return 1;
}

/* Whether the pieces, the last of a pattern, fit at the end of the value and not before `at`. */
static bool segment_ends(const struct piece *pieces, size_t n, struct text value, size_t at)
{
	size_t start = value.n;

	for (size_t i = n; i--;) {
		if (pieces[i].kind == PIECE_text) {
			if (start - at < pieces[i].text.n)
				return false;
			start -= pieces[i].text.n;
			if (memcmp(value.at + start, pieces[i].text.at, pieces[i].text.n))
				return false;
			continue;
		}
		if (start == at)
			return false;
		start -= last_size(value.at + at, start - at);
	}
	return true;
}

bool pattern_match(const struct pattern *pattern, struct text value)
{
	const struct piece *pieces = pattern->at;
	size_t left = pattern->n, n = segment_size(pieces, left);
	ptrdiff_t at = segment_fits(pieces, n, value, 0);

	if (at < 0)
		return false;
	if (n == left)
		return (size_t)at == value.n;
	pieces += n + 1;
	left -= n + 1;
	while (left) {
		n = segment_size(pieces, left);
		if (n == left)
			return segment_ends(pieces, n, value, (size_t)at);
		at = segment_find(pieces, n, value, (size_t)at);
		if (at < 0)
			return false;
		pieces += n + 1;
		left -= n + 1;
	}
	return true;
}

struct text pattern_longest(const struct pattern *pattern)
{
	struct text longest = {0};

	for (size_t i = 0; i < pattern->n; i++)
		if (pattern->at[i].kind == PIECE_text && pattern->at[i].text.n > longest.n)
			longest = pattern->at[i].text;
	return longest;
}

struct text pattern_text(const struct pattern *pattern, struct arena *arena)
{
	size_t size = 0, used = 0;
	char *out;

	for (size_t i = 0; i < pattern->n; i++)
		size += pattern->at[i].kind == PIECE_text ? 2 * pattern->at[i].text.n : 1;
	out = arena_alloc(arena, size + 1);
	for (size_t i = 0; i < pattern->n; i++) {
		struct text text = pattern->at[i].text;

		if (pattern->at[i].kind != PIECE_text)
			out[used++] = pattern->at[i].kind == PIECE_any ? '*' : '?';
		for (size_t j = 0; pattern->at[i].kind == PIECE_text && j < text.n; j++) {
			if (strchr("*?\\", text.at[j]) && text.at[j])
				out[used++] = '\\';
			out[used++] = text.at[j];
		}
	}
	return (struct text){out, used};
}
