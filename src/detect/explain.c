// SPDX-License-Identifier: Apache-2.0
// Rules in plain words.

#include <math.h>

#include "base/own.h"
#include "detect/explain.h"
#include "detect/rules_private.h"

struct writer {
	const struct rule_set *set;
	FILE *out;
	struct matcher *matcher; /* of a record that is explained too, or NULL */
};

enum { VALUE_SHOWN = 100, VALUES_SHOWN = 3 };

static const char *const comparisons[] = {"is", "is less than", "is at most", "is greater than",
	"is at least"};
static const char *const parts[] = {"minute", "hour", "day", "week", "month", "year"};
static const char *const questions[] = {
	[OPERATION_equal] = "is",
	[OPERATION_starts] = "begins with",
	[OPERATION_ends] = "ends with",
	[OPERATION_contains] = "contains",
	[OPERATION_pattern] = "has the form",
	[OPERATION_regex] = "fits the regular expression",
	[OPERATION_cidr] = "is in the network",
	[OPERATION_exists] = "is there, perhaps empty",
	[OPERATION_null] = "is absent",
	[OPERATION_present] = "is there",
	[OPERATION_empty] = "is the empty text",
};

static void text_put(struct writer *w, struct text text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c < 0x20 || c == 0x7f)
			fprintf(w->out, "\\x%02x", c);
		else
			putc(c, w->out);
	}
}

static void field_put(struct writer *w, uint32_t field)
{
	if (field == FIELD_KEYWORDS)
		fputs("any field", w->out);
	else
		text_put(w, w->set->names.at[field].name);
}

static void view_put(struct writer *w, const struct predicate *p)
{
	bool has_case = p->view == VIEW_raw || p->view == VIEW_raw_dash;

	if (!operation_is_plain(p->operation) && p->operation != OPERATION_pattern)
		return;
	if (has_case)
		fputs(" (upper and lower case differ)", w->out);
	if (p->view >= VIEW_raw_dash)
		fputs(" (all dashes and '/' are one)", w->out);
}

static void predicate_put(struct writer *w, uint32_t number)
{
	const struct predicate *p = w->set->predicates.at + number;

	if (p->operation == OPERATION_time)
		fprintf(w->out, "the %s of ", parts[p->part]);
	field_put(w, p->field);
	putc(' ', w->out);
	switch (p->operation) {
	case OPERATION_number:
	case OPERATION_time:
		fprintf(w->out, "%s ", comparisons[p->comparison]);
		text_put(w, p->text);
		break;
	case OPERATION_reference:
		fprintf(w->out, "%s the value of ", questions[p->place]);
		field_put(w, p->other);
		break;
	case OPERATION_exists:
	case OPERATION_null:
	case OPERATION_present:
	case OPERATION_empty:
		fputs(questions[p->operation], w->out);
		break;
	default:
		fprintf(w->out, "%s '", questions[p->operation]);
		text_put(w, p->written);
		putc('\'', w->out);
		view_put(w, p);
	}
	putc('\n', w->out);
}

static void indent(struct writer *w, unsigned depth)
{
	fprintf(w->out, "  %*s", (int)(2 * depth), "");
}

/* What the record has in the field of a question. */
static void values_put(struct writer *w, uint32_t field, unsigned depth)
{
	struct row *row = matcher_row(w->matcher);
	uint32_t value = row_first(row, field);
	unsigned n = 0;

	if (field == FIELD_KEYWORDS)
		return;
	indent(w, depth + 3);
	field_put(w, field);
	if (!value)
		fputs(" is not in the event", w->out);
	for (; value; value = row->values[value].next, n++) {
		struct text text = row->values[value].view[VIEW_raw];

		if (n == VALUES_SHOWN) {
			fputs(" and more", w->out);
			break;
		}
		fputs(n ? ", '" : ": '", w->out);
		text_put(w, (struct text){text.at, text.n < VALUE_SHOWN ? text.n : VALUE_SHOWN});
		fputs(text.n < VALUE_SHOWN ? "'" : "...'", w->out);
	}
	putc('\n', w->out);
}

static bool answer_of(struct writer *w, const struct expression *expression)
{
	until_return(arena_clear) struct arena arena = {0};
	struct program program = program_new(expression, &w->set->predicates, &arena);

	return matcher_asks(w->matcher, &program);
}

/* The answer stands in front. */
static void answer_put(struct writer *w, const struct expression *expression, bool negated)
{
	if (w->matcher)
		fputs(answer_of(w, expression) != negated ? "[yes] " : "[no]  ", w->out);
}

static void expression_put(struct writer *w, const struct expression *expression, unsigned depth,
	bool negated)
{
	while (expression->kind == EXPRESSION_not || expression->count == 1) {
		negated ^= expression->kind == EXPRESSION_not;
		expression = expression->first;
	}
	indent(w, depth);
	answer_put(w, expression, negated);
	if (negated)
		fputs("not: ", w->out);
	if (expression->kind == EXPRESSION_leaf) {
		predicate_put(w, expression->predicate);
		if (w->matcher)
			values_put(w, w->set->predicates.at[expression->predicate].field, depth);
		return;
	}
	fputs(expression->kind == EXPRESSION_and ? "all of:\n" : "one of:\n", w->out);
	for (const struct expression *e = expression->first; e; e = e->next)
		expression_put(w, e, depth + 1, false);
}

static void need_put(void *context, uint32_t predicate)
{
	struct writer *w = context;

	indent(w, 1);
	predicate_put(w, predicate);
}

static void source_put(struct writer *w, const struct rule *rule)
{
	fputs("sees:", w->out);
	if (rule->product.n)
		fprintf(w->out, " product %.*s", SHORT(rule->product));
	if (rule->category.n)
		fprintf(w->out, " category %.*s", SHORT(rule->category));
	if (rule->service.n)
		fprintf(w->out, " service %.*s", SHORT(rule->service));
	putc('\n', w->out);
}

/* Which kinds of live events the rule meets. */
static void kinds_put(struct writer *w, const struct rules *rules, const struct rule *rule)
{
	const struct sigma_rule *sigma = rules->set.at[rule->number];
	bool some = false;

	fputs("live events:", w->out);
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		const struct partition *p = rules->kinds[kind];

		if (!p || !(p->set[sigma->source / 64] >> sigma->source % 64 & 1))
			continue;
		fprintf(w->out, " %s", kinds[kind].name);
		some = true;
	}
	fputs(some ? "\n" : " none; only recorded ones\n", w->out);
}

static void plan_put(struct writer *w, const struct rule *rule, const struct plan *plan)
{
	switch (rule->action) {
	case ACTION_none:
		fputs("action: none, it only detects\n", w->out);
		return;
	case ACTION_kill:
		fputs("action: kill, after detection\n", w->out);
		return;
	case ACTION_deny:
		break;
	}
	if (plan->why_not[rule->number])
		fprintf(w->out, "action: deny; the kernel cannot decide it: %s\n",
			plan->why_not[rule->number]);
	else
		fputs("action: deny; the kernel decides it\n", w->out);
	if (rule->names_protected)
		fputs("  it names init, sshd or a package manager, which are else never stopped\n",
			w->out);
}

bool rule_is_indexed(const struct rules *rules, const struct rule *rule)
{
	return !isinf(expression_cost(rules->set.at[rule->number]->expression, false,
		&rules->set.predicates));
}

/* What a correlation does with the events of its rules. */
static void correlation_put(struct writer *w, const struct correlation *c)
{
	static const char *const bounds[] = {"over", "at least", "under", "at most", "exactly",
		"other than"};

	fprintf(w->out, "several events together: %s within %lld s\n", correlation_type_name(c),
		(long long)(c->timespan / 1000000000));
	for (unsigned m = 0; m < c->member_count; m++)
		fprintf(w->out, "  of: %.*s\n", (int)c->members[m]->rule.title.n,
			c->members[m]->rule.title.at);
	for (size_t g = 0; g < c->groups.n; g++)
		fprintf(w->out, "  with the same: %.*s\n", (int)c->groups.at[g].n,
			c->groups.at[g].at);
	for (size_t f = 0; f < c->fields.n; f++)
		fprintf(w->out, "  counts: %.*s\n", (int)c->fields.at[f].n, c->fields.at[f].at);
	if (c->type == CORRELATION_value_percentile)
		fprintf(w->out, "  percentile: %g\n", c->percentile);
	for (unsigned i = 0; i < c->bound_count; i++)
		fprintf(w->out, "  %s: %g\n", bounds[c->bounds[i].how], c->bounds[i].value);
	if (c->written.n)
		fprintf(w->out, "  condition: %.*s\n", (int)c->written.n, c->written.at);
	fprintf(w->out, "  its rules are %s\n", c->generate ? "told too" :
		"not told by themselves, unless they deny or kill");
}

/* The correlations that a rule counts in. */
static void memberships_put(struct writer *w, const struct sigma_rule *rule)
{
	for (const struct membership *m = rule->memberships; m; m = m->next)
		fprintf(w->out, "counts in: %.*s\n", (int)m->correlation->rule->rule.title.n,
			m->correlation->rule->rule.title.at);
}

void rule_explain(const struct rules *rules, const struct rule *rule, const struct plan *plan,
	FILE *out)
{
	struct writer w = {&rules->set, out, NULL};
	const struct expression *expression = rules->set.at[rule->number]->expression;

	fprintf(out, "%.*s\n", (int)rule->title.n, rule->title.at);
	fprintf(out, "id: %.*s\nfile: %.*s:%u\n", (int)rule->id.n, rule->id.at ? rule->id.at : "",
		(int)rule->file.n, rule->file.at, rule->line);
	memberships_put(&w, rules->set.at[rule->number]);
	if (rules->set.at[rule->number]->correlation) {
		correlation_put(&w, rules->set.at[rule->number]->correlation);
		return;
	}
	source_put(&w, rule);
	kinds_put(&w, rules, rule);
	fputs("asks for:\n", out);
	expression_put(&w, expression, 0, false);
	if (rule_is_indexed(rules, rule)) {
		fputs("found by one of:\n", out);
		expression_needs(expression, false, &rules->set.predicates, need_put, &w);
	} else {
		fputs("found by: no plain text that must be there, so every event of its kind is "
			"asked in full\n", out);
	}
	plan_put(&w, rule, plan);
}

void rule_explain_record(struct matcher *matcher, const struct rule *rule,
	const struct record *record, FILE *out)
{
	const struct rules *rules = matcher_rules(matcher);
	const struct sigma_rule *sigma = rules->set.at[rule->number];
	struct writer w = {&rules->set, out, matcher};
	bool meets;

	fprintf(out, "%.*s\n", (int)rule->title.n, rule->title.at);
	if (sigma->correlation) {
		fputs("is about several events together; ask about its rules\n", out);
		return;
	}
	meets = matcher_meets(matcher, record, sigma);
	source_put(&w, rule);
	if (!meets)
		fputs("the event is of another source: the rule is never asked about it\n", out);
	fprintf(out, "%s\n", !answer_of(&w, sigma->expression) ? "does not match, since:" :
		meets ? "matches, since:" : "would match, since:");
	expression_put(&w, sigma->expression, 0, false);
}
