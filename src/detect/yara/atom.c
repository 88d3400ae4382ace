// SPDX-License-Identifier: Apache-2.0
// Fixed bytes in a row: in texts, regular expressions, hexadecimal strings.

#include "detect/yara/atom.h"

enum { DEPTH_MAX = 64, RUN_MAX = 255, CLASS_SMALL = 4 };

/* What a piece is sure to begin with, to end with and to hold; all of it, if it is `exact`. */
struct run {
	unsigned prefix, suffix, longest;
	bool exact;
};

struct reader {
	struct text in;
	size_t at;
	unsigned depth;
	struct measure measure;
};

static const struct run run_anything = {0, 0, 0, false};

static unsigned sum(unsigned a, unsigned b)
{
	return a + b < RUN_MAX ? a + b : RUN_MAX;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned most(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static struct run run_of(unsigned n)
{
	return (struct run){n, n, n, true};
}

static struct run run_then(struct run a, struct run b)
{
	return (struct run){
		.prefix = a.exact ? sum(a.prefix, b.prefix) : a.prefix,
		.suffix = b.exact ? sum(a.suffix, b.suffix) : b.suffix,
		.longest = most(most(a.longest, b.longest), sum(a.suffix, b.prefix)),
		.exact = a.exact && b.exact,
	};
}

static struct run run_or(struct run a, struct run b)
{
	return (struct run){least(a.prefix, b.prefix), least(a.suffix, b.suffix),
		least(a.longest, b.longest), a.exact && b.exact};
}

static struct run run_repeated(struct run run, unsigned low, unsigned high)
{
	struct run all = run_of(0);

	if (!low)
		return run_anything;
	for (unsigned i = 0; i < low && i < ATOM; i++)
		all = run_then(all, run);
	all.exact &= low == high;
	return all;
}

static char peek(const struct reader *r)
{
	return r->at < r->in.n ? r->in.at[r->at] : 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned number(struct reader *r, unsigned none)
{
	unsigned number = 0;

	if (!is_digit(peek(r)))
		return none;
	for (; is_digit(peek(r)); r->at++)
		if (number < JUMP_UNBOUNDED / 16)
			number = number * 10 + (unsigned)(peek(r) - '0');
	return number;
}

struct measure measure_text(struct text text)
{
	unsigned n = 0;

	for (size_t i = 1; i + 1 < text.n; i++) {
		if (text.at[i] == '\\')
			i += text.at[i + 1] == 'x' ? 3 : 1;
		n = sum(n, 1);
	}
	return (struct measure){.longest = n};
}

/* {n}, {n,}, {,m}, {n,m}; false and nothing read if it is none of them. */
static bool braces(struct reader *r, unsigned *low, unsigned *high)
{
	size_t start = r->at++;
	bool comma;

	*low = number(r, 0);
	comma = peek(r) == ',';
	r->at += comma;
	*high = comma ? number(r, JUMP_UNBOUNDED) : *low;
	if (peek(r) == '}' && r->at > start + 1) {
		r->at++;
		return true;
	}
	r->at = start;
	return false;
}

/* The quantifier behind a piece, if there is one. */
static bool quantifier(struct reader *r, unsigned *low, unsigned *high)
{
	switch (peek(r)) {
	case '*':
	case '+':
	case '?':
		*low = peek(r) == '+';
		*high = peek(r) == '?' ? 1 : JUMP_UNBOUNDED;
		r->at++;
		return true;
	case '{':
		return braces(r, low, high);
	default:
		return false;
	}
}

static struct run class(struct reader *r)
{
	unsigned n = 0;
	bool broad;

	r->at++;
	broad = peek(r) == '^';
	r->at += broad;
	for (bool first = true; r->at < r->in.n && (first || peek(r) != ']'); first = false) {
		broad |= peek(r) == '-' && !first;
		if (peek(r) == '\\') {
			r->at++;
			broad |= peek(r) && strchr("dDwWsSx", peek(r));
		}
		r->at++;
		n++;
	}
	r->at++;
	return broad || n > CLASS_SMALL ? run_anything : run_of(1);
}

static struct run escape(struct reader *r)
{
	char c;

	r->at++;
	c = peek(r);
	r->at += c == 'x' ? 3 : 1;
	if (c && strchr("dDwWsS", c))
		return run_anything;
	return run_of(c != 'b' && c != 'B');
}

static struct run alternatives(struct reader *r);

/* What stands in parentheses, of a regular expression or of a hexadecimal string. */
static struct run group(struct reader *r, struct run (*inside)(struct reader *r))
{
	struct run run = run_anything;

	r->at++;
	if (r->depth == DEPTH_MAX) {
		r->measure.lost = true;
		r->at = r->in.n;
		return run;
	}
	r->depth++;
	run = inside(r);
	r->depth--;
	r->measure.lost |= peek(r) != ')';
	r->at++;
	return run;
}

static struct run piece(struct reader *r)
{
	switch (peek(r)) {
	case '(':
		return group(r, alternatives);
	case '[':
		return class(r);
	case '\\':
		return escape(r);
	case '.':
		r->at++;
		return run_anything;
	case '^':
	case '$':
		r->at++;
		return run_of(0);
	default:
		r->at++;
		return run_of(1);
	}
}

static struct run sequence(struct reader *r)
{
	struct run all = run_of(0);

	while (r->at < r->in.n && peek(r) != '|' && peek(r) != ')') {
		bool first = !r->at, dot = peek(r) == '.', lazy;
		struct run run = piece(r);
		unsigned low, high;

		if (quantifier(r, &low, &high)) {
			lazy = peek(r) == '?';
			r->at += lazy;
			if (dot && first)
				r->measure.open = true;
			else if (dot && high == JUMP_UNBOUNDED && !lazy)
				r->measure.greedy = true;
			run = run_repeated(run, low, high);
		}
		all = run_then(all, run);
	}
	return all;
}

static struct run alternatives(struct reader *r)
{
	struct run all = sequence(r);

	while (peek(r) == '|') {
		r->at++;
		all = run_or(all, sequence(r));
	}
	return all;
}

struct measure measure_regex(struct text text)
{
	struct reader r = {.in = text};

	while (r.in.n && r.in.at[r.in.n - 1] != '/')
		r.in.n--;
	if (r.in.n < 3)
		return (struct measure){.lost = true};
	r.in = (struct text){r.in.at + 1, r.in.n - 2};
	r.measure.longest = alternatives(&r).longest;
	r.measure.lost |= r.at < r.in.n;
	return r.measure;
}

static void hex_blanks(struct reader *r)
{
	while (r->at < r->in.n) {
		bool line = peek(r) == '/' && r->at + 1 < r->in.n && r->in.at[r->at + 1] == '/';
		bool star = peek(r) == '/' && !line;

		if (line)
			while (r->at < r->in.n && peek(r) != '\n')
				r->at++;
		else if (star)
			for (r->at += 2; r->at < r->in.n &&
				(r->in.at[r->at - 1] != '/' || r->in.at[r->at - 2] != '*');)
				r->at++;
		else if (peek(r) == ' ' || (peek(r) >= '\t' && peek(r) <= '\r'))
			r->at++;
		else
			return;
	}
}

/* [n], [n-m], [n-], [-] */
static struct run jump(struct reader *r)
{
	unsigned high;

	r->at++;
	hex_blanks(r);
	high = number(r, 0);
	hex_blanks(r);
	if (peek(r) == '-') {
		r->at++;
		hex_blanks(r);
		high = number(r, JUMP_UNBOUNDED);
		hex_blanks(r);
	}
	r->measure.lost |= peek(r) != ']';
	r->at++;
	r->measure.jump = most(r->measure.jump, high);
	return run_anything;
}

/* Two digits, one or both of which may be '?'. */
static struct run byte(struct reader *r)
{
	bool not = peek(r) == '~';
	char a, b;

	r->at += not;
	a = peek(r);
	r->at++;
	b = peek(r);
	r->at++;
	if (a != '?' || b != '?')
		r->measure.fixed++;
	if (a == '?' || b == '?' || not)
		r->measure.wild++;
	return not || (a == '?' && b == '?') ? run_anything : run_of(1);
}

static struct run hex_alternatives(struct reader *r);

static struct run hex_sequence(struct reader *r)
{
	struct run all = run_of(0);

	for (hex_blanks(r); r->at < r->in.n && peek(r) != '|' && peek(r) != ')'; hex_blanks(r))
		all = run_then(all, peek(r) == '[' ? jump(r)
				: peek(r) == '('   ? group(r, hex_alternatives)
						   : byte(r));
	return all;
}

static struct run hex_alternatives(struct reader *r)
{
	struct run all = hex_sequence(r);

	while (peek(r) == '|') {
		r->at++;
		all = run_or(all, hex_sequence(r));
	}
	return all;
}

struct measure measure_hex(struct text text)
{
	struct reader r = {.in = text};

	if (text.n < 3)
		return (struct measure){.lost = true};
	r.in = (struct text){text.at + 1, text.n - 2};
	hex_blanks(&r);
	r.measure.open = peek(&r) == '[' ||
		(peek(&r) == '?' && r.at + 1 < r.in.n && r.in.at[r.at + 1] == '?');
	r.measure.longest = hex_alternatives(&r).longest;
	r.measure.lost |= r.at < r.in.n;
	return r.measure;
}
