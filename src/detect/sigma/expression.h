/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule asks for, as a tree of AND, OR and NOT over predicates; and the program made from
 * it, which decides without recursion and asks no more than it must.
 */
#pragma once

#include "detect/sigma/predicate.h"

enum expression_kind { EXPRESSION_leaf, EXPRESSION_and, EXPRESSION_or, EXPRESSION_not };

struct expression {
	enum expression_kind kind;
	uint32_t predicate; /* of a leaf */
	uint32_t code; /* instructions of its program */
	bool slow; /* some predicate below is not a plain text */
	uint32_t count;
	struct expression *first, *last, *next;
};

enum { CODE_MAX = 1 << 20 };

struct expression *expression_leaf(const struct predicates *predicates, uint32_t predicate,
	struct arena *arena);

/* AND or OR of nothing yet. */
struct expression *expression_new(enum expression_kind kind, struct arena *arena);

/* Hangs a finished expression below; it must not hang anywhere else. */
void expression_add(struct expression *above, struct expression *below);

struct expression *expression_not(struct expression *below, struct arena *arena);

/* A new expression with the same answer, that may hang somewhere though the old one does. */
struct expression *expression_again(struct expression *expression, struct arena *arena);

/*
 * The cheapest set of plain texts of which one must be true wherever the expression is true: its
 * cost as an expected frequency, INFINITY if there is none.
 */
double expression_cost(const struct expression *expression, bool negated,
	const struct predicates *predicates);

/* Calls `each` for every predicate of that set. */
void expression_needs(const struct expression *expression, bool negated,
	const struct predicates *predicates, void (*each)(void *context, uint32_t predicate),
	void *context);

/* Calls `each` for every predicate that the program may ask, hints included. */
void expression_predicates(const struct expression *expression,
	const struct predicates *predicates, void (*each)(void *context, uint32_t predicate),
	void *context);

/*
 * Instructions: what to do in the two upper bits, a predicate or a place in the program below. A
 * predicate that is no plain text is marked, so that its table need not be looked at for the
 * others.
 */
enum code { CODE_test, CODE_unless, CODE_if, CODE_flip };
enum { CODE_SLOW = 1 << 29 };

struct program {
	uint32_t *at;
	uint32_t n;
};

struct program program_new(const struct expression *expression,
	const struct predicates *predicates, struct arena *arena);

/* The answer; `ask` gives that of a predicate, with its mark. */
static inline bool program_run(const struct program *program,
	bool (*ask)(void *context, uint32_t predicate), void *context)
{
	bool answer = false;

	for (uint32_t i = 0; i < program->n;) {
		uint32_t operand = program->at[i] & 0x3fffffff;

		switch ((enum code)(program->at[i++] >> 30)) {
		case CODE_test:
			answer = ask(context, operand);
			break;
		case CODE_unless:
			i = answer ? i : operand;
			break;
		case CODE_if:
			i = answer ? operand : i;
			break;
		case CODE_flip:
			answer = !answer;
			break;
		}
	}
	return answer;
}
