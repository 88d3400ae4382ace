// SPDX-License-Identifier: Apache-2.0
// Which deny rules the kernel can decide, and how that is said to it.

#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/plan.h"
#include "detect/rules_private.h"

enum { PLAN_BITS = 64, PLAN_CLAUSES = 128, RULE_CLAUSES = 32, IMAGE_MAX = 250, TERMS_MAX = 32,
	PLAN_WATCHED = 256 };

/* What a predicate asks of the kernel. */
enum term_kind {
	TERM_image,
	TERM_parent,
	TERM_ancestor,
	TERM_object,
	TERM_flag,
	TERM_uid,
	TERM_hash,
};

struct term {
	enum term_kind kind;
	bool negated;
	struct plan_image *images; /* one of them */
	size_t image_count;
	uint32_t number; /* flag bits, or user id */
	uint8_t sha256[32];
};

/* One way in which a rule is true: all of the terms. */
struct conjunction {
	struct term terms[TERMS_MAX];
	size_t n;
};

struct disjunction {
	struct conjunction *at; /* RULE_CLAUSES */
	size_t n;
};

struct planner {
	struct plan *plan;
	const struct rule_set *set;
	struct arena arena;
	uint32_t acts; /* of the rule at hand */
	const char *why; /* the rule at hand cannot be decided by the kernel */
};

static bool same(struct text name, const char *wanted)
{
	return name.n == strlen(wanted) && !strncasecmp(name.at, wanted, name.n);
}

static bool same_any(struct text name, const char *one, const char *other)
{
	return same(name, one) || same(name, other);
}

static const struct {
	const char *sigma, *json;
	uint32_t flag;
} flags[] = {
	{"ImageDeleted", "process.file.deleted", 1},
	{"ImageInMemory", "process.file.memfd", 2},
	{"ImageOnTmpfs", "process.file.tmpfs", 4},
	{"SetuidExec", "process.setuid_exec", 8},
};

/* A path, a name or a folder out of a plain predicate. */
static bool image_read(const struct predicate *p, struct plan_image *image)
{
	struct text value = p->written;
	bool slash_inside = value.n > 1 && memchr(value.at + 1, '/', value.n - 1);

	if (value.n < 2 || value.n > IMAGE_MAX || value.at[0] != '/' || p->view >= VIEW_raw_dash)
		return false;
	switch (p->operation) {
	case OPERATION_equal:
		image->how = PLAN_path;
		break;
	case OPERATION_ends:
		if (slash_inside)
			return false;
		image->how = PLAN_name;
		value = (struct text){value.at + 1, value.n - 1};
		break;
	case OPERATION_starts:
		if (value.at[value.n - 1] != '/')
			return false;
		image->how = PLAN_prefix;
		break;
	default:
		return false;
	}
	image->value = value;
	return true;
}

static bool flag_read(const struct predicate *p, struct text name, struct term *term)
{
	for (size_t i = 0; i < array_size(flags); i++) {
		if (!same_any(name, flags[i].sigma, flags[i].json))
			continue;
		term->kind = TERM_flag;
		term->number = flags[i].flag;
		term->negated ^= same(p->text, "false");
		return p->operation == OPERATION_equal &&
			(same(p->text, "true") || same(p->text, "false"));
	}
	return false;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hash_read(const struct predicate *p, struct term *term)
{
	struct text value = p->text;

	if (p->operation < OPERATION_equal || p->operation > OPERATION_contains)
		return false;
	if (text_starts(value, TEXT("sha256=")))
		value = (struct text){value.at + 7, value.n - 7};
	if (value.n != 64)
		return false;
	for (unsigned i = 0; i < 32; i++) {
		int high = digit(value.at[2 * i]), low = digit(value.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		term->sha256[i] = (uint8_t)(high << 4 | low);
	}
	term->kind = TERM_hash;
	return !term->negated;
}

static bool uid_read(const struct predicate *p, struct term *term)
{
	int64_t number;

	term->kind = TERM_uid;
	if (p->operation != OPERATION_equal || !text_number(p->text, &number) || number < 0 ||
	    number > UINT32_MAX || term->negated)
		return false;
	term->number = (uint32_t)number;
	return true;
}

/* Whether that is the name of what is acted upon. */
static bool is_object(const struct planner *planner, struct text name)
{
	if (planner->acts == PLAN_ACT_attach)
		return same_any(name, "TargetImage", "target.process.executable");
	return !(planner->acts & (PLAN_ACT_exec | PLAN_ACT_bpf)) &&
		(same_any(name, "TargetFilename", "file.path") ||
			(planner->acts == PLAN_ACT_module && same(name, "ImageLoaded")));
}

/* What one predicate asks; false, with planner->why set, if the kernel cannot answer it. */
static bool term_read_plan(struct planner *planner, uint32_t number, bool negated,
	struct term *term)
{
	const struct predicate *p = planner->set->predicates.at + number;
	struct text name = planner->set->names.at[p->field].name;

	*term = (struct term){.negated = negated};
	planner->why = "it asks for a form of path, or a field, that the kernel does not look at";
	if (same_any(name, "Image", "process.executable")) {
		term->kind = TERM_image;
	} else if (same(name, "ParentImage")) {
		term->kind = TERM_parent;
	} else if (same(name, "AncestorImage")) {
		term->kind = TERM_ancestor;
	} else if (is_object(planner, name)) {
		term->kind = TERM_object;
	} else {
		bool is_exec = planner->acts == PLAN_ACT_exec;

		return (is_exec && flag_read(p, name, term)) ||
			(same_any(name, "UserId", "process.user.id") && uid_read(p, term)) ||
			(is_exec && same_any(name, "Hashes", "process.hash.sha256") &&
				hash_read(p, term));
	}
	term->images = arena_new(&planner->arena, struct plan_image);
	term->image_count = 1;
	return image_read(p, term->images);
}

/*
 * Alternatives that ask for the same program, parent or ancestor under several names are one term.
 */
static void merge(struct planner *planner, struct disjunction *all)
{
	struct term *first = all->at[0].terms;
	struct plan_image *images;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct term *term = all->at[i].terms;

		if (all->at[i].n != 1 || term->kind > TERM_object || term->kind != first->kind ||
		    term->negated)
			return;
		n += term->image_count;
	}
	images = arena_alloc(&planner->arena, n * sizeof *images);
	n = 0;
	for (size_t i = 0; i < all->n; i++)
		for (size_t j = 0; j < all->at[i].terms->image_count; j++)
			images[n++] = all->at[i].terms->images[j];
	first->images = images;
	first->image_count = n;
	all->n = 1;
}

static void disjunction_clear(struct disjunction *d)
{
	free(d->at);
}

static struct disjunction disjunction_new(void)
{
	return (struct disjunction){.at = memory_new(RULE_CLAUSES * sizeof(struct conjunction))};
}

static bool too_many(struct planner *planner)
{
	planner->why = "its condition has more than 32 alternatives once it is written out";
	return false;
}

static bool either(struct planner *planner, struct disjunction *all,
	const struct disjunction *more)
{
	if (all->n == RULE_CLAUSES || all->n + more->n > RULE_CLAUSES)
		return too_many(planner);
	memcpy(all->at + all->n, more->at, more->n * sizeof *more->at);
	all->n += more->n;
	merge(planner, all);
	return true;
}

/* Every alternative of the one with every alternative of the other. */
static bool both(struct planner *planner, struct disjunction *all, const struct disjunction *more)
{
	until_return(disjunction_clear) struct disjunction product = disjunction_new();

	if (all->n * more->n > RULE_CLAUSES)
		return too_many(planner);
	for (size_t i = 0; i < all->n; i++)
		for (size_t j = 0; j < more->n; j++) {
			struct conjunction *c = product.at + product.n++;

			if (all->at[i].n + more->at[j].n > TERMS_MAX)
				return too_many(planner);
			*c = all->at[i];
			memcpy(c->terms + c->n, more->at[j].terms,
				more->at[j].n * sizeof *c->terms);
			c->n += more->at[j].n;
		}
	memcpy(all->at, product.at, product.n * sizeof *product.at);
	all->n = product.n;
	return true;
}

static bool expand(struct planner *planner, const struct expression *expression, bool negated,
	struct disjunction *result)
{
	bool is_and = (expression->kind == EXPRESSION_and) != negated;

	if (expression->kind == EXPRESSION_leaf) {
		result->n = 1;
		result->at[0].n = 1;
		return term_read_plan(planner, expression->predicate, negated,
			result->at[0].terms);
	}
	if (expression->kind == EXPRESSION_not)
		return expand(planner, expression->first, !negated, result);
	result->n = is_and;
	result->at[0].n = 0;
	for (struct expression *e = expression->first; e; e = e->next) {
		until_return(disjunction_clear) struct disjunction below = disjunction_new();

		if (!expand(planner, e, negated, &below))
			return false;
		if (is_and ? !both(planner, result, &below) : !either(planner, result, &below))
			return false;
	}
	return true;
}

/* The bit of an image, a new one if there is none yet; 0 if all are used. */
static uint64_t image_bit(struct plan *plan, const struct plan_image *image)
{
	for (size_t i = 0; i < plan->image_count; i++)
		if (plan->images[i].how == image->how &&
		    text_equal(plan->images[i].value, image->value))
			return plan->images[i].bits;
	if (plan->image_count == PLAN_BITS - 1)
		return 0;
	plan->images[plan->image_count] = *image;
	plan->images[plan->image_count].bits = UINT64_C(2) << plan->image_count;
	return plan->images[plan->image_count++].bits;
}

static bool bits_add(struct planner *planner, const struct term *term, uint64_t *any,
	uint64_t *none)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < term->image_count; i++) {
		uint64_t bit = image_bit(planner->plan, term->images + i);

		planner->why = "the kernel's 63 image bits are used up by the rules before it";
		if (!bit)
			return false;
		bits |= bit;
	}
	planner->why = "it asks for two things of one program's path at once";
	if (!term->negated && *any)
		return false;
	*(term->negated ? none : any) |= bits;
	return true;
}

static bool term_add(struct planner *planner, const struct term *term, struct plan_clause *clause)
{
	switch (term->kind) {
	case TERM_image:
		return bits_add(planner, term, &clause->image_any, &clause->image_none);
	case TERM_parent:
		return bits_add(planner, term, &clause->parent_any, &clause->parent_none);
	case TERM_ancestor:
		return bits_add(planner, term, &clause->ancestor_any, &clause->ancestor_none);
	case TERM_object:
		return bits_add(planner, term, &clause->object_any, &clause->object_none);
	case TERM_flag:
		planner->why = "it asks that a flag of the program is not set";
		clause->file_flags |= term->number;
		return !term->negated;
	case TERM_uid:
		planner->why = "it asks for two users at once";
		if (clause->uid_asked && clause->uid != term->number)
			return false;
		clause->uid_asked = true;
		clause->uid = term->number;
		return true;
	default:
		planner->why = "it asks for two hashes at once";
		if (clause->hash_asked &&
		    memcmp(clause->sha256, term->sha256, sizeof term->sha256))
			return false;
		clause->hash_asked = true;
		memcpy(clause->sha256, term->sha256, sizeof term->sha256);
		return true;
	}
}

/* All clauses of a rule, or none of them. */
static bool rule_plan(struct planner *planner, const struct sigma_rule *rule)
{
	until_return(disjunction_clear) struct disjunction ways = disjunction_new();
	struct plan *plan = planner->plan;
	size_t images = plan->image_count, clauses = plan->clause_count;

	if (!expand(planner, rule->expression, false, &ways))
		return false;
	if (clauses + ways.n > PLAN_CLAUSES) {
		planner->why = "the kernel's 128 clauses are used up by the rules before it";
		return false;
	}
	for (size_t i = 0; i < ways.n; i++) {
		struct plan_clause *clause = plan->clauses + plan->clause_count++;

		*clause = (struct plan_clause){
			.rule = rule->rule.number,
			.acts = planner->acts,
			.image_none = !rule->rule.names_protected,
		};
		for (size_t t = 0; t < ways.at[i].n; t++)
			if (!term_add(planner, ways.at[i].terms + t, clause)) {
				plan->image_count = images;
				plan->clause_count = clauses;
				return false;
			}
	}
	return true;
}

/* Whether the path has at least two parts: "/srv/www/", "/etc/passwd", not "/usr/" or "/tmp". */
static bool is_deep(struct text path)
{
	const char *second = path.n > 1 ? memchr(path.at + 1, '/', path.n - 1) : NULL;

	return path.n <= IMAGE_MAX && path.at[0] == '/' && second &&
		second + 1 < path.at + path.n && !text_starts(path, TEXT("/proc/")) &&
		!text_starts(path, TEXT("/sys/")) && !text_starts(path, TEXT("/dev/"));
}

static void watched_add(struct plan *plan, struct text path)
{
	for (size_t i = 0; i < plan->watched_count; i++)
		if (text_equal(plan->watched[i], path))
			return;
	if (plan->watched_count < PLAN_WATCHED)
		plan->watched[plan->watched_count++] = path;
}

/* The places that a rule about files asks for; not those under a `not`. */
static void watched_find(struct planner *planner, const struct expression *expression)
{
	const struct predicate *p;
	struct text name;

	if (expression->kind == EXPRESSION_not)
		return;
	if (expression->kind != EXPRESSION_leaf) {
		for (struct expression *e = expression->first; e; e = e->next)
			watched_find(planner, e);
		return;
	}
	p = planner->set->predicates.at + expression->predicate;
	name = planner->set->names.at[p->field].name;
	if (!same_any(name, "TargetFilename", "file.path") || !is_deep(p->written))
		return;
	if (p->operation == OPERATION_equal ||
		(p->operation == OPERATION_starts && p->written.at[p->written.n - 1] == '/'))
		watched_add(planner->plan, p->written);
}

/* What the kernel is asked about for each category of rules; 0: it cannot be asked. */
static uint32_t acts_of(const struct sigma_rule *rule)
{
	static const struct {
		const char *category;
		uint32_t acts;
	} all[] = {
		{"process_creation", PLAN_ACT_exec},
		{"file_event", PLAN_ACT_create},
		{"file_change", PLAN_ACT_write},
		{"file_access", PLAN_ACT_open},
		{"file_delete", PLAN_ACT_delete},
		{"file_rename", PLAN_ACT_rename},
		{"driver_load", PLAN_ACT_module},
		{"process_access", PLAN_ACT_attach},
		{"bpf", PLAN_ACT_bpf},
	};

	for (size_t i = 0; i < array_size(all); i++)
		if (same(rule->rule.category, all[i].category))
			return all[i].acts;
	return 0;
}

void plan_make(struct plan *plan, const struct rules *rules)
{
	struct planner planner = {.plan = plan, .set = &rules->set};

	*plan = (struct plan){
		.images = memory_new(PLAN_BITS * sizeof *plan->images),
		.clauses = memory_new(PLAN_CLAUSES * sizeof *plan->clauses),
		.watched = memory_new(PLAN_WATCHED * sizeof *plan->watched),
		.why_not = memory_new((rules->set.n + 1) * sizeof *plan->why_not),
		.rule_count = rules->set.n,
	};
	for (size_t i = 0; i < rules->set.n; i++) {
		const struct sigma_rule *rule = rules->set.at[i];

		if (rule->expression && text_starts(rule->rule.category, TEXT("file_")))
			watched_find(&planner, rule->expression);
		if (rule->rule.action != ACTION_deny)
			continue;
		planner.acts = acts_of(rule);
		if (!planner.acts)
			plan->why_not[i] = "the kernel is not asked about such events";
		else if (rule->exceptions)
			plan->why_not[i] = "it has exceptions, which the kernel does not ask";
		else if (!rule_plan(&planner, rule))
			plan->why_not[i] = planner.why;
	}
	arena_clear(&planner.arena);
}

void plan_clear(struct plan *plan)
{
	free(plan->images);
	free(plan->clauses);
	free(plan->why_not);
	free(plan->watched);
	*plan = (struct plan){0};
}
