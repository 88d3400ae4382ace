// SPDX-License-Identifier: Apache-2.0
// The numbers of a condition, and comparisons of them with constants.

#include "detect/yara/number.h"

#include <inttypes.h>

#include "base/own.h"

/* Beyond it a floating point number is no longer exact. */
#define EXACT_MAX (INT64_C(1) << 53)

struct number number_of_pattern(const struct yara_pattern *pattern)
{
	return (struct number){
		.pattern = pattern,
		.spelling = pattern->name.text,
		.natural = values_between(0, INT64_MAX),
		.whole = true,
	};
}

struct number number_of_string(const struct yara_rule *rule, const struct yara_node *node,
	struct arena *arena)
{
	const struct yara_pattern *pattern = yara_pattern_find(rule, node->text);

	if (pattern)
		return number_of_pattern(pattern);
	return (struct number){
		.spelling = arena_format(arena, "$%.*s", (int)node->text.n - 1,
			node->text.at + 1),
		.natural = values_between(0, INT64_MAX),
		.whole = true,
	};
}

static bool is_whole(const struct yara_node *node)
{
	switch (node->kind) {
	case NODE_number:
	case NODE_filesize:
	case NODE_entrypoint:
	case NODE_integer:
	case NODE_count:
	case NODE_offset:
	case NODE_length:
		return true;
	case NODE_negative:
	case NODE_inverse:
		return is_whole(node->first);
	case NODE_arithmetic:
		return is_whole(node->first) && is_whole(node->first->next);
	default:
		return false;
	}
}

static struct values integer_natural(const struct yara_node *node)
{
	int64_t span = INT64_C(1) << node->bits;

	if (node->is_signed)
		return values_between(-span / 2, span / 2 - 1);
	return values_between(0, span - 1);
}

/* What is left of x & mask. */
static struct values arithmetic_natural(const struct yara_node *node)
{
	const struct yara_node *a = node->first, *b = a->next;

	if (text_is(node->text, "&")) {
		if (b->kind == NODE_number && b->number >= 0)
			return values_between(0, b->number);
		if (a->kind == NODE_number && a->number >= 0)
			return values_between(0, a->number);
	}
	return values_all();
}

/* Spellings that stand for the same value as long as one file is scanned. */
static bool is_steady(const struct yara_node *node)
{
	if (node->calls || node->kind == NODE_literal || node->kind > NODE_arithmetic)
		return false;
	for (const struct yara_node *operand = node->first; operand; operand = operand->next)
		if (!is_steady(operand))
			return false;
	return node->kind != NODE_count || !node->placed;
}

bool number_of(const struct yara_rule *rule, const struct yara_node *node, struct arena *arena,
	struct number *number)
{
	if (node->kind == NODE_number || !is_steady(node))
		return false;
	if (node->kind == NODE_count) {
		*number = number_of_string(rule, node, arena);
		return true;
	}
	*number = (struct number){
		.spelling = yara_spelling(node, arena),
		.natural = values_all(),
		.whole = is_whole(node),
		.hexadecimal = node->kind == NODE_integer || node->kind == NODE_arithmetic,
	};
	if (node->kind == NODE_integer)
		number->natural = integer_natural(node);
	else if (node->kind == NODE_filesize)
		number->natural = values_between(0, INT64_MAX);
	else if (node->kind == NODE_arithmetic && number->whole)
		number->natural = arithmetic_natural(node);
	number->natural.undefined = true;
	return true;
}

void number_of_file(struct number *number)
{
	if (text_is(number->spelling, "filesize"))
		number->natural.undefined = false;
}

bool number_is_never(const struct number *number, const struct values *values)
{
	struct values both = values_both(&number->natural, values);

	return values_none(&both);
}

const char *question_operator(struct text text, bool turned)
{
	static const char *const operators[][2] = {{"==", "=="}, {"!=", "!="}, {"<", ">"},
		{"<=", ">="}, {">", "<"}, {">=", "<="}};

	for (size_t i = 0; i < array_size(operators); i++)
		if (text_is(text, operators[i][0]))
			return operators[i][turned];
	return "";
}

bool question_of(const struct yara_rule *rule, const struct yara_node *node, struct arena *arena,
	struct question *question)
{
	const struct yara_node *number = node->first, *constant = number->next;
	bool turned = number->kind == NODE_number;

	if (turned) {
		constant = number;
		number = number->next;
	}
	if (constant->kind != NODE_number || !number_of(rule, number, arena, &question->number))
		return false;
	question->operator = question_operator(node->text, turned);
	question->constant = constant->number;
	question->told = constant->text.n
		? constant->text
		: arena_format(arena, "%" PRId64, constant->number);
	return question->number.whole ||
		(constant->number > -EXACT_MAX && constant->number < EXACT_MAX);
}

struct values question_values(const struct question *q)
{
	struct values equal = values_between(q->constant, q->constant);
	int64_t k = q->constant;
	bool whole = q->number.whole;

	switch (q->operator[0]) {
	case '=':
		return equal;
	case '!':
		return whole ? values_other(&equal) : values_all();
	case '<':
		if (whole && !q->operator[1])
			return k == INT64_MIN ? (struct values){0} :
						values_between(INT64_MIN, k - 1);
		return values_between(INT64_MIN, k);
	case '>':
		if (whole && !q->operator[1])
			return k == INT64_MAX ? (struct values){0} :
						values_between(k + 1, INT64_MAX);
		return values_between(k, INT64_MAX);
	default:
		return values_all();
	}
}

struct values question_other(const struct question *q)
{
	static const char *const opposites[][2] = {{"==", "!="}, {"!=", "=="}, {"<", ">="},
		{"<=", ">"}, {">", "<="}, {">=", "<"}};
	struct question opposite = *q;
	struct values other;

	for (size_t i = 0; i < array_size(opposites); i++)
		if (!strcmp(q->operator, opposites[i][0]))
			opposite.operator = opposites[i][1];
	other = question_values(&opposite);
	other.undefined = true;
	return other;
}
