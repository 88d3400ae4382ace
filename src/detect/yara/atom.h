/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of a string YARA can search for before it has to compare: the fixed bytes that stand in
 * a row wherever the string fits. YARA takes four of them (an atom). Alternatives count as their
 * shortest; a class of up to four bytes counts as fixed.
 */
#pragma once

#include <stdbool.h>

#include "base/text.h"

enum { ATOM = 4, JUMP_UNBOUNDED = 1 << 30 };

struct measure {
	unsigned longest; /* fixed bytes in a row, at most 255 */
	unsigned fixed, wild; /* of a hexadecimal string: its bytes; half a byte is both */
	unsigned jump; /* its longest, or JUMP_UNBOUNDED */
	bool open; /* begins with a jump or wildcard, or with '.' that may come zero times */
	bool greedy; /* has .* or .+ after that, without '?' */
	bool lost; /* not understood, the rest means nothing */
};

/* A text with its quotes. */
struct measure measure_text(struct text text);

/* A regular expression with its slashes and flags. */
struct measure measure_regex(struct text text);

/* A hexadecimal string with its braces. */
struct measure measure_hex(struct text text);
