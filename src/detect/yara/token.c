// SPDX-License-Identifier: Apache-2.0
// The words of a YARA source.

#include <string.h>

#include "detect/yara/token.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The byte so far ahead, 0 at the end. */
static char ahead(const struct tokens *tokens, size_t n)
{
	return tokens->at + n < tokens->source.n ? tokens->source.at[tokens->at + n] : 0;
}

static void step(struct tokens *tokens)
{
	if (tokens->source.at[tokens->at++] == '\n') {
		tokens->line++;
		tokens->line_at = tokens->at;
	}
}

static void line_pass(struct tokens *tokens)
{
	while (tokens->at < tokens->source.n && ahead(tokens, 0) != '\n')
		tokens->at++;
}

static void comment_pass(struct tokens *tokens)
{
	tokens->at += 2;
	while (tokens->at < tokens->source.n &&
	       !(ahead(tokens, 0) == '*' && ahead(tokens, 1) == '/'))
		step(tokens);
	tokens->at = tokens->at + 2 < tokens->source.n ? tokens->at + 2 : tokens->source.n;
}

static void blanks_pass(struct tokens *tokens)
{
	while (tokens->at < tokens->source.n) {
		char c = ahead(tokens, 0);

		if (c == '/' && ahead(tokens, 1) == '/')
			line_pass(tokens);
		else if (c == '/' && ahead(tokens, 1) == '*')
			comment_pass(tokens);
		else if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			step(tokens);
		else
			return;
	}
}

static void text_pass(struct tokens *tokens)
{
	tokens->at++;
	while (tokens->at < tokens->source.n && ahead(tokens, 0) != '"' &&
	       ahead(tokens, 0) != '\n') {
		bool escape = ahead(tokens, 0) == '\\' && tokens->at + 1 < tokens->source.n;

		tokens->at += escape ? 2 : 1;
	}
	if (tokens->at < tokens->source.n && ahead(tokens, 0) == '"')
		tokens->at++;
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Decimal, hexadecimal or octal, with KB or MB; `fits` is false beyond 63 bits. */
static void number_pass(struct tokens *tokens)
{
	struct token *token = &tokens->now;
	uint64_t value = 0;
	int base = 10, digit;

	if (ahead(tokens, 0) == '0' && (ahead(tokens, 1) == 'x' || ahead(tokens, 1) == 'o')) {
		base = ahead(tokens, 1) == 'x' ? 16 : 8;
		tokens->at += 2;
	}
	token->fits = true;
	while ((digit = digit_value(ahead(tokens, 0))) < base) {
		token->fits &= value <= (INT64_MAX - (uint64_t)digit) / (uint64_t)base;
		value = value * (uint64_t)base + (uint64_t)digit;
		tokens->at++;
	}
	if ((ahead(tokens, 0) == 'K' || ahead(tokens, 0) == 'M') && ahead(tokens, 1) == 'B') {
		unsigned shift = ahead(tokens, 0) == 'K' ? 10 : 20;

		token->fits &= value <= (uint64_t)INT64_MAX >> shift;
		value <<= shift;
		tokens->at += 2;
	}
	if (ahead(tokens, 0) == '.' && is_digit(ahead(tokens, 1))) { /* a fraction: not for us */
		token->fits = false;
		tokens->at++;
		while (is_digit(ahead(tokens, 0)))
			tokens->at++;
	}
	token->number = (int64_t)value;
}

static void word_pass(struct tokens *tokens)
{
	while (is_letter(ahead(tokens, 0)) || is_digit(ahead(tokens, 0)) ||
	       (ahead(tokens, 0) == '.' && is_letter(ahead(tokens, 1))))
		tokens->at++;
}

/* $a, #a, @a, !a, $a*, or the mark alone. */
static void name_pass(struct tokens *tokens)
{
	tokens->at++;
	while (is_letter(ahead(tokens, 0)) || is_digit(ahead(tokens, 0)))
		tokens->at++;
	if (tokens->source.at[tokens->at - 1] != '*' && ahead(tokens, 0) == '*')
		tokens->at++;
}

static void mark_pass(struct tokens *tokens)
{
	static const char *const marks[] = {"..", "==", "!=", "<=", ">=", "<<", ">>"};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (ahead(tokens, 0) == marks[i][0] && ahead(tokens, 1) == marks[i][1]) {
			tokens->at += 2;
			return;
		}
	tokens->at++;
}

void token_next(struct tokens *tokens)
{
	struct token *token = &tokens->now;
	size_t start;
	char c;

	blanks_pass(tokens);
	start = tokens->at;
	*token = (struct token){
		.line = tokens->line,
		.column = (unsigned)(start - tokens->line_at) + 1,
	};
	c = ahead(tokens, 0);
	if (start == tokens->source.n) {
		token->kind = TOKEN_end;
		return;
	}
	if (is_letter(c)) {
		token->kind = TOKEN_word;
		word_pass(tokens);
	} else if (is_digit(c)) {
		token->kind = TOKEN_number;
		number_pass(tokens);
	} else if (c == '"') {
		token->kind = TOKEN_text;
		text_pass(tokens);
	} else if (c == '$' || c == '#' || c == '@' || (c == '!' && ahead(tokens, 1) != '=')) {
		token->kind = TOKEN_string_name;
		name_pass(tokens);
	} else {
		token->kind = TOKEN_mark;
		mark_pass(tokens);
	}
	token->text = (struct text){tokens->source.at + start, tokens->at - start};
}

void tokens_init(struct tokens *tokens, struct text source)
{
	*tokens = (struct tokens){.source = source, .line = 1};
	token_next(tokens);
}

bool token_is(const struct token *token, const char *word)
{
	return token->kind != TOKEN_text && text_is(token->text, word);
}

bool token_take(struct tokens *tokens, const char *word)
{
	if (!token_is(&tokens->now, word))
		return false;
	token_next(tokens);
	return true;
}

struct text token_regex(struct tokens *tokens)
{
	size_t start = tokens->at;
	struct text regex;
	bool in_class = false;

	while (tokens->at < tokens->source.n && ahead(tokens, 0) != '\n' &&
	       (in_class || ahead(tokens, 0) != '/')) {
		if (ahead(tokens, 0) == '\\' && tokens->at + 1 < tokens->source.n)
			tokens->at++;
		else if (ahead(tokens, 0) == '[')
			in_class = true;
		else if (ahead(tokens, 0) == ']')
			in_class = false;
		tokens->at++;
	}
	regex = (struct text){tokens->source.at + start, tokens->at - start};
	if (tokens->at < tokens->source.n)
		tokens->at++;
	while (ahead(tokens, 0) == 'i' || ahead(tokens, 0) == 's')
		tokens->at++;
	token_next(tokens);
	return regex;
}

struct text token_hex(struct tokens *tokens)
{
	size_t start = tokens->at;
	struct text hex;

	while (tokens->at < tokens->source.n && ahead(tokens, 0) != '}')
		step(tokens);
	hex = (struct text){tokens->source.at + start, tokens->at - start};
	if (tokens->at < tokens->source.n)
		tokens->at++;
	token_next(tokens);
	return hex;
}
