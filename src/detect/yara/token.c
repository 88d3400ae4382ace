// SPDX-License-Identifier: Apache-2.0
// The words of YARA source text.

#include "detect/yara/token.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

bool yara_is_name_byte(char c)
{
	return is_letter(c) || is_digit(c);
}

/* The byte so far ahead, 0 behind the end. */
static char peek(const struct yara_scanner *s, size_t ahead)
{
	return ahead < s->source.n - s->at ? s->source.at[s->at + ahead] : 0;
}

static bool is_over(const struct yara_scanner *s)
{
	return s->at >= s->source.n;
}

static void step(struct yara_scanner *s)
{
	if (s->source.at[s->at++] == '\n') {
		s->line++;
		s->line_start = s->at;
	}
}

static void names_pass(struct yara_scanner *s)
{
	while (yara_is_name_byte(peek(s, 0)))
		s->at++;
}

static bool comment_pass(struct yara_scanner *s)
{
	if (peek(s, 0) != '/' || (peek(s, 1) != '/' && peek(s, 1) != '*'))
		return false;
	if (peek(s, 1) == '/') {
		while (!is_over(s) && peek(s, 0) != '\n')
			s->at++;
		return true;
	}
	s->at += 2;
	while (!is_over(s) && (peek(s, 0) != '*' || peek(s, 1) != '/'))
		step(s);
	s->at += is_over(s) ? 0 : 2;
	return true;
}

static void blanks_pass(struct yara_scanner *s)
{
	for (;;) {
		char c = peek(s, 0);

		if (is_over(s))
			return;
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			step(s);
		else if (!comment_pass(s))
			return;
	}
}

/* Up to the end mark that no backslash stands before; a line's end ends it too. */
static void quoted_pass(struct yara_scanner *s, char end)
{
	s->at++;
	while (!is_over(s) && peek(s, 0) != end && peek(s, 0) != '\n') {
		bool pair = peek(s, 0) == '\\' && s->at + 1 < s->source.n && peek(s, 1) != '\n';

		s->at += pair ? 2 : 1;
	}
	if (!is_over(s) && peek(s, 0) == end)
		s->at++;
}

static void hex_pass(struct yara_scanner *s)
{
	while (!is_over(s) && peek(s, 0) != '}')
		if (!comment_pass(s))
			step(s);
	s->at += !is_over(s);
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static void digits_pass(struct yara_scanner *s, int base)
{
	struct yara_token *t = &s->token;

	for (; digit_value(peek(s, 0)) < base; s->at++)
		t->fits &= !__builtin_mul_overflow(t->number, base, &t->number) &&
			!__builtin_add_overflow(t->number, digit_value(peek(s, 0)), &t->number);
}

static void number_pass(struct yara_scanner *s)
{
	struct yara_token *t = &s->token;
	bool prefixed = peek(s, 0) == '0' && (peek(s, 1) == 'x' || peek(s, 1) == 'o');
	int base = !prefixed ? 10 : peek(s, 1) == 'x' ? 16 : 8;

	t->kind = YARA_number;
	t->fits = true;
	s->at += prefixed ? 2 : 0;
	digits_pass(s, base);
	if (base != 10)
		return;
	if ((peek(s, 0) == 'K' || peek(s, 0) == 'M') && peek(s, 1) == 'B') {
		t->fits &= !__builtin_mul_overflow(t->number, peek(s, 0) == 'K' ? 1024 : 1048576,
			&t->number);
		s->at += 2;
	} else if (peek(s, 0) == '.' && is_digit(peek(s, 1))) {
		t->kind = YARA_real;
		s->at++;
		while (is_digit(peek(s, 0)))
			s->at++;
	}
}

static void string_name_pass(struct yara_scanner *s)
{
	s->token.kind = YARA_string;
	s->at++;
	names_pass(s);
	s->at += peek(s, 0) == '*';
}

static void sign_pass(struct yara_scanner *s)
{
	static const char pairs[][3] = {"==", "!=", "<=", ">=", "<<", ">>", ".."};
	char c = peek(s, 0);

	s->token.kind = YARA_sign;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (c == pairs[i][0] && peek(s, 1) == pairs[i][1]) {
			s->at += 2;
			return;
		}
	s->at++;
	if (c == '#' || c == '@' || c == '!') {
		s->token.kind = c == '#' ? YARA_count : c == '@' ? YARA_offset : YARA_length;
		names_pass(s);
	}
}

static void token_pass(struct yara_scanner *s, bool after_equals)
{
	char c = peek(s, 0);

	if (is_letter(c)) {
		s->token.kind = YARA_word;
		names_pass(s);
	} else if (is_digit(c)) {
		number_pass(s);
	} else if (c == '$') {
		string_name_pass(s);
	} else if (c == '"') {
		s->token.kind = YARA_text;
		quoted_pass(s, '"');
	} else if (c == '/') {
		s->token.kind = YARA_regex;
		quoted_pass(s, '/');
		while (peek(s, 0) == 'i' || peek(s, 0) == 's')
			s->at++;
	} else if (c == '{' && after_equals) {
		s->token.kind = YARA_hex;
		hex_pass(s);
	} else {
		sign_pass(s);
	}
}

struct yara_scanner yara_scanner_of(struct text source)
{
	return (struct yara_scanner){.source = source, .line = 1};
}

bool yara_next(struct yara_scanner *s)
{
	bool after_equals = yara_at(s, "=");
	size_t start;

	blanks_pass(s);
	start = s->at;
	s->token = (struct yara_token){
		.line = s->line,
		.column = (unsigned)(s->at - s->line_start) + 1,
	};
	if (is_over(s))
		return false;
	token_pass(s, after_equals);
	s->token.text = (struct text){s->source.at + start, s->at - start};
	return true;
}

bool yara_at(const struct yara_scanner *s, const char *text)
{
	return (s->token.kind == YARA_word || s->token.kind == YARA_sign) &&
		text_is(s->token.text, text);
}

bool yara_before(const struct yara_scanner *s, const char *text)
{
	struct yara_scanner ahead = *s;

	yara_next(&ahead);
	return yara_at(&ahead, text);
}
