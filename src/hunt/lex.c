// SPDX-License-Identifier: Apache-2.0
// The words of a question.

#include <strings.h>

#include "base/own.h"
#include "hunt/lex.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_sign(char c)
{
	return c && strchr("()[],|=!<>\"'", c);
}

/* `"..."` with \" \\ \n \t, or `'...'` in which nothing is escaped. */
static void string_take(struct hunt_lexer *lexer)
{
	struct hunt_token *token = &lexer->token;
	char quote = lexer->in.at[lexer->at++];
	char *out = arena_alloc(lexer->arena, lexer->in.n - lexer->at + 1);
	size_t n = 0;

	while (lexer->at < lexer->in.n && lexer->in.at[lexer->at] != quote) {
		char c = lexer->in.at[lexer->at++];

		if (quote == '"' && c == '\\' && lexer->at < lexer->in.n) {
			char next = lexer->in.at[lexer->at];

			/* any other backslash is one, as in the paths of Windows */
			if (next == '"' || next == '\\') {
				c = next;
				lexer->at++;
			}
		}
		out[n++] = c;
	}
	token->kind = TOKEN_string;
	token->text = (struct text){out, n};
	if (lexer->at == lexer->in.n) {
		token->kind = TOKEN_bad;
		token->text = TEXT("this text has no end; close it with the same quote");
		return;
	}
	lexer->at++;
}

static void sign_take(struct hunt_lexer *lexer)
{
	static const char *const signs[] = {
		"==", "!=", "<=", ">=", "(", ")", "[", "]", ",", "|", "=", "<", ">"};
	struct text rest = {lexer->in.at + lexer->at, lexer->in.n - lexer->at};

	for (size_t i = 0; i < array_size(signs); i++) {
		if (!text_starts(rest, text_of(signs[i])))
			continue;
		lexer->token.kind = TOKEN_sign;
		lexer->token.text = (struct text){rest.at, strlen(signs[i])};
		lexer->at += strlen(signs[i]);
		return;
	}
	lexer->at++;
	lexer->token.kind = TOKEN_bad;
	lexer->token.text = TEXT("'!' stands for nothing; write `not`, or != between a field and "
				 "a value");
}

/*
 * Up to a blank or a sign. A ':' behind a name is a sign of its own: inside of a word it stands
 * in times, addresses and ids, which begin with a digit or hold several.
 */
static void word_take(struct hunt_lexer *lexer)
{
	size_t start = lexer->at;
	const char *in = lexer->in.at;

	if (in[start] == ':') {
		lexer->at++;
		lexer->token.kind = TOKEN_sign;
		lexer->token.text = (struct text){in + start, 1};
		return;
	}
	while (lexer->at < lexer->in.n && !is_blank(in[lexer->at]) && !is_sign(in[lexer->at]))
		lexer->at++;
	lexer->token.kind = TOKEN_word;
	lexer->token.text = (struct text){in + start, lexer->at - start};
}

void hunt_next(struct hunt_lexer *lexer)
{
	while (lexer->at < lexer->in.n && is_blank(lexer->in.at[lexer->at]))
		lexer->at++;
	lexer->token = (struct hunt_token){.kind = TOKEN_end, .at = lexer->at};
	if (lexer->at < lexer->in.n) {
		char c = lexer->in.at[lexer->at];

		if (c == '"' || c == '\'')
			string_take(lexer);
		else if (is_sign(c))
			sign_take(lexer);
		else
			word_take(lexer);
	}
	lexer->token.n = lexer->at - lexer->token.at;
}

bool hunt_at(const struct hunt_lexer *lexer, const char *text)
{
	const struct hunt_token *token = &lexer->token;

	return (token->kind == TOKEN_word || token->kind == TOKEN_sign) &&
		token->text.n == strlen(text) &&
		!strncasecmp(token->text.at, text, token->text.n);
}
