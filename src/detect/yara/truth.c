// SPDX-License-Identifier: Apache-2.0
// What can hold in a condition. A walk assumes that a statement holds, or that it does not, and
// keeps for each number the values that are left; `or` joins what its branches leave. Where no
// value is left, that part never holds; where assuming that the condition does not hold leaves
// none, it always does. Everything that is not understood leaves all values.

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "detect/yara/facts.h"
#include "detect/yara/lint_private.h"
#include "detect/yara/number.h"
#include "detect/yara/set.h"

enum { WORK_MAX = 20000000 };

struct walk {
	struct lint *lint;
	bool quiet; /* tells nothing */
	bool files; /* takes it that a file is scanned, not a process, so there is a size */
	bool bounded; /* the statement above a loop's body limits the size */
	int64_t work; /* how many more facts are looked at before it gives up */
};

static void contradiction_tell(struct walk *walk, const struct yara_node *node,
	const struct number *number, const struct values *known, const struct values *asked)
{
	struct lint *lint = walk->lint;
	struct text spelling = number->spelling;
	bool present = asked->n && asked->at[0].low > 0;
	struct values both = values_both(known, asked);

	if (!values_none(&both)) {
		lint_find(lint, &node->token, YARA_LINT_contradiction,
			"%.*s must be %.*s here, and its bytes must be others elsewhere, so this "
			"part never holds; take one of the two out, or join them with 'or'",
			TEXT_PRINT(spelling),
			TEXT_PRINT(values_told(asked, number->hexadecimal, lint->arena)));
		return;
	}

	if (spelling.at[0] == '$' && !asked->undefined && (values_within(asked,
		&(struct values){{{1, INT64_MAX}}, 1, false}) || asked->at[0].high == 0) &&
		(known->at[0].high == 0 || known->at[0].low == 1)) {
		lint_find(lint, &node->token, YARA_LINT_contradiction,
			"'%.*s' must be %s here and %s elsewhere, so this part never holds; take "
			"one of the two out, or join them with 'or'", TEXT_PRINT(spelling),
			present ? "present" : "absent", present ? "absent" : "present");
		return;
	}
	lint_find(lint, &node->token, YARA_LINT_contradiction,
		"%s%.*s must be %.*s here and %.*s elsewhere, so this part never holds; take one "
		"of the two out, or join them with 'or'",
		spelling.at[0] == '$' ? "the count of " : "", TEXT_PRINT(spelling),
		TEXT_PRINT(values_told(asked, number->hexadecimal, lint->arena)),
		TEXT_PRINT(values_told(known, number->hexadecimal, lint->arena)));
}

static bool tired(struct walk *walk, const struct facts *facts)
{
	walk->work -= (int64_t)facts->n + 1;
	return walk->work < 0;
}

static void restrict_number(struct walk *walk, const struct yara_node *node, struct facts *facts,
	const struct number *number, const struct values *values)
{
	struct values known;

	if (tired(walk, facts))
		return;
	known = *facts_values(facts, number);
	facts_restrict(facts, number, values);
	if (facts->never && !walk->quiet && !number_is_never(number, values))
		contradiction_tell(walk, node, number, &known, values);
}

static void assume(struct walk *walk, const struct yara_node *node, bool holds,
	struct facts *facts);

/* How early an operand is looked at: those that say most about numbers first. */
static unsigned rank(const struct yara_node *node)
{
	if (node->calls || node->kind == NODE_for_in || node->kind == NODE_for_of)
		return 2;
	if (node->kind == NODE_not)
		return rank(node->first);
	return node->kind == NODE_or || node->kind == NODE_and || node->kind == NODE_of;
}

static void assume_all(struct walk *walk, const struct yara_node *node, bool hold,
	struct facts *facts)
{
	for (unsigned turn = 0; turn < 3; turn++)
		for (const struct yara_node *each = node->first; each; each = each->next) {
			if (facts->never)
				return;
			if (rank(each) == turn)
				assume(walk, each, hold, facts);
		}
}

static void assume_any(struct walk *walk, const struct yara_node *node, bool hold,
	struct facts *facts)
{
	until_return(facts_clear) struct facts joined = {.never = true};

	for (const struct yara_node *each = node->first; each; each = each->next) {
		until_return(facts_clear) struct facts branch = {0};

		if (tired(walk, facts))
			return;
		walk->work -= (int64_t)facts->n * (int64_t)joined.n;
		branch = facts_copy(facts);
		assume(walk, each, hold, &branch);
		facts_join(&joined, &branch);
	}
	facts_clear(facts);
	*facts = joined;
	joined.at = NULL;
}

/* Whether a statement is true or false, never undefined. */
static bool is_defined(const struct yara_node *node)
{
	if (node->kind == NODE_not)
		return is_defined(node->first);
	return node->kind == NODE_and || node->kind == NODE_or || node->kind == NODE_truth ||
		(node->kind == NODE_string && !node->placed);
}

static void assume_compare(struct walk *walk, const struct yara_node *node, bool holds,
	struct facts *facts)
{
	const struct yara_node *a = node->first, *b = a->next;
	struct question q;
	struct values values;

	if (a->kind == NODE_number && b->kind == NODE_number) {
		values = question_values(&(struct question){.number.whole = true,
			.operator = question_operator(node->text, false),
			.constant = b->number});
		facts->never |= values_within(&(struct values){{{a->number, a->number}}, 1, false},
			&values) != holds;
		return;
	}
	if (!question_of(walk->lint->rule, node, walk->lint->arena, &q))
		return;
	if (walk->files)
		number_of_file(&q.number);
	values = holds ? question_values(&q) : question_other(&q);
	restrict_number(walk, node, facts, &q.number, &values);
}

/* A value in place of a statement: holds if it is not 0. */
static void assume_value(struct walk *walk, const struct yara_node *node, bool holds,
	struct facts *facts)
{
	struct values zero = values_between(0, 0), values = values_other(&zero);
	struct number number;

	if (node->kind == NODE_number || node->kind == NODE_truth) {
		facts->never |= (node->number != 0) != holds;
		return;
	}
	if (!number_of(walk->lint->rule, node, walk->lint->arena, &number))
		return;
	if (walk->files)
		number_of_file(&number);
	zero.undefined = true;
	restrict_number(walk, node, facts, &number, holds ? &values : &zero);
}

static void assume_string(struct walk *walk, const struct yara_node *node, bool holds,
	struct facts *facts)
{
	struct number number = number_of_string(walk->lint->rule, node, walk->lint->arena);
	struct values values = holds ? values_between(1, INT64_MAX) : values_between(0, 0);

	if (holds || !node->placed)
		restrict_number(walk, node, facts, &number, &values);
}

static bool can_be(const struct facts *facts, const struct yara_pattern *string, bool present)
{
	struct number number = number_of_pattern(string);
	struct values wanted = present ? values_between(1, INT64_MAX) : values_between(0, 0);
	struct values left = values_both(facts_values(facts, &number), &wanted);

	return !values_none(&left);
}

/* At least so many of the strings are present, or absent. */
static void assume_count(struct walk *walk, const struct yara_node *node, uint64_t needed,
	bool present, const struct yara_pattern *const *strings, size_t n, struct facts *facts)
{
	struct values values = present ? values_between(1, INT64_MAX) : values_between(0, 0);
	size_t possible = 0;

	for (size_t i = 0; i < n && !tired(walk, facts); i++)
		possible += can_be(facts, strings[i], present);
	if (walk->work < 0 || possible > needed)
		return;
	if (possible < needed) {
		facts->never = true;
		if (!walk->quiet && needed <= n)
			lint_find(walk->lint, &node->token, YARA_LINT_contradiction,
				"%zu of these strings must be %s here, but the condition leaves "
				"only %zu, so this part never holds; take one of the two out",
				(size_t)needed, present ? "present" : "absent", possible);
		return;
	}
	for (size_t i = 0; i < n && !tired(walk, facts); i++)
		if (can_be(facts, strings[i], present)) {
			struct number number = number_of_pattern(strings[i]);

			facts_restrict(facts, &number, &values);
		}
}

static void assume_of(struct walk *walk, const struct yara_node *node, bool holds,
	struct facts *facts)
{
	until_return(memory_free) const struct yara_pattern **strings =
		memory_resize(NULL, SET_MAX, sizeof(struct yara_pattern *));
	size_t n = set_strings(walk->lint->rule, node, strings, &walk->work);
	uint64_t needed = set_needed(node, n);
	bool present = holds != (node->quantity == QUANTITY_none);

	if (!n || !needed || (node->placed && !present))
		return;
	if (present)
		assume_count(walk, node, needed, true, strings, n, facts);
	else if (needed <= n)
		assume_count(walk, node, n - needed + 1, false, strings, n, facts);
}

/* The body by itself: what it knows of the variables of the loop is not true outside. */
static void assume_loop(struct walk *walk, const struct yara_node *node, bool holds,
	struct facts *facts)
{
	until_return(facts_clear) struct facts body = {0};
	bool once = node->quantity == QUANTITY_any ||
		(node->quantity == QUANTITY_number && set_needed(node, 1)) ||
		(node->quantity == QUANTITY_all && node->kind == NODE_for_of);

	assume(walk, node->first, true, &body);
	if (holds && once && body.never)
		facts->never = true;
}

static bool is_bounded(const struct walk *walk, const struct facts *facts)
{
	const struct number filesize = {.spelling = TEXT("filesize"), .natural = values_all()};
	const struct values *values = facts_values(facts, &filesize);

	return walk->bounded || (values->n && values->at[values->n - 1].high < INT64_MAX);
}

/* hash.md5(0, filesize), math.entropy(0, filesize) ... */
static bool reads_whole_file(const struct yara_node *call)
{
	const struct yara_node *function = call->first, *from = function->next;

	return function->kind == NODE_member && function->first->kind == NODE_name &&
		(text_is(function->first->text, "hash") ||
			text_is(function->first->text, "math")) &&
		from && from->kind == NODE_number && from->number == 0 && from->next &&
		from->next->kind == NODE_filesize;
}

static void calls_find(struct walk *walk, const struct yara_node *node)
{
	const struct yara_node *function = node->first;

	if (!node->calls)
		return;
	if (node->kind == NODE_call && reads_whole_file(node))
		lint_find(walk->lint, &node->token, YARA_LINT_no_size_bound,
			"%.*s.%.*s reads the whole file, however large; ask for a size first, "
			"such as 'filesize < 10MB and'", TEXT_PRINT(function->first->text),
			TEXT_PRINT(function->text));
	for (const struct yara_node *operand = node->first; operand; operand = operand->next)
		calls_find(walk, operand);
}

static void assume_not(struct walk *walk, const struct yara_node *node, bool holds,
	struct facts *facts)
{
	if (holds || is_defined(node->first))
		assume(walk, node->first, !holds, facts);
}

static void assume(struct walk *walk, const struct yara_node *node, bool holds,
	struct facts *facts)
{
	bool bounded = walk->bounded;

	if (facts->never || walk->work < 0)
		return;
	switch (node->kind) {
	case NODE_and:
	case NODE_or:
		if ((node->kind == NODE_and) == holds)
			assume_all(walk, node, holds, facts);
		else
			assume_any(walk, node, holds, facts);
		return;
	case NODE_not:
		assume_not(walk, node, holds, facts);
		return;
	case NODE_for_of:
	case NODE_for_in:
		walk->bounded = is_bounded(walk, facts);
		assume_loop(walk, node, holds, facts);
		walk->bounded = bounded;
		return;
	case NODE_of:
		assume_of(walk, node, holds, facts);
		return;
	case NODE_string:
		assume_string(walk, node, holds, facts);
		return;
	case NODE_compare:
		assume_compare(walk, node, holds, facts);
		break;
	case NODE_defined:
	case NODE_likeness:
		break;
	default:
		assume_value(walk, node, holds, facts);
	}
	if (!walk->quiet && !is_bounded(walk, facts))
		calls_find(walk, node);
}

void lint_truth(struct lint *lint)
{
	const struct yara_rule *rule = lint->rule;
	until_return(facts_clear) struct facts holds = {0}, fails = {0};
	struct walk walk = {.lint = lint, .work = WORK_MAX};

	assume(&walk, rule->condition, true, &holds);
	if (holds.never)
		lint_find(lint, &rule->condition->token, YARA_LINT_never,
			"the condition can never be true, so the rule finds nothing; correct it, "
			"or remove the rule");
	walk = (struct walk){.lint = lint, .work = WORK_MAX, .quiet = true, .files = true};
	assume(&walk, rule->condition, false, &fails);
	if (fails.never)
		lint_find(lint, &rule->condition->token, YARA_LINT_always,
			"the condition is true for every file; ask for what tells the file from "
			"others");
}
