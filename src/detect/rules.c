// SPDX-License-Identifier: Apache-2.0
// A set of rules: reading files into it, compiling it, asking it about events.

#include <stdlib.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/rules.h"
#include "detect/rules_private.h"

enum { FILE_MAX = 4 << 20, DOCUMENTS_MAX = 10000 };

static void rules_init(struct rules *rules)
{
	*rules = (struct rules){0};
	predicates_init(&rules->set.predicates);
	fields_init(&rules->set.names);
}

struct rules *rules_new(void)
{
	struct rules *rules = memory_new(sizeof *rules);

	rules_init(rules);
	return rules;
}

static void rules_clear(struct rules *r)
{
	matcher_free(&r->own);
	partitions_clear(&r->partitions);
	predicates_clear(&r->set.predicates);
	fields_clear(&r->set.names);
	sources_clear(&r->set.sources);
	problems_clear(&r->problems);
	arena_clear(&r->arena);
	arena_clear(&r->scratch);
	free(r->set.at);
	free(r->set.ids_matter);
	free(r->set.programs);
	exceptions_clear(&r->exceptions);
	correlations_clear(&r->correlations);
	filters_clear(&r->filters);
	free(r->bindings);
	free(r->audit_fields);
	free(r->alias_start);
	free(r->aliases);
	free(r->others.at);
	if (r->image.at)
		munmap(r->image.at, r->image.n);
}

void rules_free(struct rules **rules)
{
	if (!*rules)
		return;
	rules_clear(*rules);
	memory_free(rules);
}

void rules_restart(struct rules *rules)
{
	rules_clear(rules);
	rules_init(rules);
}

void rule_keep(struct rules *rules, struct sigma_rule *rule)
{
	struct rule_set *set = &rules->set;

	if (set->n == set->size) {
		set->size = set->size ? set->size * 2 : 64;
		set->at = memory_resize(set->at, set->size, sizeof *set->at);
	}
	rule->rule.number = (unsigned)set->n;
	set->at[set->n++] = rule;
}

static void other_keep(struct rules *rules, const struct other_document *document)
{
	struct other_documents *others = &rules->others;

	if (others->n == others->size) {
		others->size = others->size ? others->size * 2 : 16;
		others->at = memory_resize(others->at, others->size, sizeof *others->at);
	}
	others->at[others->n] = *document;
	others->at[others->n++].yaml = arena_copy(&rules->arena, document->yaml);
}

/* True if the document is something else than a rule about single events. */
static bool other_read(struct rules *rules, struct reader *reader, const struct yaml *root)
{
	if (exception_is(root))
		exception_read(reader, &rules->exceptions, root);
	else if (correlation_is(root))
		correlation_read(reader, &rules->correlations, root);
	else if (filter_is(root))
		filter_read(reader, &rules->filters, root);
	else if (placeholders_is(root))
		placeholders_read(reader, root);
	else
		return false;
	return true;
}

/* One document; true if it became a rule. */
static bool document_add(struct rules *rules, struct text file, struct text yaml, unsigned line)
{
	struct reader reader = {
		.document = {&rules->problems, &rules->arena, &rules->scratch, file, false},
		.names = &rules->set.names,
		.predicates = &rules->set.predicates,
		.placeholders = &rules->placeholders,
	};
	struct yaml_mistake broken;
	struct sigma_rule *rule = NULL;
	size_t first_problem;
	bool is_other;
	struct yaml *root;
	int read = yaml_read(yaml, line, &rules->scratch, &root, &broken);

	if (read < 0)
		problem_add(&rules->problems, file, broken.line, broken.column, true, "%s",
			broken.sentence);
	if (read <= 0)
		return false;
	first_problem = rules->problems.n;
	is_other = other_read(rules, &reader, root);
	if (!is_other)
		rule = rule_read(&reader, &rules->set.sources, root);
	if (reader.waits)
		rules->problems.n = first_problem; /* they are found again */
	if (is_other || reader.waits) {
		other_keep(rules, &(struct other_document){file, yaml, line, first_problem,
			rules->problems.n - first_problem, reader.waits});
		return false;
	}
	if (rule)
		rule_keep(rules, rule);
	return rule;
}

void document_again(struct rules *rules, const struct other_document *document)
{
	document_add(rules, document->file, document->yaml, document->line);
	arena_reset(&rules->scratch);
}

/* Whether a line begins a new document: "---" and then nothing or a blank. */
static bool is_separator(struct text text, size_t at)
{
	return text.n - at >= 3 && !memcmp(text.at + at, "---", 3) &&
		(text.n - at == 3 || strchr(" \t\r\n", text.at[at + 3]));
}

static size_t line_end(struct text text, size_t at)
{
	const char *end = memchr(text.at + at, '\n', text.n - at);

	return end ? (size_t)(end - text.at) + 1 : text.n;
}

size_t rules_add(struct rules *rules, const char *name, struct text yaml)
{
	struct text file = arena_copy(&rules->arena, text_of(name));
	size_t added = 0, start = 0, documents = 0;
	unsigned line = 1, first = 1;

	if (yaml.n > FILE_MAX) {
		problem_add(&rules->problems, file, 1, 1, true, "the file is larger than 4 MiB, "
			"which no rule file needs; split it");
		return 0;
	}
	for (size_t at = 0; at <= yaml.n; line++) {
		if ((at == yaml.n || (at > start && is_separator(yaml, at)))) {
			struct text document = {yaml.at + start, at - start};

			added += document_add(rules, file, document, first);
			arena_reset(&rules->scratch);
			start = at;
			first = line;
			if (++documents == DOCUMENTS_MAX && at < yaml.n) {
				problem_add(&rules->problems, file, line, 1, true,
					"the file has more than 10000 documents; split it");
				break;
			}
		}
		if (at == yaml.n)
			break;
		at = line_end(yaml, at);
	}
	return added;
}

static int id_order(const void *a, const void *b)
{
	const struct sigma_rule *x = *(struct sigma_rule *const *)a;
	const struct sigma_rule *y = *(struct sigma_rule *const *)b;
	size_t n = x->rule.id.n < y->rule.id.n ? x->rule.id.n : y->rule.id.n;
	int order = n ? memcmp(x->rule.id.at, y->rule.id.at, n) : 0;

	if (order)
		return order;
	if (x->rule.id.n != y->rule.id.n)
		return x->rule.id.n < y->rule.id.n ? -1 : 1;
	return x->rule.number < y->rule.number ? -1 : 1;
}

/* Names the rules whose id another has already. */
static void ids_check(struct rules *rules)
{
	struct rule_set *set = &rules->set;
	until_return(memory_free) struct sigma_rule **sorted =
		memory_new((set->n + 1) * sizeof *sorted);

	if (!set->n)
		return;
	memcpy(sorted, set->at, set->n * sizeof *sorted);
	qsort(sorted, set->n, sizeof *sorted, id_order);
	for (size_t i = 1; i < set->n; i++) {
		const struct rule *one = &sorted[i - 1]->rule, *two = &sorted[i]->rule;

		if (two->id.n && text_equal(one->id, two->id))
			problem_add(&rules->problems, two->file, two->line, 1, false,
				"the id '%.*s' is that of '%.*s' too; give it one of its own",
				SHORT(two->id), SHORT(one->file));
	}
}

static void field_know(void *context, struct text name)
{
	fields_intern(context, name);
}

static void alias_add(void *context, struct text name)
{
	struct rules *rules = context;

	if (rules->alias_count == rules->alias_size) {
		rules->alias_size = rules->alias_size ? rules->alias_size * 2 : 256;
		rules->aliases =
			memory_resize(rules->aliases, rules->alias_size, sizeof *rules->aliases);
	}
	rules->aliases[rules->alias_count++] = fields_intern(&rules->set.names, name);
}

/* Binds all field names to typed events, and to their other names in recorded ones. */
static void names_bind(struct rules *rules)
{
	struct fields *names = &rules->set.names;
	uint32_t n = names->n;

	rules->alias_fields = n;
	rules->bindings = memory_new(n * sizeof *rules->bindings);
	rules->audit_fields = memory_new(n * sizeof *rules->audit_fields);
	rules->alias_start = memory_new((n + 1) * sizeof *rules->alias_start);
	for (uint32_t i = 0; i < n; i++) {
		rules->bindings[i] = binding_find(names->at[i].name);
		rules->audit_fields[i] = audit_field_find(names->at[i].name);
		rules->alias_start[i] = rules->alias_count;
		binding_names(rules->bindings + i, alias_add, rules);
	}
	rules->alias_start[n] = rules->alias_count;
}

/* The partitions of typed events. */
static void kinds_route(struct rules *rules)
{
	const struct sources *known = &rules->set.sources;
	size_t bytes = (source_words(known) + 1) * sizeof(uint64_t);
	until_return(memory_free) uint64_t *sources = memory_new(bytes);

	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		memset(sources, 0, bytes);
		route_kind(known, kind, sources);
		rules->kinds[kind] = partitions_get(&rules->partitions, sources, NUMBER_NONE);
	}
	memset(sources, 0, bytes);
	route_audit(known, sources);
	rules->audit = partitions_get(&rules->partitions, sources, NUMBER_NONE);
}

bool rules_ask(const struct rules *rules, enum event_kind kind)
{
	const struct partition *partition = rules->kinds[kind];

	return partition && (partition->lane_count || partition->always_count);
}

/* Which event ids each rule can match. */
static void ids_find(struct rules *rules)
{
	struct rule_set *set = &rules->set;

	set->ids_matter = memory_new((source_words(&set->sources) + 1) * sizeof(uint64_t));
	for (size_t i = 0; i < set->n; i++) {
		struct sigma_rule *rule = set->at[i];

		rule->ids = ids_of(rule->expression, &set->predicates, &set->names, &rules->arena);
		if (rule->ids.n)
			set->ids_matter[rule->source / 64] |= UINT64_C(1) << rule->source % 64;
	}
}

static void programs_make(struct rules *rules)
{
	struct rule_set *set = &rules->set;

	set->programs = memory_new((set->n + 1) * sizeof *set->programs);
	for (size_t i = 0; i < set->n; i++)
		set->programs[i] = program_new(set->at[i]->expression, &set->predicates,
			&rules->arena);
}

/* Documents that waited for placeholders: whoever has values for them has said so by now. */
static void waiting_read(struct rules *rules)
{
	size_t n = rules->others.n;

	rules->placeholders.all_known = true;
	for (size_t i = 0; i < n; i++)
		if (rules->others.at[i].waits)
			document_again(rules, &(struct other_document){rules->others.at[i].file,
				rules->others.at[i].yaml, rules->others.at[i].line});
}

void rules_compile(struct rules *rules)
{
	struct rule_set *set = &rules->set;

	if (rules->compiled)
		return;
	rules->compiled = true;
	waiting_read(rules);
	correlations_resolve(rules);
	filters_apply(&rules->filters, set, &rules->problems, &rules->arena);
	ids_check(rules);
	exceptions_apply(&rules->exceptions, set->at, set->n, &rules->problems, &rules->arena);
	route_fields(field_know, &set->names);
	names_bind(rules);
	for (uint32_t i = 0; i < set->predicates.n; i++)
		rules->keywords |= set->predicates.at[i].field == FIELD_KEYWORDS;
	ids_find(rules);
	programs_make(rules);
	partitions_init(&rules->partitions, set);
	kinds_route(rules);
}

int rules_least(struct rules *rules, const char *level)
{
	int rank = level[0] ? rule_level(text_of(level)) : -1;

	if (rank < 0)
		return -1;
	rules->set.least_level = rank;
	return 0;
}

size_t rules_count(const struct rules *rules)
{
	return rules->set.n;
}

const struct rule *rules_get(const struct rules *rules, size_t i)
{
	return &rules->set.at[i]->rule;
}

size_t rules_problems(const struct rules *rules)
{
	return rules->problems.n;
}

const struct rule_problem *rules_problem(const struct rules *rules, size_t i)
{
	return rules->problems.at + i;
}

void rules_assume(struct rules *rules, const char *product, const char *category,
	const char *service)
{
	rules->assumed = (struct logsource){
		.product = arena_copy(&rules->arena, text_of(product)),
		.category = arena_copy(&rules->arena, text_of(category)),
		.service = arena_copy(&rules->arena, text_of(service)),
	};
	rules->assumes = true;
}
