// SPDX-License-Identifier: Apache-2.0
// Whether an event is one that a question asks for.

#include "base/memory.h"
#include "base/own.h"
#include "detect/sigma/cidr.h"
#include "detect/sigma/fold.h"
#include "detect/sigma/pattern.h"
#include "hunt/evaluate.h"
#include "hunt/field.h"

struct comparing {
	const struct hunt_expr *expr;
	struct hunt_asking *asking;
	bool fits;
};

static struct text fold_value(struct hunt_asking *asking, struct text text)
{
	size_t room = fold_room(text.n);

	if (room > asking->folded_size) {
		asking->folded = memory_resize(asking->folded, room, 1);
		asking->folded_size = room;
	}
	return (struct text){asking->folded, fold(asking->folded, text)};
}

static bool number_fits(const struct hunt_expr *expr, int64_t number)
{
	for (size_t i = 0; i < expr->count; i++) {
		int64_t value = expr->values[i].number;

		switch (expr->op) {
		case OP_less: return number < value;
		case OP_at_most: return number <= value;
		case OP_more: return number > value;
		case OP_at_least: return number >= value;
		default:
			if (number == value)
				return true;
		}
	}
	return false;
}

static bool regex_fits(
	struct hunt_asking *asking, const struct hunt_value *value, struct text text)
{
	enum regex_answer answer =
		regex_search((struct regex *)value->made, text, &asking->room);

	asking->limited += answer == REGEX_limit;
	return answer == REGEX_yes;
}

static bool text_fits(const struct hunt_expr *expr, struct text text, struct hunt_asking *asking)
{
	bool without_case = expr->op == OP_like || expr->op == OP_contains ||
		expr->op == OP_starts || expr->op == OP_ends;

	if (without_case)
		text = fold_value(asking, text);
	for (size_t i = 0; i < expr->count; i++) {
		const struct hunt_value *value = &expr->values[i];
		bool fits = false;

		switch (expr->op) {
		case OP_like: fits = pattern_match(value->made, text); break;
		case OP_contains:
			fits = !value->text.n ||
				(text.n && memmem(text.at, text.n, value->text.at, value->text.n));
			break;
		case OP_starts: fits = text_starts(text, value->text); break;
		case OP_ends: fits = text_ends(text, value->text); break;
		case OP_matches: fits = regex_fits(asking, value, text); break;
		case OP_cidr: fits = cidr_holds(value->made, text); break;
		default: fits = text_equal(text, value->text); break;
		}
		if (fits)
			return true;
	}
	return false;
}

static bool compare(void *context, struct text text, int64_t number)
{
	struct comparing *comparing = context;
	const struct hunt_expr *expr = comparing->expr;
	enum field_type type = expr->field.type;

	if (expr->op == OP_exists)
		/* a flag that is not set is no value */
		comparing->fits = type != FIELD_flag || number;
	else if (type == FIELD_number || type == FIELD_time || type == FIELD_flag)
		comparing->fits = number_fits(expr, number);
	else
		comparing->fits = text_fits(expr, text, comparing->asking);
	return !comparing->fits;
}

static bool compare_fits(
	const struct hunt_expr *expr, const struct event *event, struct hunt_asking *asking)
{
	struct comparing comparing = {expr, asking, false};

	hunt_values(event, &expr->field, compare, &comparing);
	return comparing.fits != (expr->op == OP_unequal);
}

bool hunt_fits(
	const struct hunt_expr *expr, const struct event *event, struct hunt_asking *asking)
{
	if (!expr)
		return true;
	switch (expr->kind) {
	case EXPR_not: return !hunt_fits(expr->first, event, asking);
	case EXPR_compare: return compare_fits(expr, event, asking);
	case EXPR_descendant:
	case EXPR_ancestor:
		return event->process && !entity_is_none(event->process->entity) &&
			asking->is_in(asking->context, expr, event->process->entity);
	case EXPR_and:
		for (expr = expr->first; expr; expr = expr->next)
			if (!hunt_fits(expr, event, asking))
				return false;
		return true;
	case EXPR_or:
		for (expr = expr->first; expr; expr = expr->next)
			if (hunt_fits(expr, event, asking))
				return true;
		return false;
	}
	return false;
}
