/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a YARA source. Comments and blanks are passed over; a regular expression and the
 * bytes of a hex string are asked for by those who know that one must come.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum token_kind {
	TOKEN_end,
	TOKEN_word, /* rule, condition, uint32, pe.entry_point: with its dots */
	TOKEN_string_name, /* $a, $, $a*; #a, @a, !a likewise: see first byte */
	TOKEN_number, /* 0x464c457f, 500KB */
	TOKEN_text, /* with its quotes */
	TOKEN_mark, /* one of ( ) { } [ ] : , = and the operators, up to three bytes */
};

struct token {
	enum token_kind kind;
	struct text text;
	unsigned line, column; /* from 1 */
	int64_t number;
	bool fits; /* the number is one of 64 bits */
};

struct tokens {
	struct text source;
	size_t at, line_at; /* where the line begins */
	unsigned line;
	struct token now;
};

/* Begins with the first word in `now`. */
void tokens_init(struct tokens *tokens, struct text source);
void token_next(struct tokens *tokens);

bool token_is(const struct token *token, const char *word);

/* Passes over the word if it is that one. */
bool token_take(struct tokens *tokens, const char *word);

/*
 * The word at hand is '/' or '{': what stands up to the end of the regular expression, without its
 * flags, or of the hex string; they are passed over.
 */
struct text token_regex(struct tokens *tokens);
struct text token_hex(struct tokens *tokens);
