/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Sigma value with its wildcards: pieces of plain text, '?' (exactly one character) and '*' (any
 * run, none included). `\*` and `\?` are those characters, `\\` is one backslash, `\` before
 * anything else is itself.
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum piece_kind { PIECE_text, PIECE_one, PIECE_any };

struct piece {
	enum piece_kind kind;
	struct text text; /* of PIECE_text, never empty */
};

struct pattern {
	struct piece *at;
	size_t n;
};

/*
 * Reads a value; `before` and `after` put a '*' at that end. No two pieces of the same kind but
 * PIECE_one stand side by side.
 */
struct pattern pattern_read(struct text value, bool before, bool after, struct arena *arena);

/*
 * Whether the pattern fits the whole value, byte by byte but for '?', which takes one UTF-8
 * character.
 */
bool pattern_match(const struct pattern *pattern, struct text value);

/* The longest plain text that must be in whatever fits; no text if there is none. */
struct text pattern_longest(const struct pattern *pattern);

/*
 * The pattern as Sigma text, in which '*' and '?' that are meant as such are escaped: one text per
 * pattern.
 */
struct text pattern_text(const struct pattern *pattern, struct arena *arena);
