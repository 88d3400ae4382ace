// SPDX-License-Identifier: Apache-2.0
// Trees of AND, OR and NOT, and their programs.

#include <math.h>

#include "detect/sigma/expression.h"

static uint32_t sum(uint32_t a, uint32_t b)
{
	uint64_t total = (uint64_t)a + b;

	return total > CODE_MAX ? CODE_MAX : (uint32_t)total;
}

struct expression *expression_new(enum expression_kind kind, struct arena *arena)
{
	struct expression *expression = arena_new(arena, struct expression);

	expression->kind = kind;
	return expression;
}

struct expression *expression_leaf(const struct predicates *predicates, uint32_t predicate,
	struct arena *arena)
{
	struct expression *leaf = expression_new(EXPRESSION_leaf, arena);

	leaf->predicate = predicate;
	leaf->slow = !operation_is_plain(predicates->at[predicate].operation);
	leaf->code = 1 + 2u * predicates->at[predicate].hint_count;
	return leaf;
}

void expression_add(struct expression *above, struct expression *below)
{
	above->code = sum(above->code, below->code + (above->first != NULL));
	above->slow |= below->slow;
	above->count++;
	if (above->last)
		above->last->next = below;
	else
		above->first = below;
	above->last = below;
}

struct expression *expression_not(struct expression *below, struct arena *arena)
{
	struct expression *not = expression_new(EXPRESSION_not, arena);

	expression_add(not, below);
	not->code = sum(below->code, 1);
	return not;
}

struct expression *expression_again(struct expression *expression, struct arena *arena)
{
	struct expression *again = arena_new(arena, struct expression);

	*again = *expression;
	again->next = NULL;
	return again;
}

static double plain_cost(const struct predicate *p)
{
	static const double frequency[] = {
		[OPERATION_equal] = 0.5,
		[OPERATION_starts] = 3,
		[OPERATION_ends] = 1,
		[OPERATION_contains] = 2,
	};

	double length = p->text.n < 12 ? (double)p->text.n : 12;

	return frequency[p->operation] * p->uses / length * (p->common ? 100 : 1);
}

/* A plain text needs itself, another question one of its hints. */
static double leaf_cost(const struct predicate *p, const struct predicates *predicates)
{
	double cost = 0;

	if (operation_is_plain(p->operation))
		return plain_cost(p);
	for (unsigned i = 0; i < p->hint_count; i++)
		cost += plain_cost(predicates->at + p->hints[i]);
	return p->hint_count ? cost : INFINITY;
}

/* Under a NOT, AND and OR change places. */
static bool is_and(const struct expression *expression, bool negated)
{
	return (expression->kind == EXPRESSION_and) != negated;
}

double expression_cost(const struct expression *expression, bool negated,
	const struct predicates *predicates)
{
	double cost;

	if (expression->kind == EXPRESSION_leaf)
		return negated ? INFINITY :
			leaf_cost(predicates->at + expression->predicate, predicates);
	if (expression->kind == EXPRESSION_not)
		return expression_cost(expression->first, !negated, predicates);
	cost = is_and(expression, negated) ? INFINITY : 0;
	for (struct expression *e = expression->first; e; e = e->next) {
		double below = expression_cost(e, negated, predicates);

		if (is_and(expression, negated))
			cost = below < cost ? below : cost;
		else
			cost += below;
	}
	return cost;
}

void expression_needs(const struct expression *expression, bool negated,
	const struct predicates *predicates, void (*each)(void *context, uint32_t predicate),
	void *context)
{
	const struct expression *cheapest = NULL;
	double least = INFINITY;

	if (expression->kind == EXPRESSION_leaf) {
		const struct predicate *p = predicates->at + expression->predicate;

		if (operation_is_plain(p->operation))
			each(context, expression->predicate);
		for (unsigned i = 0; i < p->hint_count; i++)
			each(context, p->hints[i]);
		return;
	}
	if (expression->kind == EXPRESSION_not) {
		expression_needs(expression->first, !negated, predicates, each, context);
		return;
	}
	for (struct expression *e = expression->first; e; e = e->next) {
		double cost = expression_cost(e, negated, predicates);

		if (!is_and(expression, negated))
			expression_needs(e, negated, predicates, each, context);
		else if (cost < least) {
			least = cost;
			cheapest = e;
		}
	}
	if (cheapest)
		expression_needs(cheapest, negated, predicates, each, context);
}

void expression_predicates(const struct expression *expression,
	const struct predicates *predicates, void (*each)(void *context, uint32_t predicate),
	void *context)
{
	if (expression->kind != EXPRESSION_leaf) {
		for (struct expression *e = expression->first; e; e = e->next)
			expression_predicates(e, predicates, each, context);
		return;
	}
	for (unsigned i = 0; i < predicates->at[expression->predicate].hint_count; i++)
		each(context, predicates->at[expression->predicate].hints[i]);
	each(context, expression->predicate);
}

static void put(struct program *program, enum code code, uint32_t operand)
{
	program->at[program->n++] = (uint32_t)code << 30 | operand;
}

static void write_expression(struct program *program, const struct expression *expression,
	const struct predicates *predicates);

/* The children one after the other, plain ones first; the first that decides ends it. */
static void write_children(struct program *program, const struct expression *expression,
	const struct predicates *predicates)
{
	uint32_t end = program->n + expression->code;
	enum code leave = expression->kind == EXPRESSION_and ? CODE_unless : CODE_if;
	bool later = false;

	for (unsigned slow = 0; slow < 2; slow++)
		for (struct expression *e = expression->first; e; e = e->next) {
			if (e->slow != slow)
				continue;
			if (later)
				put(program, leave, end);
			later = true;
			write_expression(program, e, predicates);
		}
}

/* A question is only asked where one of its hints is true. */
static void write_leaf(struct program *program, uint32_t predicate,
	const struct predicates *predicates)
{
	const struct predicate *p = predicates->at + predicate;
	uint32_t question = program->n + 2u * p->hint_count;

	for (unsigned i = 0; i < p->hint_count; i++) {
		put(program, CODE_test, p->hints[i]); /* hints are plain */
		if (i + 1u < p->hint_count)
			put(program, CODE_if, question);
		else
			put(program, CODE_unless, question + 1);
	}
	put(program, CODE_test, predicate | (operation_is_plain(p->operation) ? 0 : CODE_SLOW));
}

static void write_expression(struct program *program, const struct expression *expression,
	const struct predicates *predicates)
{
	switch (expression->kind) {
	case EXPRESSION_leaf:
		write_leaf(program, expression->predicate, predicates);
		break;
	case EXPRESSION_not:
		write_expression(program, expression->first, predicates);
		put(program, CODE_flip, 0);
		break;
	default:
		write_children(program, expression, predicates);
	}
}

struct program program_new(const struct expression *expression,
	const struct predicates *predicates, struct arena *arena)
{
	struct program program = {
		.at = arena_alloc(arena, expression->code * sizeof *program.at),
	};

	write_expression(&program, expression, predicates);
	return program;
}
