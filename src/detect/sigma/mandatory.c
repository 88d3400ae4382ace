// SPDX-License-Identifier: Apache-2.0
// Plain texts that must be in whatever a regular expression fits. Where the syntax leaves what is
// known here, nothing is certain: the answer may miss a text, never name one that need not be
// there.

#include "detect/sigma/mandatory.h"

enum { GROUP_DEPTH_MAX = 16, LENGTH_COUNTED = 8 };

struct scan {
	struct text in;
	size_t at;
	struct arena *arena;
	char *run; /* the plain characters just passed; never kept over a group */
	size_t run_n;
	unsigned depth;
};

static bool is_at_end(const struct scan *scan)
{
	return scan->at >= scan->in.n;
}

static char look(const struct scan *scan, size_t ahead)
{
	return scan->at + ahead < scan->in.n ? scan->in.at[scan->at + ahead] : 0;
}

/* Longer texts are rarer, fewer are looked for faster. */
static size_t worth(const struct mandatory *mandatory)
{
	size_t least = LENGTH_COUNTED;

	for (size_t i = 0; i < mandatory->n; i++)
		if (mandatory->at[i].n < least)
			least = mandatory->at[i].n;
	return mandatory->n ? least * 2 * MANDATORY_MAX - mandatory->n : 0;
}

static void better(struct mandatory *best, const struct mandatory *other)
{
	if (worth(other) > worth(best))
		*best = *other;
}

static void run_end(struct scan *scan, struct mandatory *best)
{
	struct mandatory run = {.at = {{scan->run, scan->run_n}}, .n = 1};

	if (scan->run_n >= MANDATORY_BYTES_MIN && worth(&run) > worth(best)) {
		*best = run;
		best->at[0] = arena_copy(scan->arena, run.at[0]);
	}
	scan->run_n = 0;
}

/* Where brackets and bars are plain text for a while. */
static bool is_quote(const struct scan *scan)
{
	struct text rest = {scan->in.at + scan->at, scan->in.n - scan->at};

	return text_starts(rest, TEXT("\\Q")) || text_starts(rest, TEXT("(?#"));
}

/* Past a class "[...]"; false if it does not end, or holds what is not known here. */
static bool class_skip(struct scan *scan)
{
	scan->at++;
	if (look(scan, 0) == '^')
		scan->at++;
	if (look(scan, 0) == ']')
		scan->at++;
	for (; !is_at_end(scan); scan->at++) {
		if (is_quote(scan) || (look(scan, 0) == '[' && look(scan, 1) == ':'))
			return false;
		if (look(scan, 0) == '\\')
			scan->at++;
		else if (look(scan, 0) == ']') {
			scan->at++;
			return true;
		}
	}
	return false;
}

/* Past a group whose content does not matter; false if it does not end. */
static bool group_skip(struct scan *scan)
{
	unsigned depth = 0;

	while (!is_at_end(scan)) {
		char c = look(scan, 0);

		if (is_quote(scan))
			return false;
		if (c == '[') {
			if (!class_skip(scan))
				return false;
			continue;
		}
		if (c == '\\')
			scan->at++;
		depth += c == '(';
		depth -= c == ')';
		scan->at++;
		if (!depth)
			return true;
	}
	return false;
}

/*
 * What follows an element says how often it stands: `needed` unless it may be missing. False for a
 * brace that is no count, which PCRE takes as plain text.
 */
static bool quantifier_skip(struct scan *scan, bool *needed)
{
	char c = look(scan, 0);

	*needed = true;
	if (!c || !strchr("*+?{", c))
		return true;
	*needed = c == '+';
	if (c == '{') {
		*needed = look(scan, 1) >= '1' && look(scan, 1) <= '9';
		do
			scan->at++;
		while ((look(scan, 0) >= '0' && look(scan, 0) <= '9') || look(scan, 0) == ',');
		if (look(scan, 0) != '}' || scan->in.at[scan->at - 1] == '{')
			return false;
	}
	scan->at++;
	if (look(scan, 0) == '+' || look(scan, 0) == '?')
		scan->at++;
	return true;
}

static bool plain(struct scan *scan, char c, struct mandatory *best)
{
	size_t before = ++scan->at;
	bool needed;

	if (!quantifier_skip(scan, &needed))
		return false;
	if (needed)
		scan->run[scan->run_n++] = c;
	if (!needed || scan->at != before)
		run_end(scan, best);
	return true;
}

static bool escape(struct scan *scan, struct mandatory *best)
{
	char next = look(scan, 1);
	bool is_letter = (next | 32) >= 'a' && (next | 32) <= 'z', needed;

	scan->at++;
	if (next > 0x20 && next < 0x7f && !is_letter && !(next >= '0' && next <= '9'))
		return plain(scan, next, best);
	run_end(scan, best);
	if (!next || !strchr("dDwWsSbBAzZnrtfvhHR", next))
		return false;
	scan->at++;
	return quantifier_skip(scan, &needed);
}

/* "(?i)", "(?s)" and so on for all that follows; not x, under which blanks mean nothing. */
static bool option_skip(struct scan *scan)
{
	size_t i = 2;

	if (look(scan, 1) != '?')
		return false;
	while (look(scan, i) && strchr("ims", look(scan, i)))
		i++;
	if (look(scan, i) != ')')
		return false;
	scan->at += i + 1;
	return true;
}

static bool alternation(struct scan *scan, struct mandatory *all);

/* A group: its own alternatives where it is a plain one, nothing where it only looks around. */
static bool group(struct scan *scan, struct mandatory *best)
{
	bool is_capture = look(scan, 1) != '?' && look(scan, 1) != '*';
	bool is_plain = is_capture || (look(scan, 1) == '?' && look(scan, 2) == ':');
	bool needed;
	struct mandatory inside = {.n = 0};

	run_end(scan, best);
	if (look(scan, 1) == '*' || (look(scan, 1) == '?' && look(scan, 2) &&
	    strchr("imsxnJU-^#", look(scan, 2))))
		return false; /* verbs, other options, comments */
	if (!is_plain || scan->depth == GROUP_DEPTH_MAX) {
		if (!group_skip(scan))
			return false;
		return quantifier_skip(scan, &needed);
	}
	scan->at += is_capture ? 1 : 3;
	scan->depth++;
	if (!alternation(scan, &inside) || look(scan, 0) != ')')
		return false;
	scan->depth--;
	scan->at++;
	if (!quantifier_skip(scan, &needed))
		return false;
	if (needed)
		better(best, &inside);
	return true;
}

/* One element; false if nothing is certain about the expression any more. */
static bool element(struct scan *scan, struct mandatory *best)
{
	char c = look(scan, 0);
	bool needed;

	if (is_quote(scan))
		return false;
	if (c == '\\')
		return escape(scan, best);
	if (c == '(')
		return option_skip(scan) || group(scan, best);
	if (c == '[' || c == '.' || c == '^' || c == '$' || (unsigned char)c >= 0x80) {
		run_end(scan, best);
		if (c != '[')
			scan->at++;
		else if (!class_skip(scan))
			return false;
		return quantifier_skip(scan, &needed);
	}
	return c && plain(scan, c, best);
}

/* Elements one after the other: the best of what each of them needs. */
static bool concatenation(struct scan *scan, struct mandatory *best)
{
	best->n = 0;
	while (!is_at_end(scan) && look(scan, 0) != '|' && look(scan, 0) != ')')
		if (!element(scan, best))
			return false;
	run_end(scan, best);
	return true;
}

/* Alternatives: what the one or the other needs. */
static bool alternation(struct scan *scan, struct mandatory *all)
{
	bool certain = true;

	all->n = 0;
	for (;; scan->at++) {
		struct mandatory branch;

		if (!concatenation(scan, &branch))
			return false;
		certain &= branch.n && all->n + branch.n <= MANDATORY_MAX;
		for (size_t i = 0; certain && i < branch.n; i++)
			all->at[all->n++] = branch.at[i];
		if (look(scan, 0) != '|')
			break;
	}
	if (!certain)
		all->n = 0;
	return true;
}

void mandatory_find(struct text regex, struct arena *arena, struct mandatory *mandatory)
{
	struct scan scan = {
		.in = regex,
		.arena = arena,
		.run = arena_alloc(arena, regex.n + 1),
	};

	if (!alternation(&scan, mandatory) || !is_at_end(&scan))
		mandatory->n = 0;
}
