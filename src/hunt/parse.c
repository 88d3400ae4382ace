// SPDX-License-Identifier: Apache-2.0
// A question becomes a tree, by recursive descent; the first mistake ends it.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/own.h"
#include "detect/sigma/cidr.h"
#include "detect/sigma/fold.h"
#include "detect/sigma/pattern.h"
#include "detect/sigma/regex.h"
#include "hunt/field.h"
#include "hunt/lex.h"
#include "hunt/query.h"

#define TEXT_ARGS(text) ((int)((text).n > 60 ? 60 : (text).n)), (text).at

struct parser {
	struct hunt_lexer lexer;
	struct arena *arena;
	struct hunt_query *query;
	struct hunt_mistake *mistake;
	event_time now;
	unsigned depth, terms;
	unsigned inside; /* of parentheses, brackets or `not`: no times there */
	unsigned times; /* ranges of time that were read */
	bool failed;
};

static const struct hunt_expr *expr_parse(struct parser *p);

/* Always NULL; the first mistake counts. */
static void *mistake_at(struct parser *p, size_t at, size_t n, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void *mistake_at(struct parser *p, size_t at, size_t n, const char *format, ...)
{
	va_list args;

	if (p->failed)
		return NULL;
	p->failed = true;
	p->mistake->at = at;
	p->mistake->n = n ? n : 1;
	va_start(args, format);
	vsnprintf(p->mistake->sentence, sizeof p->mistake->sentence, format, args);
	va_end(args);
	return NULL;
}

#define mistake(p, ...) mistake_at(p, (p)->lexer.token.at, (p)->lexer.token.n, __VA_ARGS__)

static void next(struct parser *p)
{
	hunt_next(&p->lexer);
	if (p->lexer.token.kind == TOKEN_bad)
		mistake(p, "%.*s", (int)p->lexer.token.text.n, p->lexer.token.text.at);
}

static bool at(const struct parser *p, const char *text)
{
	return !p->failed && hunt_at(&p->lexer, text);
}

static bool take(struct parser *p, const char *text)
{
	if (!at(p, text))
		return false;
	next(p);
	return true;
}

static bool want(struct parser *p, const char *text, const char *after)
{
	if (take(p, text))
		return true;
	mistake(p, "'%s' is missing %s", text, after);
	return false;
}

static bool is_value(const struct parser *p)
{
	return p->lexer.token.kind == TOKEN_word || p->lexer.token.kind == TOKEN_string;
}

/* Fields */

static void field_unknown(struct parser *p, struct text name)
{
	size_t n = field_count + HUNT_FRAME_NAMES, count = 0;
	until_return(memory_free) const char **names = memory_new(2 * n * sizeof *names);
	until_return(memory_free) char *given = memory_new(name.n + 1);
	const char *meant;

	memcpy(given, name.at, name.n);
	for (size_t i = 0; i < field_count; i++) {
		names[count++] = fields[i].json;
		if (*fields[i].sigma)
			names[count++] = fields[i].sigma;
	}
	for (size_t i = 0; i < HUNT_FRAME_NAMES; i++)
		names[count++] = hunt_frame_names[i];
	meant = nearest(given, names, count);
	if (meant)
		mistake(p, "no field is called '%.*s'; did you mean '%s'", TEXT_ARGS(name),
			meant);
	else
		mistake(p, "no field is called '%.*s' (see `saker fields`)", TEXT_ARGS(name));
}

/* The field at hand is taken; of `name:value` only the name. */
static bool field_take(struct parser *p, struct hunt_field *field)
{
	struct text name = p->lexer.token.text;
	const char *colon;

	if (p->lexer.token.kind != TOKEN_word) {
		mistake(p, "a field is expected here, as process.name (see `saker fields`)");
		return false;
	}
	colon = memchr(name.at, ':', name.n);
	if (colon) {
		name.n = (size_t)(colon - name.at);
		p->lexer.at = p->lexer.token.at + name.n;
		p->lexer.token.n = name.n;
	}
	if (!hunt_field_find(name, field)) {
		field_unknown(p, name);
		return false;
	}
	next(p);
	return true;
}

static size_t fields_take(struct parser *p, struct hunt_field *list, size_t max)
{
	size_t n = 0;

	do {
		if (n == max) {
			mistake(p, "more than %zu fields are named here", max);
			return 0;
		}
		if (!field_take(p, &list[n++]))
			return 0;
	} while (take(p, ","));
	return n;
}

/* Values */

static struct text folded(struct parser *p, struct text text)
{
	char *out = arena_alloc(p->arena, fold_room(text.n));

	return (struct text){out, fold(out, text)};
}

static bool regex_make(struct parser *p, struct hunt_value *value)
{
	struct hunt_query *query = p->query;
	struct error err;
	struct regex *regex = regex_new(value->text, false, false, true, &err);

	if (!regex) {
		mistake(p, "%s", err.text);
		return false;
	}
	query->regexes = memory_resize(
		query->regexes, query->regex_count + 1, sizeof *query->regexes);
	query->regexes[query->regex_count++] = regex;
	value->made = regex;
	return true;
}

static bool kind_check(struct parser *p, struct text text)
{
	const char *names[EVENT_KINDS], *meant;
	until_return(memory_free) char *given = NULL;

	if (kind_by_name(text) != EVENT_KINDS)
		return true;
	given = memory_new(text.n + 1);
	if (text.n)
		memcpy(given, text.at, text.n);
	for (size_t i = 0; i < EVENT_KINDS; i++)
		names[i] = kinds[i].name;
	meant = nearest(given, names, EVENT_KINDS);
	if (meant)
		mistake(p, "no kind of event is called '%.*s'; did you mean '%s'",
			TEXT_ARGS(text), meant);
	else
		mistake(p, "no kind of event is called '%.*s' (see `saker schema`)",
			TEXT_ARGS(text));
	return false;
}

/* Numbers and times as such; a text that must have a form is checked. */
static bool value_check(struct parser *p, const struct hunt_field *field, enum hunt_op op,
	struct hunt_value *value)
{
	struct text name = field->name;
	char buffer[FIELD_BUFFER];
	struct address address;

	switch (field->type) {
	case FIELD_number:
		if (text_number(value->text, &value->number))
			return true;
		mistake(p, "%.*s is a number, '%.*s' is none", TEXT_ARGS(name),
			TEXT_ARGS(value->text));
		return false;
	case FIELD_time:
		if (hunt_time(value->text, p->now, false, &value->number))
			return true;
		mistake(p,
			"'%.*s' is no time; write 2015-09-26, 2015-09-26T10:00, or how long ago, "
			"as 2h",
			TEXT_ARGS(value->text));
		return false;
	case FIELD_flag:
		value->number = text_is(value->text, "true");
		if (value->number || text_is(value->text, "false"))
			return true;
		mistake(p, "%.*s is true or false, not '%.*s'", TEXT_ARGS(name),
			TEXT_ARGS(value->text));
		return false;
	case FIELD_address:
		if (op != OP_equal && op != OP_unequal && op != OP_in)
			return true;
		if (address_read(value->text, &address)) {
			value->text =
				arena_copy(p->arena, address_text(address, buffer));
			return true;
		}
		mistake(p, "'%.*s' is no address; for a network write cidr, for a part contains",
			TEXT_ARGS(value->text));
		return false;
	default: break;
	}
	if (field->owner == OWNER_kind && (op == OP_equal || op == OP_unequal || op == OP_in))
		return kind_check(p, value->text);
	return true;
}

static bool value_make(struct parser *p, const struct hunt_field *field, enum hunt_op op,
	struct hunt_value *value)
{
	struct pattern *pattern;
	struct cidr *cidr;

	switch (op) {
	case OP_like:
		pattern = arena_alloc(p->arena, sizeof *pattern);
		*pattern = pattern_read(folded(p, value->text), false, false, p->arena);
		value->made = pattern;
		return true;
	case OP_contains:
	case OP_starts:
	case OP_ends:
		value->text = folded(p, value->text);
		return true;
	case OP_matches: return regex_make(p, value);
	case OP_cidr:
		cidr = arena_alloc(p->arena, sizeof *cidr);
		if (!cidr_read(value->text, cidr)) {
			mistake(p, "'%.*s' is no network; write one as 10.0.0.0/8 or fe80::/10",
				TEXT_ARGS(value->text));
			return false;
		}
		value->made = cidr;
		return true;
	default: return value_check(p, field, op, value);
	}
}

static bool value_take(struct parser *p, const struct hunt_field *field, enum hunt_op op,
	struct hunt_value *value)
{
	if (!is_value(p)) {
		mistake(p, "a value is expected here; put what holds blanks or signs in quotes");
		return false;
	}
	value->text = arena_copy(p->arena, p->lexer.token.text);
	if (!value->text.at)
		value->text = TEXT("");
	if (!value_make(p, field, op, value))
		return false;
	next(p);
	return !p->failed;
}

static bool values_take(struct parser *p, struct hunt_expr *expr)
{
	struct hunt_value *values;
	size_t size = 4;

	if (expr->op != OP_in && !(expr->op == OP_cidr && at(p, "("))) {
		values = arena_new(p->arena, struct hunt_value);
		expr->values = values;
		expr->count = 1;
		return value_take(p, &expr->field, expr->op, values);
	}
	if (!want(p, "(", "before the values, as in (a, b)"))
		return false;
	values = arena_zero(p->arena, size * sizeof *values);
	do {
		if (expr->count == HUNT_VALUES) {
			mistake(p, "more than %d values are named here", HUNT_VALUES);
			return false;
		}
		if (expr->count == size) {
			struct hunt_value *more = arena_zero(p->arena, 2 * size * sizeof *more);

			memcpy(more, values, size * sizeof *values);
			values = more;
			size *= 2;
		}
		if (!value_take(p, &expr->field, expr->op, &values[expr->count++]))
			return false;
	} while (take(p, ","));
	expr->values = values;
	return want(p, ")", "behind the values");
}

/* Comparisons */

static const struct {
	const char *text;
	enum hunt_op op;
} ops[] = {
	{"=", OP_equal},
	{"==", OP_equal},
	{"!=", OP_unequal},
	{"<", OP_less},
	{"<=", OP_at_most},
	{">", OP_more},
	{">=", OP_at_least},
	{":", OP_like},
	{"contains", OP_contains},
	{"startswith", OP_starts},
	{"endswith", OP_ends},
	{"matches", OP_matches},
	{"in", OP_in},
	{"cidr", OP_cidr},
	{"exists", OP_exists},
};

static bool op_take(struct parser *p, enum hunt_op *op)
{
	const char *names[array_size(ops)], *meant;
	char given[16];

	for (size_t i = 0; i < array_size(ops); i++)
		if (take(p, ops[i].text)) {
			*op = ops[i].op;
			return true;
		}
	if (p->failed)
		return false;
	for (size_t i = 0; i < array_size(ops); i++)
		names[i] = ops[i].text;
	snprintf(given, sizeof given, "%.*s", TEXT_ARGS(p->lexer.token.text));
	meant = p->lexer.token.kind == TOKEN_word ? nearest(given, names, array_size(ops)) : NULL;
	if (meant)
		mistake(p, "'%s' is no comparison; did you mean '%s'", given, meant);
	else
		mistake(p, "a comparison is expected here: = != < <= > >= : contains startswith "
			   "endswith matches in cidr exists");
	return false;
}

/* Texts have no order here, and numbers no parts. */
static bool op_fits(struct parser *p, const struct hunt_expr *expr, const struct hunt_token *where)
{
	bool number = expr->field.type == FIELD_number || expr->field.type == FIELD_time;
	bool ordered = expr->op >= OP_less && expr->op <= OP_at_least;
	bool plain = expr->op == OP_equal || expr->op == OP_unequal || expr->op == OP_in ||
		expr->op == OP_exists;
	struct text name = expr->field.name;

	if (plain || (number && ordered))
		return true;
	if (expr->field.type == FIELD_flag || number)
		mistake_at(p, where->at, where->n, "%.*s is %s; compare it by %s",
			TEXT_ARGS(name),
			number ? expr->field.type == FIELD_time ? "a time" : "a number"
			       : "true or false",
			number ? "= != < <= > >= in" : "= or !=");
	else if (ordered)
		mistake_at(p, where->at, where->n,
			"%.*s is a text, which is neither more nor less than another",
			TEXT_ARGS(name));
	else if (expr->op == OP_cidr && expr->field.type != FIELD_address)
		mistake_at(p, where->at, where->n, "%.*s is no address", TEXT_ARGS(name));
	return !p->failed;
}

static struct hunt_expr *expr_new(struct parser *p, enum hunt_kind kind)
{
	struct hunt_expr *expr = arena_new(p->arena, struct hunt_expr);

	expr->kind = kind;
	if (++p->terms > HUNT_TERMS)
		mistake(p, "the question has more than %d parts", HUNT_TERMS);
	return expr;
}

static const struct hunt_expr *compare_parse(struct parser *p)
{
	struct hunt_expr *expr = expr_new(p, EXPR_compare);
	struct hunt_token where;

	if (!field_take(p, &expr->field))
		return NULL;
	where = p->lexer.token;
	if (!op_take(p, &expr->op))
		return NULL;
	/* a number has neither case nor wildcards */
	if (expr->op == OP_like && expr->field.type != FIELD_text &&
		expr->field.type != FIELD_id && expr->field.type != FIELD_address)
		expr->op = OP_equal;
	if (!op_fits(p, expr, &where))
		return NULL;
	if (expr->op == OP_exists)
		return expr;
	return values_take(p, expr) ? expr : NULL;
}

/* `last 2h`, `from TIME`, `to TIME`; true if it was one. */
static bool time_parse(struct parser *p)
{
	bool last = at(p, "last"), from = at(p, "from"), to = at(p, "to");
	event_time time;
	int64_t ago;

	if (!last && !from && !to)
		return false;
	if (p->inside) {
		mistake(p, "a range of time is for the whole question; put it outside of "
			   "parentheses, brackets and `not`");
		return true;
	}
	next(p);
	p->times++;
	if (last) {
		if (!is_value(p) || !hunt_duration(p->lexer.token.text, &ago)) {
			mistake(p, "how long? write 30m, 2h, 1d or 2w");
			return true;
		}
		time = p->now - ago;
	} else if (!is_value(p) || !hunt_time(p->lexer.token.text, p->now, to, &time)) {
		mistake(p, "a time is expected here: 2015-09-26, 2015-09-26T10:00, or how long "
			   "ago, as 2h");
		return true;
	}
	if (to)
		p->query->to = time;
	else
		p->query->from = time;
	next(p);
	return true;
}

static const struct hunt_expr *enclosed(struct parser *p, const char *open, const char *close)
{
	const struct hunt_expr *expr;

	if (!want(p, open, "here"))
		return NULL;
	if (++p->depth > HUNT_DEPTH)
		return mistake(p, "it is nested more than %d deep", HUNT_DEPTH);
	p->inside++;
	expr = expr_parse(p);
	p->inside--;
	p->depth--;
	if (!expr)
		return mistake(p, "something is expected between '%s' and '%s'", open, close);
	return want(p, close, "behind this") ? expr : NULL;
}

static const struct hunt_expr *relation_parse(struct parser *p, enum hunt_kind kind)
{
	struct hunt_expr *expr = expr_new(p, kind);

	next(p);
	if (!want(p, "of", "here: write `descendant of (...)` or `ancestor of (...)`"))
		return NULL;
	if (p->query->set_count == HUNT_SETS)
		return mistake(p,
			"`descendant of` and `ancestor of` stand here more than %d times",
			HUNT_SETS);
	/* those inside come first, and are known when this one is looked for */
	expr->first = (struct hunt_expr *)enclosed(p, "(", ")");
	if (!expr->first)
		return NULL;
	if (p->query->set_count == HUNT_SETS)
		return mistake(p,
			"`descendant of` and `ancestor of` stand here more than %d times",
			HUNT_SETS);
	expr->set = p->query->set_count;
	p->query->sets[p->query->set_count++] = expr;
	return expr;
}

static const struct hunt_expr *term_parse(struct parser *p)
{
	struct hunt_expr *expr;

	if (take(p, "not")) {
		expr = expr_new(p, EXPR_not);
		if (++p->depth > HUNT_DEPTH)
			return mistake(p, "it is nested more than %d deep", HUNT_DEPTH);
		p->inside++;
		expr->first = (struct hunt_expr *)term_parse(p);
		p->inside--;
		p->depth--;
		return expr->first ? expr
				   : mistake(p, "something is expected behind `not`");
	}
	if (at(p, "("))
		return enclosed(p, "(", ")");
	if (at(p, "descendant"))
		return relation_parse(p, EXPR_descendant);
	if (at(p, "ancestor"))
		return relation_parse(p, EXPR_ancestor);
	if (time_parse(p))
		return NULL;
	return compare_parse(p);
}

/* A list of operands; the operand alone where there is one, NULL where there is none. */
static const struct hunt_expr *list_end(
	struct parser *p, enum hunt_kind kind, struct hunt_expr *first, size_t n)
{
	struct hunt_expr *list;

	if (n < 2)
		return first;
	list = expr_new(p, kind);
	list->first = first;
	return list;
}

/*
 * An operand may be in a list already (in parentheses): what is linked here is a copy of its
 * head.
 */
static void list_add(struct parser *p, struct hunt_expr ***last, const struct hunt_expr *expr)
{
	struct hunt_expr *copy = arena_alloc(p->arena, sizeof *copy);

	*copy = *expr;
	copy->next = NULL;
	/* a set is named by the expression that stands in the tree */
	if (copy->kind == EXPR_descendant || copy->kind == EXPR_ancestor)
		p->query->sets[copy->set] = copy;
	**last = copy;
	*last = &copy->next;
}

static const struct hunt_expr *and_parse(struct parser *p)
{
	struct hunt_expr *first = NULL, **last = &first;
	size_t n = 0;

	do {
		const struct hunt_expr *expr = term_parse(p);

		if (p->failed)
			return NULL;
		if (expr) {
			list_add(p, &last, expr);
			n++;
		}
	} while (take(p, "and"));
	return list_end(p, EXPR_and, first, n);
}

static const struct hunt_expr *expr_parse(struct parser *p)
{
	struct hunt_expr *first = NULL, **last = &first;
	unsigned times = p->times;
	size_t n = 0, operands = 0;

	do {
		const struct hunt_expr *expr = and_parse(p);

		if (p->failed)
			return NULL;
		operands++;
		if (expr) {
			list_add(p, &last, expr);
			n++;
		}
		if (at(p, "or") && p->times != times)
			return mistake(p, "a range of time is for the whole question; put "
					  "parentheses around what stands on both sides of `or`");
	} while (take(p, "or"));
	if (operands > 1 && p->times != times)
		return mistake(p, "a range of time is for the whole question; put parentheses "
				  "around what stands on both sides of `or`");
	return list_end(p, EXPR_or, first, n);
}

/* Sequences */

static void sequence_parse(struct parser *p)
{
	struct hunt_sequence *sequence = arena_new(p->arena, struct hunt_sequence);

	next(p);
	if (take(p, "by"))
		sequence->by_count = fields_take(p, sequence->by, HUNT_KEYS);
	if (take(p, "within")) {
		if (!is_value(p) || !hunt_duration(p->lexer.token.text, &sequence->within))
			mistake(p, "how long? write 30s, 5m or 2h");
		next(p);
	}
	while (at(p, "[")) {
		if (sequence->step_count == HUNT_STEPS)
			mistake(p, "a sequence has at most %d steps", HUNT_STEPS);
		else
			sequence->steps[sequence->step_count++] = enclosed(p, "[", "]");
	}
	if (!p->failed && sequence->step_count < 2)
		mistake(p, "a sequence has two or more steps, each in brackets: "
			   "sequence by user.name within 5m [a] [b]");
	if (take(p, "until"))
		sequence->until = enclosed(p, "[", "]");
	while (take(p, "and"))
		if (!time_parse(p))
			mistake(p, "behind a sequence only a range of time may stand; put "
				   "conditions into its brackets");
	p->query->sequence = sequence;
}

/* Stages */

static bool number_take(struct parser *p, int64_t least, int64_t most, int64_t *number)
{
	if (is_value(p) && text_number(p->lexer.token.text, number) && *number >= least &&
		*number <= most) {
		next(p);
		return true;
	}
	mistake(p, "a number from %lld to %lld is expected here", (long long)least,
		(long long)most);
	return false;
}

static bool is_table(enum hunt_stage_kind kind)
{
	return kind > STAGE_last;
}

static void stage_fill(struct parser *p, struct hunt_stage *stage)
{
	int64_t span;

	switch (stage->kind) {
	case STAGE_first:
	case STAGE_last: number_take(p, 1, 1000000, &stage->n); break;
	case STAGE_fields:
		stage->field_count = fields_take(p, stage->fields, HUNT_FIELDS);
		break;
	case STAGE_count:
		if (take(p, "by"))
			stage->field_count = fields_take(p, stage->fields, HUNT_KEYS);
		break;
	case STAGE_top:
	case STAGE_rare:
		if (number_take(p, 1, 1000000, &stage->n) && field_take(p, stage->fields))
			stage->field_count = 1;
		break;
	case STAGE_timeline:
		if (is_value(p) && !at(p, "by")) {
			if (!hunt_duration(p->lexer.token.text, &span))
				mistake(p, "how long is a span? write 30s, 5m, 1h or 1d");
			stage->n = span;
			next(p);
		}
		if (take(p, "by") && field_take(p, stage->fields))
			stage->field_count = 1;
		break;
	}
}

static void stages_parse(struct parser *p)
{
	static const char *const names[] = {
		[STAGE_first] = "first",
		[STAGE_last] = "last",
		[STAGE_fields] = "fields",
		[STAGE_count] = "count",
		[STAGE_top] = "top",
		[STAGE_rare] = "rare",
		[STAGE_timeline] = "timeline",
	};
	const struct hunt_stage **last = &p->query->stages;
	bool table = false;

	while (take(p, "|")) {
		struct hunt_stage *stage = arena_new(p->arena, struct hunt_stage);
		size_t i = 0;

		while (i < array_size(names) && !at(p, names[i]))
			i++;
		if (i == array_size(names)) {
			mistake(p, "behind '|' stands one of first, last, fields, count, top, "
				   "rare, timeline");
			return;
		}
		stage->kind = (enum hunt_stage_kind)i;
		if (table && stage->kind != STAGE_first) {
			mistake(p, "what comes behind '|' here is a table, of which only the "
				   "first rows can be taken (first N)");
			return;
		}
		next(p);
		stage_fill(p, stage);
		table |= is_table(stage->kind);
		*last = stage;
		last = (const struct hunt_stage **)&stage->next;
	}
}

struct hunt_query *query_parse(
	struct text text, event_time now, struct arena *arena, struct hunt_mistake *mistake)
{
	struct parser p = {.lexer = {.in = text, .arena = arena}, .arena = arena, .now = now,
		.mistake = mistake};

	*mistake = (struct hunt_mistake){0};
	p.query = arena_new(arena, struct hunt_query);
	next(&p);
	if (at(&p, "sequence"))
		sequence_parse(&p);
	else if (p.lexer.token.kind != TOKEN_end && !at(&p, "|"))
		p.query->filter = expr_parse(&p);
	if (!p.failed)
		stages_parse(&p);
	if (!p.failed && p.lexer.token.kind != TOKEN_end)
		mistake_at(&p, p.lexer.token.at, p.lexer.token.n,
			"`and`, `or` or '|' is expected here%s",
			is_value(&p) ? "; put a value that holds blanks in quotes" : "");
	if (!p.failed)
		return p.query;
	query_clear(p.query);
	return NULL;
}

void query_clear(struct hunt_query *query)
{
	for (size_t i = 0; query && i < query->regex_count; i++)
		regex_free(&query->regexes[i]);
	if (query) {
		free(query->regexes);
		query->regexes = NULL;
		query->regex_count = 0;
	}
}
