/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text: bytes and a length, not ended by NUL, owned by someone else (usually an arena). `at`
 * NULL means that there is no text, which is not the same as an empty one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *at;
	size_t n;
};

/* A text over a string literal. */
#define TEXT(literal) ((struct text){"" literal, sizeof(literal) - 1})

/* A text over a string that ends with NUL; NULL gives no text. */
static inline struct text text_of(const char *string)
{
	return (struct text){string, string ? strlen(string) : 0};
}

static inline bool text_equal(struct text a, struct text b)
{
	return a.n == b.n && (!a.n || !memcmp(a.at, b.at, a.n));
}

static inline bool text_is(struct text a, const char *string)
{
	return text_equal(a, text_of(string));
}

static inline bool text_ends(struct text a, struct text end)
{
	return a.n >= end.n && (!end.n || !memcmp(a.at + a.n - end.n, end.at, end.n));
}

static inline bool text_starts(struct text a, struct text start)
{
	return a.n >= start.n && (!start.n || !memcmp(a.at, start.at, start.n));
}

/* What follows the last '/', the whole text where there is none. */
struct text text_basename(struct text path);

/* A 64-bit hash (FNV-1a), the same in every run and in the BPF programs. */
uint64_t text_hash(struct text a);

/* Reads a decimal number that fills the whole text; false if it is none or does not fit. */
bool text_number(struct text a, int64_t *number);
