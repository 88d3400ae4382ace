// SPDX-License-Identifier: Apache-2.0
// Whether a condition can be true: what an AND asks of the same thing is brought together, for
// every way through the ORs. Undefined values make NOT treacherous: below a NOT, a comparison is
// taken for one that may be either.

#include <stdio.h>

#include "base/own.h"
#include "detect/yara/condition.h"

enum { FACTS_MAX = 32, BYTES_MAX = 64, TODO_MAX = 128, STEPS_MAX = 4096, EXCLUDED_MAX = 4 };

/* What is known of one term. */
struct fact {
	const struct term *term;
	int64_t low, high;
	int64_t excluded[EXCLUDED_MAX];
	unsigned excluded_n;
};

/* What is known on one way through the condition. */
struct way {
	struct fact facts[FACTS_MAX];
	unsigned fact_n;
	struct {
		int64_t offset;
		uint8_t value;
	} bytes[BYTES_MAX]; /* of the file */
	unsigned byte_n;
};

/* A node that has to hold, or not to. */
struct todo {
	const struct node *node;
	bool negated;
};

struct solver {
	struct arena *arena;
	unsigned steps;
	struct text why;
	struct token place;
};

static void because(struct solver *s, const struct node *node, struct text why)
{
	s->why = why;
	s->place = node->place;
}

static bool is_same(const struct term *a, const struct term *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == TERM_count)
		return text_equal(a->text, b->text);
	if (a->kind == TERM_bytes)
		return a->number >= 0 && a->number == b->number && a->size == b->size &&
			a->is_signed == b->is_signed && a->big_endian == b->big_endian;
	return a->kind == TERM_filesize;
}

static void range_of(const struct term *term, int64_t *low, int64_t *high)
{
	unsigned bits = term->size * 8;

	*low = 0;
	*high = INT64_MAX;
	if (term->kind != TERM_bytes)
		return;
	*low = term->is_signed ? -(INT64_C(1) << (bits - 1)) : 0;
	*high = (INT64_C(1) << (term->is_signed ? bits - 1 : bits)) - 1;
}

/* Digits of a hexadecimal number without one of them. */
static bool is_with_a_digit_more(struct text number, const char *meant)
{
	size_t n = strlen(meant);

	if (number.n != n + 3)
		return false;
	for (size_t left_out = 0; left_out <= n; left_out++) {
		size_t i = 0;

		for (; i < n; i++) {
			char c = number.at[2 + i + (i >= left_out)];

			if ((c >= 'A' && c <= 'F' ? c | 32 : c) != meant[i])
				break;
		}
		if (i == n)
			return true;
	}
	return false;
}

static struct text too_large(struct solver *s, const struct node *node)
{
	struct text number = node->right.text;

	if (is_with_a_digit_more(number, "464c457f"))
		return arena_format(s->arena, "%.*s has %u bits and is never %.*s; an ELF file "
			"has 0x464c457f", (int)node->left.text.n, node->left.text.at,
			node->left.size * 8, (int)number.n, number.at);
	return arena_format(s->arena, "%.*s has %u bits and is never so compared with %.*s; write "
		"a number that fits", (int)node->left.text.n, node->left.text.at,
		node->left.size * 8, (int)number.n, number.at);
}

static struct fact *fact_of(struct way *way, const struct term *term)
{
	struct fact *fact;

	for (unsigned i = 0; i < way->fact_n; i++)
		if (is_same(way->facts[i].term, term))
			return way->facts + i;
	if (way->fact_n == FACTS_MAX)
		return NULL;
	fact = way->facts + way->fact_n++;
	*fact = (struct fact){.term = term};
	range_of(term, &fact->low, &fact->high);
	return fact;
}

static void narrow(struct fact *fact, enum compare how, int64_t number)
{
	switch (how) {
	case COMPARE_eq:
		fact->low = number > fact->low ? number : fact->low;
		fact->high = number < fact->high ? number : fact->high;
		break;
	case COMPARE_ne:
		if (fact->excluded_n < EXCLUDED_MAX)
			fact->excluded[fact->excluded_n++] = number;
		break;
	case COMPARE_lt:
		if (number == INT64_MIN)
			fact->high = INT64_MIN, fact->low = INT64_MAX;
		else if (number - 1 < fact->high)
			fact->high = number - 1;
		break;
	case COMPARE_le:
		fact->high = number < fact->high ? number : fact->high;
		break;
	case COMPARE_gt:
		if (number == INT64_MAX)
			fact->high = INT64_MIN, fact->low = INT64_MAX;
		else if (number + 1 > fact->low)
			fact->low = number + 1;
		break;
	case COMPARE_ge:
		fact->low = number > fact->low ? number : fact->low;
		break;
	}
}

static bool is_empty(const struct fact *fact)
{
	if (fact->low > fact->high)
		return true;
	for (unsigned i = 0; i < fact->excluded_n; i++)
		if (fact->low == fact->high && fact->low == fact->excluded[i])
			return true;
	return false;
}

/* The bytes that an equality says stand in the file; false if they stand otherwise. */
static bool bytes_agree(struct way *way, const struct term *term, int64_t value)
{
	for (unsigned i = 0; i < term->size; i++) {
		unsigned shift = 8 * (term->big_endian ? term->size - 1 - i : i);
		uint8_t byte = (uint8_t)((uint64_t)value >> shift);
		unsigned k = 0;

		while (k < way->byte_n && way->bytes[k].offset != term->number + i)
			k++;
		if (k < way->byte_n && way->bytes[k].value != byte)
			return false;
		if (k == way->byte_n && k < BYTES_MAX) {
			way->bytes[k].offset = term->number + i;
			way->bytes[way->byte_n++].value = byte;
		}
	}
	return true;
}

static bool compare_holds(struct solver *s, struct way *way, const struct node *node)
{
	const struct term *term = &node->left;
	int64_t low, high;
	struct fact alone = {.term = term}, *fact;

	range_of(term, &low, &high);
	if (!node->right.fits) {
		if (node->how != COMPARE_eq || term->kind != TERM_bytes)
			return true;
		because(s, node, too_large(s, node));
		return false;
	}
	alone.low = low;
	alone.high = high;
	narrow(&alone, node->how, node->right.number);
	if (is_empty(&alone)) {
		because(s, node, term->kind == TERM_bytes ? too_large(s, node) :
			arena_format(s->arena, "%.*s is never less than 0; write another number",
				(int)term->text.n, term->text.at));
		return false;
	}
	if (term->kind == TERM_bytes && term->number < 0)
		return true; /* nobody knows which bytes */
	fact = fact_of(way, term);
	if (!fact)
		return true;
	narrow(fact, node->how, node->right.number);
	if (is_empty(fact) || (term->kind == TERM_bytes && node->how == COMPARE_eq &&
			       !bytes_agree(way, term, node->right.number))) {
		because(s, node, arena_format(s->arena, "this and what is asked of %.*s before "
			"exclude one another; write 'or' between them, or leave one out",
			(int)term->text.n, term->text.at));
		return false;
	}
	return true;
}

static bool of_holds(struct solver *s, const struct node *node)
{
	if (node->has < 0 || node->wanted <= node->has)
		return true;
	because(s, node, arena_format(s->arena, "%lld of %lld strings are asked for; ask for at "
		"most as many as there are", (long long)node->wanted, (long long)node->has));
	return false;
}

static bool all_hold(struct solver *s, struct way *way, const struct todo *todo, unsigned n);

/* One of the children holds, and all else that is to be done. */
static bool one_holds(struct solver *s, const struct way *way, const struct node *node,
	bool negated, const struct todo *todo, unsigned n)
{
	for (const struct node *child = node->first; child; child = child->next) {
		struct todo more[TODO_MAX];
		struct way own = *way;

		if (n == TODO_MAX)
			return true;
		memcpy(more, todo, n * sizeof *more);
		more[n] = (struct todo){child, negated};
		if (all_hold(s, &own, more, n + 1))
			return true;
	}
	return false;
}

/* The last one first, so that they are taken in their order. */
static bool children_put(const struct node *node, bool negated, struct todo *todo, unsigned *n)
{
	unsigned count = 0, at;

	for (const struct node *c = node->first; c; c = c->next)
		count++;
	if (*n + count > TODO_MAX)
		return false;
	at = *n += count;
	for (const struct node *c = node->first; c; c = c->next)
		todo[--at] = (struct todo){c, negated};
	return true;
}

static bool all_hold(struct solver *s, struct way *way, const struct todo *given, unsigned n)
{
	struct todo todo[TODO_MAX];

	memcpy(todo, given, n * sizeof *todo);
	while (n) {
		const struct node *node = todo[--n].node;
		bool negated = todo[n].negated;

		if (++s->steps > STEPS_MAX)
			return true;
		switch (node->kind) {
		case NODE_and:
		case NODE_or:
			if ((node->kind == NODE_or) != negated)
				return one_holds(s, way, node, negated, todo, n);
			if (!children_put(node, negated, todo, &n))
				return true;
			break;
		case NODE_not:
			todo[n++] = (struct todo){node->first, !negated};
			break;
		case NODE_true:
		case NODE_false:
			if ((node->kind == NODE_true) == negated) {
				because(s, node, TEXT("it stands there as false; leave it out"));
				return false;
			}
			break;
		case NODE_compare:
			if (!negated && !compare_holds(s, way, node))
				return false;
			break;
		case NODE_of:
			if (!negated && !of_holds(s, node))
				return false;
			break;
		case NODE_opaque:
			break;
		}
	}
	return true;
}

bool yara_condition_may_hold(const struct node *node, struct arena *arena, struct text *why,
	struct token *place)
{
	struct solver solver = {.arena = arena};
	struct way way = {0};

	if (all_hold(&solver, &way, &(struct todo){node, false}, 1))
		return true;
	*why = solver.why;
	*place = solver.place;
	return false;
}

bool yara_condition_always(const struct node *node)
{
	bool all = node->kind == NODE_and;

	switch (node->kind) {
	case NODE_true:
		return true;
	case NODE_compare:
		return node->left.kind != TERM_bytes && node->right.fits &&
			((node->how == COMPARE_ge && node->right.number <= 0) ||
			 (node->how == COMPARE_gt && node->right.number < 0));
	case NODE_and:
	case NODE_or:
		for (const struct node *c = node->first; c; c = c->next)
			if (yara_condition_always(c) != all)
				return !all;
		return all;
	default:
		return false;
	}
}

bool yara_condition_bounds_size(const struct node *node)
{
	switch (node->kind) {
	case NODE_compare:
		return node->left.kind == TERM_filesize &&
			(node->how == COMPARE_lt || node->how == COMPARE_le ||
			 node->how == COMPARE_eq);
	case NODE_and:
		for (const struct node *c = node->first; c; c = c->next)
			if (yara_condition_bounds_size(c))
				return true;
		return false;
	case NODE_or:
		for (const struct node *c = node->first; c; c = c->next)
			if (!yara_condition_bounds_size(c))
				return false;
		return true;
	default:
		return false;
	}
}
