// SPDX-License-Identifier: Apache-2.0
// Patterns of STIX. Two grammars of the same shape, one inside of the other: observations in
// brackets joined by OR, AND, FOLLOWEDBY, and comparisons in them joined by OR, AND.

#include <strings.h>

#include "base/own.h"
#include "base/printable.h"
#include "intel/indicator/stix_pattern.h"

enum { DEPTH_MAX = 16, WORD_MAX = 24 };

static const struct {
	const char *path;
	enum indicator_type type;
} properties[] = {
#define PROPERTY(path, type) {path, INDICATOR_##type},
#include "intel/indicator/property.def"
#undef PROPERTY
};

enum token {
	TOKEN_end,
	TOKEN_bad,
	TOKEN_word, /* a name or a number, with what belongs to an object path */
	TOKEN_string,
	TOKEN_sign, /* one of "[]()," or an operator */
};

struct parser {
	struct text in; /* that is left, behind the token at hand */
	struct text whole;
	enum token token;
	struct text text; /* of the token: a string without its quotes */
	size_t at; /* where the token begins */
	struct stix_pattern *pattern;
	struct error *err;
	unsigned depth;
};

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
		c == '-' || c == ':' || c == '.' || c == '*' || c == '+';
}

static bool is_quote(char c)
{
	return c == '\'' || c == '"';
}

/* Bytes of the quoted text at the beginning with its quotes, 0 if it is not closed. */
static size_t quoted_length(struct text in)
{
	for (size_t i = 1; i < in.n; i++) {
		if (in.at[i] == '\\')
			i++;
		else if (in.at[i] == in.at[0])
			return i + 1;
	}
	return 0;
}

/*
 * A name goes on over "'SHA-256'" and "[0]" inside of a path: file:hashes.'SHA-256'. Whether a
 * quote is part of it is told by the dot before.
 */
static size_t word_length(struct text in)
{
	size_t n = 0;

	while (n < in.n) {
		if (is_word(in.at[n])) {
			n++;
		} else if (n && is_quote(in.at[n]) && in.at[n - 1] == '.') {
			size_t quoted = quoted_length((struct text){in.at + n, in.n - n});

			if (!quoted)
				return n;
			n += quoted;
		} else if (n && in.at[n] == '[' && n + 1 < in.n &&
			(in.at[n + 1] == '*' || (in.at[n + 1] >= '0' && in.at[n + 1] <= '9'))) {
			const char *end = memchr(in.at + n, ']', in.n - n);

			if (!end)
				return n;
			n = (size_t)(end + 1 - in.at);
		} else {
			break;
		}
	}
	return n;
}

static void take(struct parser *p, enum token token, size_t n)
{
	p->token = token;
	p->text = (struct text){p->in.at, n};
	p->at = p->whole.n - p->in.n;
	p->in = (struct text){p->in.at + n, p->in.n - n};
}

/* Goes to the next token. */
static void next(struct parser *p)
{
	size_t n;

	while (p->in.n && (unsigned char)p->in.at[0] <= ' ')
		p->in = (struct text){p->in.at + 1, p->in.n - 1};
	if (!p->in.n) {
		take(p, TOKEN_end, 0);
	} else if (is_quote(p->in.at[0])) {
		n = quoted_length(p->in);
		take(p, n ? TOKEN_string : TOKEN_bad, n ? n : 1);
		if (n)
			p->text = (struct text){p->text.at + 1, n - 2};
	} else if (p->in.n > 1 && p->in.at[1] == '\'' && strchr("tbh", p->in.at[0])) {
		/* a time, or bytes in base64 or hexadecimal digits */
		n = quoted_length((struct text){p->in.at + 1, p->in.n - 1});
		take(p, n ? TOKEN_string : TOKEN_bad, n ? n + 1 : 1);
		if (n)
			p->text = (struct text){p->text.at + 2, n - 2};
	} else if (is_word(p->in.at[0])) {
		take(p, TOKEN_word, word_length(p->in));
	} else {
		n = p->in.n > 1 && strchr("!<>=", p->in.at[0]) &&
				(p->in.at[1] == '=' || p->in.at[1] == '>')
			? 2
			: 1;
		take(p, strchr("[](),=!<>", p->in.at[0]) ? TOKEN_sign : TOKEN_bad, n);
	}
}

static bool is_sign(const struct parser *p, const char *sign)
{
	return p->token == TOKEN_sign && text_is(p->text, sign);
}

static bool is_keyword(const struct parser *p, const char *word)
{
	return p->token == TOKEN_word && p->text.n == strlen(word) &&
		!strncasecmp(p->text.at, word, p->text.n);
}

static int broken(struct parser *p, const char *wanted)
{
	if (p->token == TOKEN_end)
		return fail(p->err, "the pattern ends where %s should stand", wanted);
	return fail(p->err, "the pattern has no %s at character %zu", wanted, p->at + 1);
}

static int expect(struct parser *p, const char *sign)
{
	char wanted[WORD_MAX];

	if (is_sign(p, sign)) {
		next(p);
		return 0;
	}
	snprintf(wanted, sizeof wanted, "'%s'", sign);
	return broken(p, wanted);
}

/* How far a pattern was read. */
struct mark {
	size_t values, left_out;
};

static struct mark mark_of(const struct parser *p)
{
	return (struct mark){p->pattern->n, p->pattern->left_out_count};
}

/* What stands from `mark` on is one part that is left out: its values do not stand alone. */
static int leave_out(struct parser *p, struct mark mark, struct text what)
{
	struct stix_pattern *pattern = p->pattern;

	if (mark.left_out == STIX_VALUES_MAX)
		return fail(p->err, "the pattern has more than %d parts", STIX_VALUES_MAX);
	pattern->n = mark.values;
	pattern->left_out[mark.left_out] = what;
	pattern->left_out_count = mark.left_out + 1;
	return 0;
}

static enum indicator_type property_type(struct text path)
{
	for (size_t i = 0; i < array_size(properties); i++) {
		const char *wanted = properties[i].path;
		size_t n = 0;

		for (; n < path.n && *wanted; n++)
			if (!is_quote(path.at[n]) && (path.at[n] | 32) != (*wanted++ | 32))
				break;
		while (n < path.n && is_quote(path.at[n]))
			n++;
		if (n == path.n && !*wanted)
			return properties[i].type;
	}
	return INDICATOR_TYPES;
}

/* Without the backslashes before quotes and backslashes. */
static struct text unescape(struct arena *arena, struct text text)
{
	size_t n = 0;
	char *plain;

	if (!memchr(text.at, '\\', text.n))
		return text;
	plain = arena_alloc(arena, text.n);
	for (size_t i = 0; i < text.n; i++) {
		if (text.at[i] == '\\' && i + 1 < text.n)
			i++;
		plain[n++] = text.at[i];
	}
	return (struct text){plain, n};
}

/* A constant; pushed if the comparison can stand alone. */
static int constant_read(struct parser *p, enum indicator_type type, bool wanted)
{
	struct stix_pattern *pattern = p->pattern;

	if (p->token != TOKEN_string && p->token != TOKEN_word)
		return broken(p, "value");
	if (wanted && pattern->n == STIX_VALUES_MAX)
		return fail(p->err, "the pattern has more than %d values", STIX_VALUES_MAX);
	if (wanted)
		pattern->values[pattern->n++] =
			(struct stix_value){type, unescape(pattern->arena, p->text)};
	next(p);
	return 0;
}

static int set_read(struct parser *p, enum indicator_type type, bool wanted)
{
	if (expect(p, "("))
		return -1;
	for (;;) {
		if (constant_read(p, type, wanted))
			return -1;
		if (!is_sign(p, ","))
			return expect(p, ")");
		next(p);
	}
}

static bool is_address(enum indicator_type type)
{
	return type == INDICATOR_ipv4 || type == INDICATOR_ipv6;
}

static bool is_equal(const struct parser *p)
{
	return is_sign(p, "=") || is_sign(p, "==");
}

/* path [NOT] operator constant */
static int comparison_read(struct parser *p)
{
	struct text path = p->text, operator_;
	enum indicator_type type = property_type(path);
	struct mark mark = mark_of(p);
	bool wanted, negated = false, set;

	if (p->token != TOKEN_word)
		return broken(p, "object path");
	next(p);
	if (is_keyword(p, "NOT")) {
		negated = true;
		next(p);
	}
	if (p->token != TOKEN_word && p->token != TOKEN_sign)
		return broken(p, "operator");
	operator_ = p->text;
	set = is_keyword(p, "IN");
	wanted = is_equal(p) || set || (is_keyword(p, "ISSUBSET") && is_address(type));
	next(p);
	wanted = wanted && !negated && type < INDICATOR_TYPES;
	if (set ? set_read(p, type, wanted) : constant_read(p, type, wanted))
		return -1;
	if (wanted)
		return 0;
	return leave_out(p, mark, type == INDICATOR_TYPES ? path
			: negated			  ? TEXT("NOT")
							  : operator_);
}

static int either_read(struct parser *p, int (*one)(struct parser *p), bool observations);

/* One comparison, or several in parentheses. */
static int comparison_one(struct parser *p)
{
	bool negated = is_keyword(p, "NOT");
	struct mark mark = mark_of(p);

	if (negated)
		next(p);
	if (is_keyword(p, "EXISTS")) {
		next(p);
		if (p->token != TOKEN_word)
			return broken(p, "object path");
		next(p);
		return leave_out(p, mark, TEXT("EXISTS"));
	}
	if (!is_sign(p, "("))
		return negated ? broken(p, "'('") : comparison_read(p);
	next(p);
	if (either_read(p, comparison_one, false) || expect(p, ")"))
		return -1;
	return negated ? leave_out(p, mark, TEXT("NOT")) : 0;
}

static const struct {
	const char *word;
	int tokens; /* behind it */
} qualifiers[] = {{"WITHIN", 2}, {"REPEATS", 2}, {"START", 3}};

static size_t qualifier_of(const struct parser *p)
{
	size_t i = 0;

	while (i < array_size(qualifiers) && !is_keyword(p, qualifiers[i].word))
		i++;
	return i;
}

/* WITHIN 5 SECONDS, REPEATS 3 TIMES, START t'...' STOP t'...' */
static int qualifiers_read(struct parser *p, struct mark mark)
{
	size_t i;

	while ((i = qualifier_of(p)) < array_size(qualifiers)) {
		if (leave_out(p, mark, text_of(qualifiers[i].word)))
			return -1;
		for (int j = 0; j <= qualifiers[i].tokens; j++) {
			if (p->token == TOKEN_end || p->token == TOKEN_bad)
				return broken(p, "qualifier");
			next(p);
		}
	}
	return 0;
}

/* An observation in brackets, or several in parentheses, with what qualifies it. */
static int observation_one(struct parser *p)
{
	struct mark mark = mark_of(p);
	bool single = is_sign(p, "[");

	if (!single && !is_sign(p, "("))
		return broken(p, "'['");
	next(p);
	if (single ? either_read(p, comparison_one, false)
		   : either_read(p, observation_one, true))
		return -1;
	if (expect(p, single ? "]" : ")"))
		return -1;
	return qualifiers_read(p, mark);
}

/* What joins two parts closer than OR does; no text if nothing does. */
static struct text closer(const struct parser *p, bool observations)
{
	if (is_keyword(p, "AND"))
		return TEXT("AND");
	if (observations && is_keyword(p, "FOLLOWEDBY"))
		return TEXT("FOLLOWEDBY");
	return (struct text){0};
}

/*
 * Parts joined by OR, each one or several that are joined closer. FOLLOWEDBY binds weaker than OR,
 * not closer; since nothing of what it joins stands alone, all parts beside it are left out.
 */
static int either_read(struct parser *p, int (*one)(struct parser *p), bool observations)
{
	struct mark all = mark_of(p);
	bool followed = false;

	if (++p->depth > DEPTH_MAX)
		return fail(p->err, "the pattern is nested deeper than %d", DEPTH_MAX);
	for (;;) {
		struct mark mark = mark_of(p);
		struct text joined = {0}, by;

		if (one(p))
			return -1;
		while ((by = closer(p, observations)).n) {
			joined = by;
			followed |= text_is(by, "FOLLOWEDBY");
			next(p);
			if (one(p))
				return -1;
		}
		if (joined.n && leave_out(p, mark, joined))
			return -1;
		if (!is_keyword(p, "OR"))
			break;
		next(p);
	}
	p->depth--;
	return followed ? leave_out(p, all, TEXT("FOLLOWEDBY")) : 0;
}

int stix_pattern_read(struct stix_pattern *pattern, struct text text, struct error *err)
{
	struct text whole = text.at ? text : TEXT("");
	struct parser parser = {.in = whole, .whole = whole, .pattern = pattern, .err = err};
	int result;

	pattern->n = pattern->left_out_count = 0;
	next(&parser);
	result = either_read(&parser, observation_one, true);
	if (!result && parser.token != TOKEN_end)
		result = broken(&parser, "end");
	if (result)
		pattern->n = pattern->left_out_count = 0;
	return result;
}
