/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a question, one after the other. */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum hunt_token_kind {
	TOKEN_end,
	TOKEN_word, /* a name, a number, an address, a path: all that needs no quotes */
	TOKEN_string, /* in quotes, which are gone */
	TOKEN_sign, /* ( ) [ ] , | : = == != < <= > >= */
	TOKEN_bad, /* `text` is the sentence */
};

struct hunt_token {
	enum hunt_token_kind kind;
	size_t at, n; /* in the question */
	struct text text;
};

struct hunt_lexer {
	struct text in;
	size_t at;
	struct arena *arena; /* for strings with escapes */
	struct hunt_token token; /* at hand */
};

/* Goes on to the next token, which is at hand then. */
void hunt_next(struct hunt_lexer *lexer);

/* The sign or word at hand, word without case. */
bool hunt_at(const struct hunt_lexer *lexer, const char *text);
