// SPDX-License-Identifier: Apache-2.0
// Conditions: or, and, not, `1 of`, `all of`, parentheses over search identifiers.

#include <ctype.h>

#include "detect/sigma/detection.h"

enum { DEPTH_MAX = 64, CONDITION_MAX = 65536 };

enum word { WORD_end, WORD_name, WORD_open, WORD_close, WORD_and, WORD_or, WORD_not, WORD_bar };

struct parser {
	struct reader *reader;
	const struct yaml *node;
	struct selection *selections;
	size_t n, at;
	enum word word;
	struct text text; /* of the word at hand */
	unsigned depth;
	bool capitals; /* operators in upper case were seen */
};

/* The condition with its column moved to the word at hand, where it stands on one line. */
static struct yaml place(const struct parser *p)
{
	struct yaml node = *p->node;

	if (!memchr(node.text.at, '\n', node.text.n) && p->text.at)
		node.column += (unsigned)(p->text.at - node.text.at) + node.quoted;
	return node;
}

#define wrong(parser, ...)                                                                        \
	({                                                                                        \
		struct yaml node_ = place(parser);                                                \
		mistake(&(parser)->reader->document, &node_, __VA_ARGS__);                        \
		(struct expression *)NULL;                                                        \
	})

static bool word_is(struct parser *p, const char *operator)
{
	struct text text = p->text;

	if (text_is(text, operator))
		return true;
	if (text.n != strlen(operator))
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (text.at[i] != toupper((unsigned char)operator[i]))
			return false;
	p->capitals = true;
	return true;
}

static bool is_word_byte(char c)
{
	return c && !strchr(" \t\r\n()|", c);
}

static void next(struct parser *p)
{
	struct text in = p->node->text;
	size_t start;

	while (p->at < in.n && in.at[p->at] && strchr(" \t\r\n", in.at[p->at]))
		p->at++;
	start = p->at;
	p->text = (struct text){in.at + start, 0};
	p->word = WORD_end;
	if (start == in.n)
		return;
	p->at++;
	if (in.at[start] == '(' || in.at[start] == ')' || in.at[start] == '|') {
		p->word = in.at[start] == '('	? WORD_open
			  : in.at[start] == ')' ? WORD_close
						: WORD_bar;
		p->text.n = 1;
		return;
	}
	while (p->at < in.n && is_word_byte(in.at[p->at]))
		p->at++;
	p->text.n = p->at - start;
	p->word = word_is(p, "and") ? WORD_and : word_is(p, "or") ? WORD_or :
		word_is(p, "not") ? WORD_not : WORD_name;
}

/* What stands behind a '|' was a count or a sequence in Sigma 1. */
static struct expression *sigma_1(struct parser *p)
{
	next(p);
	if (text_starts(p->text, TEXT("near")))
		return wrong(p, "'| near' is Sigma 1; write a correlation rule (type: temporal)");
	return wrong(p, "'| %.*s' is Sigma 1; write a correlation rule (type: event_count, "
		"value_count ...)", SHORT(p->text));
}

static struct expression *selection_use(struct parser *p, struct selection *selection)
{
	selection->used = true;
	return expression_again(selection->expression, p->reader->document.arena);
}

static struct expression *name_unknown(struct parser *p)
{
	struct text names[64];
	size_t n = p->n < 64 ? p->n : 64;
	int nearest;

	for (size_t i = 0; i < n; i++)
		names[i] = p->selections[i].key->text;
	nearest = word_nearest(p->text, names, n);
	if (nearest >= 0)
		return wrong(p, "there is no search identifier '%.*s'; write '%.*s'",
			SHORT(p->text),
			SHORT(names[nearest]));
	return wrong(p, "there is no search identifier '%.*s' in this detection", SHORT(p->text));
}

/* '*' anywhere in the name. */
static bool name_fits(struct text pattern, struct text name)
{
	size_t i = 0, j = 0, star = SIZE_MAX, back = 0;

	while (j < name.n) {
		if (i < pattern.n && pattern.at[i] == '*') {
			star = i++;
			back = j;
		} else if (i < pattern.n && pattern.at[i] == name.at[j]) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			j = ++back;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.at[i] == '*')
		i++;
	return i == pattern.n;
}

static struct expression *none_fits(struct parser *p, bool them)
{
	if (them)
		return wrong(p, "'them' leaves out names that begin with '_', and there are no "
			"others");
	if (memchr(p->text.at, '*', p->text.n))
		return wrong(p, "no search identifier fits '%.*s'", SHORT(p->text));
	return name_unknown(p);
}

/* `1 of them`, `all of sel*`; the word at hand is what follows "of". */
static struct expression *several(struct parser *p, bool all)
{
	struct expression *of = expression_new(all ? EXPRESSION_and : EXPRESSION_or,
		p->reader->document.arena);
	bool them = p->word == WORD_name && text_is(p->text, "them");

	if (p->word != WORD_name)
		return wrong(p, "'of' must be followed by 'them' or a name such as selection_*");
	for (size_t i = 0; i < p->n; i++) {
		struct text name = p->selections[i].key->text;

		if (them ? !text_starts(name, TEXT("_")) : name_fits(p->text, name))
			expression_add(of, selection_use(p, p->selections + i));
	}
	if (!of->first)
		return none_fits(p, them);
	next(p);
	return of;
}

static bool is_of(const struct parser *p)
{
	struct text in = p->node->text;
	size_t i = p->at;

	while (i < in.n && in.at[i] && strchr(" \t\r\n", in.at[i]))
		i++;
	return in.n - i > 2 && (in.at[i] | 32) == 'o' && (in.at[i + 1] | 32) == 'f' &&
		!is_word_byte(in.at[i + 2]);
}

static bool is_number(struct text text)
{
	int64_t number;

	return text_number(text, &number);
}

static struct expression *name(struct parser *p)
{
	bool all = word_is(p, "all"), one = word_is(p, "any") || text_is(p->text, "1");

	if (is_of(p)) {
		if (!all && !one && is_number(p->text))
			return wrong(p, "'%.*s of' does not exist; write '1 of' or 'all of'",
				SHORT(p->text));
		if (all || one) {
			next(p);
			next(p);
			return several(p, all);
		}
	}
	for (size_t i = 0; i < p->n; i++)
		if (text_equal(p->selections[i].key->text, p->text)) {
			next(p);
			return selection_use(p, p->selections + i);
		}
	return name_unknown(p);
}

static struct expression *alternatives(struct parser *p);

static struct expression *parenthesis(struct parser *p)
{
	struct expression *inside;

	if (++p->depth > DEPTH_MAX)
		return wrong(p, "the condition is nested more than 64 deep");
	next(p);
	inside = alternatives(p);
	if (!inside)
		return NULL;
	if (p->word == WORD_bar)
		return sigma_1(p);
	if (p->word != WORD_close)
		return wrong(p, "a ')' is missing before '%.*s'", SHORT(p->text));
	next(p);
	p->depth--;
	return inside;
}

static struct expression *operand(struct parser *p)
{
	struct expression *expression;
	bool negated = false;

	for (; p->word == WORD_not; next(p))
		negated = !negated;
	switch (p->word) {
	case WORD_open:
		expression = parenthesis(p);
		break;
	case WORD_name:
		expression = name(p);
		break;
	case WORD_bar:
		return sigma_1(p);
	case WORD_end:
		return wrong(p, "the condition ends where a search identifier must follow");
	default:
		return wrong(p, "a search identifier must stand where '%.*s' is", SHORT(p->text));
	}
	if (expression && negated)
		return expression_not(expression, p->reader->document.arena);
	return expression;
}

/* Operands joined by one operator, each read by `below`. */
static struct expression *chain(struct parser *p, enum word operator, enum expression_kind kind,
	struct expression *(*below)(struct parser *))
{
	struct expression *first = below(p), *all;

	if (!first || p->word != operator)
		return first;
	all = expression_new(kind, p->reader->document.arena);
	expression_add(all, first);
	while (p->word == operator) {
		struct expression *more;

		next(p);
		more = below(p);
		if (!more)
			return NULL;
		expression_add(all, more);
		if (all->code >= CODE_MAX)
			return wrong(p, "the condition names its search identifiers so often "
				"that it has more than 1048576 steps");
	}
	return all;
}

static struct expression *conjunction(struct parser *p)
{
	return chain(p, WORD_and, EXPRESSION_and, operand);
}

static struct expression *alternatives(struct parser *p)
{
	return chain(p, WORD_or, EXPRESSION_or, conjunction);
}

struct expression *condition_read(struct reader *reader, const struct yaml *condition,
	struct selection *selections, size_t n)
{
	struct parser p = {.reader = reader, .node = condition, .selections = selections, .n = n};
	struct expression *expression;

	if (condition->kind != YAML_scalar) {
		mistake(&reader->document, condition, "a condition must be a text, or a list of "
			"texts");
		return NULL;
	}
	if (condition->text.n > CONDITION_MAX) {
		mistake(&reader->document, condition, "the condition is longer than 65536 bytes");
		return NULL;
	}
	next(&p);
	expression = alternatives(&p);
	if (!expression)
		return NULL;
	if (p.word == WORD_bar)
		return sigma_1(&p);
	if (p.word == WORD_close)
		return wrong(&p, "there is a ')' too many");
	if (p.word != WORD_end)
		return wrong(&p, "'and' or 'or' is missing before '%.*s'", SHORT(p.text));
	if (expression->code >= CODE_MAX)
		return wrong(&p, "the condition has more than 1048576 steps");
	if (p.capitals)
		doubt(&reader->document, condition, "write the operators of a condition in lower "
			"case");
	return expression;
}
