/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts without case, as Sigma compares them: Unicode simple case folding, and for `windash` one
 * spelling of all dashes. Bytes that are no UTF-8 stay as they are.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"

/*
 * Bytes that a folded text of `n` bytes may need: a character of two bytes may fold to one of
 * three.
 */
static inline size_t fold_room(size_t n)
{
	return n + n / 2 + 8;
}

/* Writes the folded text to `out` (fold_room bytes) and returns its length. */
size_t fold(char *out, struct text in);

/* Whether '/', or one of U+2013, U+2014, U+2015, is in the text. */
bool dash_found(struct text in);

/*
 * Writes the text with each of them as '-' to `out` (in.n bytes at most) and returns the length.
 */
size_t dash_fold(char *out, struct text in);

/*
 * The character at the front of a text that is not empty, and how many bytes it has; a bad byte is
 * itself.
 */
uint32_t character_at(const char *at, size_t n, unsigned *bytes);

/* Bytes of the character at `at`, 1 for a bad byte. */
unsigned character_size(const char *at, size_t n);
