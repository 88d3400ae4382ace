// SPDX-License-Identifier: Apache-2.0
// The condition of a YARA rule, read into a tree.

#include "base/own.h"
#include "detect/yara/condition.h"

enum { DEPTH_MAX = 64, STEPS_MAX = 100000 };

struct parser {
	struct tokens *tokens;
	const struct string_names *names;
	const struct condition_notes *notes;
	struct arena *arena;
	unsigned depth, steps;
	bool lost; /* it is not understood */
};

static struct node *or_read(struct parser *p);
static struct term sum_read(struct parser *p, unsigned level);

static struct node *node_new(struct parser *p, enum node_kind kind)
{
	struct node *node = arena_new(p->arena, struct node);

	*node = (struct node){.kind = kind, .place = p->tokens->now};
	return node;
}

static bool is(const struct parser *p, const char *word)
{
	return token_is(&p->tokens->now, word);
}

static void expect(struct parser *p, const char *word)
{
	if (!token_take(p->tokens, word))
		p->lost = true;
}

static bool enter(struct parser *p)
{
	if (p->depth == DEPTH_MAX || ++p->steps > STEPS_MAX)
		p->lost = true;
	else
		p->depth++;
	return !p->lost;
}

/* intN and uintN, and what big-endian variants of them there are. */
static bool reader_find(struct text word, struct term *term)
{
	static const struct {
		const char *name;
		unsigned size;
		bool is_signed, big_endian;
	} readers[] = {
		{"uint8", 1, false, false}, {"uint16", 2, false, false},
		{"uint32", 4, false, false}, {"int8", 1, true, false},
		{"int16", 2, true, false}, {"int32", 4, true, false},
		{"uint8be", 1, false, true}, {"uint16be", 2, false, true},
		{"uint32be", 4, false, true}, {"int8be", 1, true, true},
		{"int16be", 2, true, true}, {"int32be", 4, true, true},
	};

	for (size_t i = 0; i < array_size(readers); i++)
		if (text_is(word, readers[i].name)) {
			*term = (struct term){.kind = TERM_bytes, .size = readers[i].size,
				.is_signed = readers[i].is_signed,
				.big_endian = readers[i].big_endian, .fits = true};
			return true;
		}
	return false;
}

/* hash.*(0, filesize), math.entropy(0, filesize) */
static bool is_costly(struct text word)
{
	return text_starts(word, TEXT("hash.")) || text_starts(word, TEXT("math."));
}

/* What stands in the parentheses of a call, or in the brackets of an index. */
static struct term arguments_read(struct parser *p, const char *end, bool *filesize)
{
	struct term last = {0};

	while (!p->lost && !is(p, end)) {
		if (p->tokens->now.kind == TOKEN_end) {
			p->lost = true;
			break;
		}
		if (p->tokens->now.kind == TOKEN_mark && is(p, "/")) {
			token_regex(p->tokens);
			last = (struct term){0};
		} else {
			last = sum_read(p, 0);
		}
		*filesize |= last.kind == TERM_filesize;
		if (!token_take(p->tokens, ",") && !is(p, end))
			p->lost = true;
	}
	expect(p, end);
	return last;
}

static struct term word_read(struct parser *p)
{
	struct token word = p->tokens->now;
	struct term term = {0}, argument;
	bool filesize = false;

	token_next(p->tokens);
	if (text_is(word.text, "filesize"))
		return (struct term){.kind = TERM_filesize, .fits = true, .text = word.text};
	if (reader_find(word.text, &term) && token_take(p->tokens, "(")) {
		argument = arguments_read(p, ")", &filesize);
		term.number = argument.kind == TERM_number && argument.fits ? argument.number : -1;
		term.text = word.text;
		return term;
	}
	while (!p->lost && (is(p, "(") || is(p, "["))) {
		const char *end = is(p, "(") ? ")" : "]";

		token_next(p->tokens);
		arguments_read(p, end, &filesize);
		if (is(p, ".") || (p->tokens->now.kind == TOKEN_mark && is(p, ".")))
			token_next(p->tokens);
		if (p->tokens->now.kind == TOKEN_word && p->tokens->now.text.at[-1] == '.')
			token_next(p->tokens);
	}
	if (filesize && is_costly(word.text))
		p->notes->whole_file(p->notes->context, &word);
	return (struct term){0};
}

static struct term string_term(struct parser *p)
{
	struct token name = p->tokens->now;

	token_next(p->tokens);
	if (token_take(p->tokens, "[")) { /* @a[1], !a[1] */
		sum_read(p, 0);
		expect(p, "]");
		return (struct term){0};
	}
	if (name.text.at[0] == '#' && is(p, "in")) { /* #a in (0..100) */
		token_next(p->tokens);
		expect(p, "(");
		sum_read(p, 0);
		expect(p, "..");
		sum_read(p, 0);
		expect(p, ")");
		return (struct term){0};
	}
	if (name.text.at[0] == '#')
		return (struct term){.kind = TERM_count, .fits = true, .text = name.text};
	return (struct term){0};
}

static struct term primary_read(struct parser *p)
{
	struct token token = p->tokens->now;
	struct term term = {0};

	if (p->lost || !enter(p))
		return term;
	switch (token.kind) {
	case TOKEN_number:
		token_next(p->tokens);
		term = (struct term){.kind = TERM_number, .number = token.number,
			.fits = token.fits, .text = token.text};
		break;
	case TOKEN_text:
		token_next(p->tokens);
		break;
	case TOKEN_string_name:
		term = string_term(p);
		break;
	case TOKEN_word:
		term = word_read(p);
		break;
	default:
		if (token_take(p->tokens, "-")) {
			term = primary_read(p);
			if (term.kind == TERM_number)
				term.number = -term.number;
			else
				term = (struct term){0};
		} else if (token_take(p->tokens, "~")) {
			primary_read(p);
		} else if (token_take(p->tokens, "(")) {
			term = sum_read(p, 0);
			expect(p, ")");
		} else {
			p->lost = true;
		}
	}
	p->depth--;
	return term;
}

/* Operators by how loosely they bind. */
static const char *const operators[][4] = {
	{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "\\", "%"},
};

static const char *operator_find(const struct parser *p, unsigned level)
{
	for (size_t i = 0; i < 4 && operators[level][i]; i++)
		if (p->tokens->now.kind == TOKEN_mark && is(p, operators[level][i]))
			return operators[level][i];
	return NULL;
}

/* The word behind the one at hand. */
static bool is_followed_by(const struct parser *p, const char *word)
{
	struct tokens ahead = *p->tokens;

	token_next(&ahead);
	return token_is(&ahead.now, word);
}

/* Whether a number is a part of the hundred of a set: "50% of them". */
static bool is_percent(const struct parser *p)
{
	return is(p, "%") && is_followed_by(p, "of");
}

static struct term calculated(const char *operator, struct term a, struct term b)
{
	struct term opaque = {0};
	int64_t result;
	bool fits;

	if (a.kind != TERM_number || b.kind != TERM_number || !a.fits || !b.fits)
		return opaque;
	switch (operator[0]) {
	case '+':
		fits = !__builtin_add_overflow(a.number, b.number, &result);
		break;
	case '-':
		fits = !__builtin_sub_overflow(a.number, b.number, &result);
		break;
	case '*':
		fits = !__builtin_mul_overflow(a.number, b.number, &result);
		break;
	default:
		return opaque;
	}
	a.number = result;
	return fits ? a : opaque;
}

static struct term sum_read(struct parser *p, unsigned level)
{
	const char *operator;
	struct term term;

	if (level == array_size(operators))
		return primary_read(p);
	term = sum_read(p, level + 1);
	while (!p->lost && (operator = operator_find(p, level)) && !is_percent(p)) {
		struct term right;

		token_next(p->tokens);
		right = sum_read(p, level + 1);
		term = calculated(operator, term, right);
	}
	return term;
}

/* How many strings a name or a pattern of a set stands for. */
static int64_t set_member_count(struct parser *p, const struct token *token)
{
	struct text name = token->text;
	int64_t n = 0;

	for (size_t i = 0; i < p->names->n; i++)
		n += name.at[name.n - 1] == '*' ?
			text_starts(p->names->at[i], (struct text){name.at, name.n - 1}) :
			text_equal(p->names->at[i], name);
	if (!n)
		p->notes->empty_set(p->notes->context, token);
	return n;
}

/* them, ($a*, $b), (rule, other): how many; -1 where that is not known. */
static int64_t set_read(struct parser *p)
{
	int64_t n = 0;

	if (token_take(p->tokens, "them"))
		return (int64_t)p->names->n;
	expect(p, "(");
	while (!p->lost) {
		if (p->tokens->now.kind == TOKEN_string_name && n >= 0)
			n += set_member_count(p, &p->tokens->now);
		else if (p->tokens->now.kind == TOKEN_word)
			n = -1;
		else if (p->tokens->now.kind != TOKEN_string_name)
			p->lost = true;
		token_next(p->tokens);
		if (token_take(p->tokens, "*")) /* rule* */
			n = -1;
		if (token_take(p->tokens, ")"))
			return n;
		expect(p, ",");
	}
	return -1;
}

/* at 0, in (0..100): where strings have to be */
static void where_read(struct parser *p)
{
	if (token_take(p->tokens, "at")) {
		sum_read(p, 0);
	} else if (token_take(p->tokens, "in")) {
		expect(p, "(");
		sum_read(p, 0);
		expect(p, "..");
		sum_read(p, 0);
		expect(p, ")");
	}
}

/* "of ..." behind how many. */
static struct node *of_read(struct parser *p, int64_t wanted)
{
	struct node *node = node_new(p, NODE_of);

	expect(p, "of");
	node->wanted = wanted;
	node->has = set_read(p);
	where_read(p);
	return node;
}

static bool is_long(const struct term *term)
{
	return term->kind == TERM_filesize || term->kind == TERM_count;
}

static void body_read(struct parser *p)
{
	expect(p, ":");
	expect(p, "(");
	if (!p->lost)
		or_read(p);
	expect(p, ")");
}

/* What a loop goes over: (0..filesize), (1, 2, 3), pe.sections */
static void iterator_read(struct parser *p, const struct token *place)
{
	struct term from, to;

	if (!token_take(p->tokens, "(")) {
		sum_read(p, 0);
		return;
	}
	from = sum_read(p, 0);
	if (token_take(p->tokens, "..")) {
		to = sum_read(p, 0);
		if (is_long(&to) && !is_long(&from))
			p->notes->loop(p->notes->context, place, to.text);
	}
	while (!p->lost && token_take(p->tokens, ","))
		sum_read(p, 0);
	expect(p, ")");
}

static struct node *for_read(struct parser *p)
{
	struct node *node = node_new(p, NODE_opaque);

	token_next(p->tokens);
	if (is(p, "all") || is(p, "any") || is(p, "none"))
		token_next(p->tokens);
	else
		sum_read(p, 0);
	token_take(p->tokens, "%");
	if (token_take(p->tokens, "of")) {
		set_read(p);
		body_read(p);
		return node;
	}
	while (!p->lost && !is(p, "in")) {
		if (p->tokens->now.kind != TOKEN_word)
			p->lost = true;
		token_next(p->tokens);
		token_take(p->tokens, ",");
	}
	expect(p, "in");
	if (!p->lost)
		iterator_read(p, &node->place);
	body_read(p);
	return node;
}

static bool compare_find(struct parser *p, enum compare *how)
{
	static const char *const words[] = {"==", "!=", "<", "<=", ">", ">="};
	static const enum compare hows[] = {COMPARE_eq, COMPARE_ne, COMPARE_lt, COMPARE_le,
		COMPARE_gt, COMPARE_ge};

	for (size_t i = 0; i < array_size(words); i++)
		if (p->tokens->now.kind == TOKEN_mark && is(p, words[i])) {
			*how = hows[i];
			return true;
		}
	return false;
}

static bool text_operator_take(struct parser *p)
{
	static const char *const words[] = {"contains", "icontains", "startswith", "istartswith",
		"endswith", "iendswith", "iequals", "matches"};

	for (size_t i = 0; i < array_size(words); i++)
		if (token_take(p->tokens, words[i]))
			return true;
	return false;
}

static enum compare turned(enum compare how)
{
	switch (how) {
	case COMPARE_lt:
		return COMPARE_gt;
	case COMPARE_le:
		return COMPARE_ge;
	case COMPARE_gt:
		return COMPARE_lt;
	case COMPARE_ge:
		return COMPARE_le;
	default:
		return how;
	}
}

/* A comparison, with the number on the right; opaque where there is none. */
static struct node *compare_read(struct parser *p, struct node *node, struct term left,
	enum compare how)
{
	struct term right;

	token_next(p->tokens);
	right = sum_read(p, 0);
	if (left.kind == TERM_number && right.kind != TERM_number) {
		struct term other = left;

		left = right;
		right = other;
		how = turned(how);
	}
	if (left.kind <= TERM_number || right.kind != TERM_number)
		return node;
	node->kind = NODE_compare;
	node->how = how;
	node->left = left;
	node->right = right;
	return node;
}

/* An expression that begins with a term: a comparison, a set, or the term itself. */
static struct node *term_first_read(struct parser *p)
{
	struct node *node = node_new(p, NODE_opaque);
	enum compare how;
	struct term left = sum_read(p, 0);

	if (is_percent(p)) {
		token_next(p->tokens);
		return of_read(p, -1);
	}
	if (is(p, "of"))
		return of_read(p, left.kind == TERM_number && left.fits ? left.number : -1);
	if (compare_find(p, &how))
		return compare_read(p, node, left, how);
	if (text_operator_take(p)) {
		if (is(p, "/"))
			token_regex(p->tokens);
		else
			sum_read(p, 0);
	}
	return node;
}

/*
 * A parenthesis may hold a condition or a sum: it is read as a condition, and again as a sum if
 * that is followed by what a condition is not.
 */
static struct node *parenthesis_read(struct parser *p)
{
	struct tokens before = *p->tokens;
	unsigned depth = p->depth;
	struct node *node;
	enum compare how;

	token_next(p->tokens);
	node = or_read(p);
	expect(p, ")");
	if (!p->lost && !compare_find(p, &how) && !is(p, "of")) {
		bool calculates = false;

		for (unsigned level = 0; level < array_size(operators); level++)
			calculates |= operator_find(p, level) != NULL;
		if (!calculates)
			return node;
	}
	*p->tokens = before;
	p->depth = depth;
	p->lost = p->steps > STEPS_MAX;
	return term_first_read(p);
}

static struct node *string_first_read(struct parser *p)
{
	struct node *node = node_new(p, NODE_opaque);

	if (p->tokens->now.text.at[0] != '$')
		return term_first_read(p);
	token_next(p->tokens);
	where_read(p);
	return node;
}

static struct node *quantifier_read(struct parser *p)
{
	bool all = is(p, "all"), none = is(p, "none");
	struct node *node;

	token_next(p->tokens);
	node = of_read(p, all || none ? 0 : 1);
	if (none)
		node->kind = NODE_opaque;
	return node;
}

static struct node *unary_read(struct parser *p)
{
	struct node *node;

	if (p->lost || !enter(p))
		return node_new(p, NODE_opaque);
	if (is(p, "not") || is(p, "defined")) {
		node = node_new(p, is(p, "not") ? NODE_not : NODE_opaque);
		token_next(p->tokens);
		node->first = unary_read(p);
		if (node->kind == NODE_opaque)
			node->first = NULL;
	} else if (is(p, "true") || is(p, "false")) {
		node = node_new(p, is(p, "true") ? NODE_true : NODE_false);
		token_next(p->tokens);
	} else if (is(p, "for")) {
		node = for_read(p);
	} else if (is(p, "all") || is(p, "any") || is(p, "none")) {
		node = quantifier_read(p);
	} else if (p->tokens->now.kind == TOKEN_mark && is(p, "(")) {
		node = parenthesis_read(p);
	} else if (p->tokens->now.kind == TOKEN_string_name) {
		node = string_first_read(p);
	} else {
		node = term_first_read(p);
	}
	p->depth--;
	return node;
}

/* Operands of one word, joined; one alone stays as it is. */
static struct node *joined_read(struct parser *p, const char *word, enum node_kind kind,
	struct node *(*operand)(struct parser *p))
{
	struct node *first = operand(p), *joined, *last;

	if (p->lost || !is(p, word))
		return first;
	joined = node_new(p, kind);
	joined->place = first->place;
	joined->first = last = first;
	while (!p->lost && token_take(p->tokens, word))
		last = last->next = operand(p);
	return joined;
}

static struct node *and_read(struct parser *p)
{
	return joined_read(p, "and", NODE_and, unary_read);
}

static struct node *or_read(struct parser *p)
{
	return joined_read(p, "or", NODE_or, and_read);
}

struct node *yara_condition_read(struct tokens *tokens, const struct string_names *names,
	const struct condition_notes *notes, struct arena *arena)
{
	struct parser p = {tokens, names, notes, arena, 0, 0, false};
	struct node *node = or_read(&p);

	return p.lost || !is(&p, "}") ? NULL : node;
}
