// SPDX-License-Identifier: Apache-2.0
// The condition of a YARA rule as a tree: operators by their precedence, from `or` to the signs.

#include "detect/yara/condition.h"

#include "base/own.h"

enum { DEPTH_MAX = 64, NODES_MAX = 65536 };

/* How strongly what follows an operator is bound. */
enum { BIND_or = 1, BIND_and, BIND_not, BIND_equal, BIND_less, BIND_sign = 12 };

struct parser {
	struct yara_scanner *scan;
	struct arena *arena;
	unsigned depth, nodes;
};

static const struct operator {
	const char *text;
	unsigned bind;
	enum yara_node_kind kind;
} operators[] = {
	{"or", BIND_or, NODE_or},
	{"and", BIND_and, NODE_and},
	{"==", BIND_equal, NODE_compare},
	{"!=", BIND_equal, NODE_compare},
	{"contains", BIND_equal, NODE_likeness},
	{"icontains", BIND_equal, NODE_likeness},
	{"startswith", BIND_equal, NODE_likeness},
	{"istartswith", BIND_equal, NODE_likeness},
	{"endswith", BIND_equal, NODE_likeness},
	{"iendswith", BIND_equal, NODE_likeness},
	{"iequals", BIND_equal, NODE_likeness},
	{"matches", BIND_equal, NODE_likeness},
	{"<", BIND_less, NODE_compare},
	{"<=", BIND_less, NODE_compare},
	{">", BIND_less, NODE_compare},
	{">=", BIND_less, NODE_compare},
	{"|", 6, NODE_arithmetic},
	{"^", 7, NODE_arithmetic},
	{"&", 8, NODE_arithmetic},
	{"<<", 9, NODE_arithmetic},
	{">>", 9, NODE_arithmetic},
	{"+", 10, NODE_arithmetic},
	{"-", 10, NODE_arithmetic},
	{"*", 11, NODE_arithmetic},
	{"\\", 11, NODE_arithmetic},
	{"%", 11, NODE_arithmetic},
};

static const struct {
	const char *name;
	unsigned bits;
	bool is_signed;
} integers[] = {
	{"uint8", 8, false}, {"uint16", 16, false}, {"uint32", 32, false},
	{"uint8be", 8, false}, {"uint16be", 16, false}, {"uint32be", 32, false},
	{"int8", 8, true}, {"int16", 16, true}, {"int32", 32, true},
	{"int8be", 8, true}, {"int16be", 16, true}, {"int32be", 32, true},
};

/* Words that begin no value. */
static const char *const reserved[] = {"and", "or", "of", "in", "at", "them", "rule", "meta",
	"strings", "condition", "import", "include", "global", "private", "contains", "matches"};

static struct yara_node *expression(struct parser *p, unsigned bind);

static struct yara_node *node_new(struct parser *p, enum yara_node_kind kind)
{
	struct yara_node *node = arena_new(p->arena, struct yara_node);

	p->nodes++;
	node->kind = kind;
	node->token = p->scan->token;
	node->text = p->scan->token.text;
	node->height = 1;
	return node;
}

/* False if there is no operand or the tree becomes too high. */
static bool node_add(struct parser *p, struct yara_node *node, struct yara_node *operand)
{
	if (!operand || operand->height >= DEPTH_MAX || p->nodes > NODES_MAX)
		return false;
	if (node->last)
		node->last->next = operand;
	else
		node->first = operand;
	node->last = operand;
	node->calls |= operand->calls;
	if (node->height <= operand->height)
		node->height = operand->height + 1;
	return true;
}

static bool take(struct parser *p, const char *text)
{
	if (!yara_at(p->scan, text))
		return false;
	yara_next(p->scan);
	return true;
}

static struct yara_node *leaf(struct parser *p, enum yara_node_kind kind)
{
	struct yara_node *node = node_new(p, kind);

	yara_next(p->scan);
	return node;
}

static bool compute(struct text operator, int64_t a, int64_t b, int64_t *result)
{
	switch (operator.at[0]) {
	case '+':
		return !__builtin_add_overflow(a, b, result);
	case '-':
		return !__builtin_sub_overflow(a, b, result);
	case '*':
		return !__builtin_mul_overflow(a, b, result);
	case '&':
		*result = a & b;
		return true;
	case '|':
		*result = a | b;
		return true;
	case '^':
		*result = a ^ b;
		return true;
	case '<':
		return b >= 0 && b < 63 && !__builtin_mul_overflow(a, INT64_C(1) << b, result);
	case '>':
		*result = b >= 0 && b < 64 && a >= 0 ? a >> b : 0;
		return b >= 0 && b < 64 && a >= 0;
	}
	if (b == 0 || b == -1)
		return false;
	*result = operator.at[0] == '%' ? a % b : a / b;
	return true;
}

static struct yara_node *fold(struct yara_node *node)
{
	struct yara_node *a = node->first, *b = a->next;
	int64_t number = 0;
	bool known = a->kind == NODE_number && (!b || b->kind == NODE_number);

	if (known && node->kind == NODE_arithmetic)
		known = compute(node->text, a->number, b->number, &number);
	else if (known && node->kind == NODE_negative)
		known = !__builtin_sub_overflow(0, a->number, &number);
	else if (known)
		number = ~a->number;
	if (!known)
		return node;
	node->kind = NODE_number;
	node->number = number;
	node->first = node->last = NULL;
	node->text = (struct text){0};
	return node;
}

/* ( from .. to ); with `from` alone, an enumeration whose first value it is. */
static bool range(struct parser *p, struct yara_node **from, struct yara_node **to)
{
	if (!take(p, "("))
		return false;
	*from = expression(p, BIND_equal);
	if (!*from)
		return false;
	if (take(p, "..")) {
		*to = expression(p, BIND_equal);
		return *to && take(p, ")");
	}
	while (take(p, ","))
		if (!expression(p, BIND_equal))
			return false;
	return take(p, ")");
}

static struct yara_node *placed(struct parser *p, struct yara_node *node)
{
	struct yara_node *from = NULL, *to = NULL;

	if (node->kind != NODE_count && take(p, "at"))
		node->placed = expression(p, BIND_equal);
	else if (take(p, "in"))
		node->placed = range(p, &from, &to);
	else
		return node;
	return node->placed ? node : NULL;
}

/* @a[i], !a[i] */
static struct yara_node *occurrence(struct parser *p, enum yara_node_kind kind)
{
	struct yara_node *node = leaf(p, kind);

	if (!take(p, "["))
		return node;
	return node_add(p, node, expression(p, BIND_equal)) && take(p, "]") ? node : NULL;
}

static bool set_member(struct parser *p, struct yara_node *node, struct yara_member ***end)
{
	struct yara_member *member = arena_new(p->arena, struct yara_member);
	enum yara_token_kind kind = p->scan->token.kind;

	if (kind != YARA_string && kind != YARA_word)
		return false;
	node->rules |= kind == YARA_word;
	member->token = p->scan->token;
	**end = member;
	*end = &member->next;
	yara_next(p->scan);
	if (kind == YARA_word)
		take(p, "*");
	return true;
}

static bool set(struct parser *p, struct yara_node *node)
{
	struct yara_member **end = &node->set;

	if (take(p, "them"))
		return node->them = true;
	if (!take(p, "("))
		return false;
	do
		if (!set_member(p, node, &end))
			return false;
	while (take(p, ","));
	return take(p, ")");
}

/* What follows a quantity, from "of" on. */
static struct yara_node *of(struct parser *p, struct yara_node *node)
{
	node->kind = NODE_of;
	if (!take(p, "of") || !set(p, node))
		return NULL;
	return placed(p, node);
}

static bool quantity_word(struct parser *p, struct yara_node *node)
{
	static const char *const words[] = {"all", "any", "none"};

	for (unsigned i = 0; i < array_size(words); i++)
		if (take(p, words[i])) {
			node->quantity = (enum yara_quantity)i;
			return true;
		}
	return false;
}

static struct yara_node *counted_of(struct parser *p, struct yara_node *value)
{
	struct yara_node *node = node_new(p, NODE_of);

	node->token = value->token;
	node->quantity_value = value;
	node->quantity = take(p, "%") ? QUANTITY_percent : QUANTITY_number;
	return of(p, node);
}

static bool quantity(struct parser *p, struct yara_node *node)
{
	if (quantity_word(p, node))
		return true;
	node->quantity_value = expression(p, BIND_equal);
	node->quantity = take(p, "%") ? QUANTITY_percent : QUANTITY_number;
	return node->quantity_value;
}

/* Behind a name: .member, [index], (arguments), as often as they come. */
static struct yara_node *postfix(struct parser *p, struct yara_node *node)
{
	while (node && (yara_at(p->scan, ".") || yara_at(p->scan, "[") || yara_at(p->scan, "("))) {
		char sign = p->scan->token.text.at[0];
		struct yara_node *more = node_new(p, sign == '.' ? NODE_member
				: sign == '['			 ? NODE_index
								 : NODE_call);

		more->token = node->token;
		more->calls = sign == '(';
		if (!node_add(p, more, node))
			return NULL;
		yara_next(p->scan);
		if (sign == '.') {
			more->text = p->scan->token.text;
			if (p->scan->token.kind != YARA_word)
				return NULL;
			yara_next(p->scan);
		} else if (sign == '[' || !take(p, ")")) {
			do
				if (!node_add(p, more, expression(p, BIND_or)))
					return NULL;
			while (sign == '(' && take(p, ","));
			if (!take(p, sign == '[' ? "]" : ")"))
				return NULL;
		}
		node = more;
	}
	return node;
}

/* The variables, "in" and what they go through. */
static bool iterator(struct parser *p, struct yara_node *node)
{
	do {
		if (p->scan->token.kind != YARA_word)
			return false;
		yara_next(p->scan);
	} while (take(p, ","));
	if (!take(p, "in"))
		return false;
	if (yara_at(p->scan, "("))
		return range(p, &node->from, &node->to);
	return p->scan->token.kind == YARA_word && postfix(p, leaf(p, NODE_name));
}

static struct yara_node *loop(struct parser *p)
{
	struct yara_node *node = leaf(p, NODE_for_in);

	if (!quantity(p, node))
		return NULL;
	if (take(p, "of")) {
		node->kind = NODE_for_of;
		if (!set(p, node))
			return NULL;
	} else if (!iterator(p, node)) {
		return NULL;
	}
	if (!take(p, ":") || !take(p, "(") || !node_add(p, node, expression(p, BIND_or)))
		return NULL;
	return take(p, ")") ? node : NULL;
}

static struct yara_node *prefixed(struct parser *p, enum yara_node_kind kind, unsigned bind)
{
	struct yara_node *node = leaf(p, kind);

	if (!node_add(p, node, expression(p, bind)))
		return NULL;
	return bind == BIND_sign ? fold(node) : node;
}

static struct yara_node *integer(struct parser *p, unsigned bits, bool is_signed)
{
	struct yara_node *node = leaf(p, NODE_integer);

	node->bits = bits;
	node->is_signed = is_signed;
	if (!take(p, "(") || !node_add(p, node, expression(p, BIND_equal)) || !take(p, ")"))
		return NULL;
	return node;
}

static struct yara_node *word(struct parser *p)
{
	struct text text = p->scan->token.text;
	struct yara_node *node;

	if (text_is(text, "not"))
		return prefixed(p, NODE_not, BIND_not);
	if (text_is(text, "defined"))
		return prefixed(p, NODE_defined, BIND_not);
	if (text_is(text, "for"))
		return loop(p);
	if (text_is(text, "filesize"))
		return leaf(p, NODE_filesize);
	if (text_is(text, "entrypoint"))
		return leaf(p, NODE_entrypoint);
	if (text_is(text, "true") || text_is(text, "false")) {
		node = leaf(p, NODE_truth);
		node->number = text_is(text, "true");
		return node;
	}
	if (text_is(text, "all") || text_is(text, "any") || text_is(text, "none")) {
		node = node_new(p, NODE_of);
		quantity_word(p, node);
		return of(p, node);
	}
	for (size_t i = 0; i < array_size(integers); i++)
		if (text_is(text, integers[i].name))
			return integer(p, integers[i].bits, integers[i].is_signed);
	for (size_t i = 0; i < array_size(reserved); i++)
		if (text_is(text, reserved[i]))
			return NULL;
	return postfix(p, leaf(p, NODE_name));
}

static struct yara_node *number(struct parser *p)
{
	struct yara_node *node = node_new(p, NODE_number);

	node->number = p->scan->token.number;
	if (!p->scan->token.fits)
		node->kind = NODE_literal;
	yara_next(p->scan);
	return node;
}

static struct yara_node *operand(struct parser *p)
{
	struct yara_node *node;

	switch (p->scan->token.kind) {
	case YARA_number:
		return number(p);
	case YARA_real:
	case YARA_text:
	case YARA_regex:
		return leaf(p, NODE_literal);
	case YARA_string:
		return placed(p, leaf(p, NODE_string));
	case YARA_count:
		return placed(p, leaf(p, NODE_count));
	case YARA_offset:
		return occurrence(p, NODE_offset);
	case YARA_length:
		return occurrence(p, NODE_length);
	case YARA_word:
		return word(p);
	default:
		break;
	}
	if (yara_at(p->scan, "-"))
		return prefixed(p, NODE_negative, BIND_sign);
	if (yara_at(p->scan, "~"))
		return prefixed(p, NODE_inverse, BIND_sign);
	if (!take(p, "("))
		return NULL;
	node = expression(p, BIND_or);
	return node && take(p, ")") ? node : NULL;
}

static const struct operator *operator_at(const struct parser *p, unsigned bind)
{
	for (size_t i = 0; i < array_size(operators); i++)
		if (operators[i].bind >= bind && yara_at(p->scan, operators[i].text))
			return operators + i;
	return NULL;
}

/* Two operands and an operator; `and` and `or` gather all of theirs. */
static struct yara_node *joined(struct parser *p, struct yara_node *left,
	const struct operator *operator)
{
	struct yara_node *node = left;

	if ((operator->kind != NODE_and && operator->kind != NODE_or) ||
		left->kind != operator->kind) {
		node = node_new(p, operator->kind);
		node->token = left->token;
		if (!node_add(p, node, left))
			return NULL;
	}
	yara_next(p->scan);
	if (!node_add(p, node, expression(p, operator->bind + 1)))
		return NULL;
	return node->kind == NODE_arithmetic ? fold(node) : node;
}

static struct yara_node *expression(struct parser *p, unsigned bind)
{
	struct yara_node *left;

	if (p->depth == DEPTH_MAX)
		return NULL;
	p->depth++;
	left = operand(p);
	while (left) {
		bool is_quantity = yara_at(p->scan, "of") ||
			(yara_at(p->scan, "%") && yara_before(p->scan, "of"));
		const struct operator *operator = operator_at(p, bind);

		if (is_quantity && bind > BIND_not)
			break;
		if (is_quantity)
			left = counted_of(p, left);
		else if (operator)
			left = joined(p, left, operator);
		else
			break;
	}
	p->depth--;
	return left;
}

struct yara_node *yara_condition(struct yara_scanner *scanner, struct arena *arena)
{
	struct parser p = {.scan = scanner, .arena = arena};
	struct yara_node *node;

	yara_next(scanner);
	node = expression(&p, BIND_or);
	return node && yara_at(scanner, "}") ? node : NULL;
}
