// SPDX-License-Identifier: Apache-2.0
// Rules to an image and back. Each thing has one function for both ways, so that what is written
// is what is read.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/image.h"
#include "detect/rules_private.h"

/* Grows with every change of what is written. */
static const char magic[] = "saker rules image 2\n";

enum { EXPRESSION_DEPTH_MAX = 256 };

struct image {
	bool writing, broken;
	char *out; /* while writing */
	size_t n, size;
	struct text in; /* while reading; texts stay in it */
	struct rules *rules;
	struct arena *arena;
};

static void bytes(struct image *image, void *at, size_t n)
{
	if (image->writing) {
		if (image->size - image->n < n) {
			image->size = 2 * image->size + n;
			image->out = memory_resize(image->out, image->size, 1);
		}
		if (n)
			memcpy(image->out + image->n, at, n);
		image->n += n;
		return;
	}
	if (image->in.n - image->n < n) {
		image->broken = true;
		memset(at, 0, n);
		return;
	}
	if (n)
		memcpy(at, image->in.at + image->n, n);
	image->n += n;
}

static uint32_t number(struct image *image, uint32_t value)
{
	bytes(image, &value, sizeof value);
	return value;
}

/* A number of things, of which each takes some bytes. */
static uint32_t count(struct image *image, size_t value)
{
	uint32_t n = number(image, (uint32_t)value);

	if (!image->writing && n > image->in.n - image->n) {
		image->broken = true;
		return 0;
	}
	return n;
}

static void text(struct image *image, struct text *text)
{
	uint32_t n = count(image, text->at ? text->n + 1 : 0);

	if (image->writing) {
		if (n)
			bytes(image, (void *)text->at, n - 1);
		return;
	}
	*text = (struct text){0};
	if (!n || image->broken)
		return;
	*text = (struct text){image->in.at + image->n, n - 1};
	image->n += n - 1;
}

static void list(struct image *image, struct text_list *list)
{
	uint32_t n = count(image, list->n);
	struct text *at = (struct text *)list->at;

	if (!image->writing)
		at = arena_alloc(image->arena, n * sizeof *at + 1);
	for (uint32_t i = 0; i < n; i++)
		text(image, at + i);
	*list = (struct text_list){at, n};
}

static void pattern(struct image *image, struct pattern *pattern)
{
	uint32_t n = count(image, pattern->n);

	if (!image->writing)
		*pattern = (struct pattern){arena_alloc(image->arena, n * sizeof *pattern->at + 1),
			n};
	for (uint32_t i = 0; i < n; i++) {
		struct piece *piece = pattern->at + i;

		piece->kind = (enum piece_kind)number(image, piece->kind);
		text(image, &piece->text);
		image->broken |= piece->kind > PIECE_any;
	}
}

/* A regular expression is compiled again; its text begins with its flags: "(?im)". */
static void regex(struct image *image, struct predicate *p)
{
	struct text flags = p->text;

	if (image->writing || p->operation != OPERATION_regex || image->broken)
		return;
	flags.n = p->text.n > p->written.n ? p->text.n - p->written.n : 0;
	p->regex = regex_new(p->written, memchr(flags.at, 'i', flags.n),
		memchr(flags.at, 'm', flags.n), memchr(flags.at, 's', flags.n), NULL);
	image->broken |= !p->regex;
}

static bool predicate_is_right(const struct predicate *p, const struct rules *rules, uint32_t n)
{
	for (unsigned i = 0; i < p->hint_count; i++)
		if (p->hints[i] >= n)
			return false;
	return p->operation <= OPERATION_reference && p->view < VIEWS &&
		p->comparison <= COMPARE_gte && p->part <= PART_year &&
		p->field < rules->set.names.n && p->other < rules->set.names.n &&
		p->place <= OPERATION_contains && p->hint_count <= MANDATORY_MAX && p->text.at &&
		(!operation_is_plain(p->operation) || p->text.n);
}

static void predicate(struct image *image, struct predicate *p, uint32_t n)
{
	uint32_t hints = p->hint_count;

	p->operation = (enum operation)number(image, p->operation);
	p->view = (enum view)number(image, p->view);
	p->comparison = (enum comparison)number(image, p->comparison);
	p->part = (enum time_part)number(image, p->part);
	p->field = number(image, p->field);
	p->other = number(image, p->other);
	p->place = (enum operation)number(image, p->place);
	text(image, &p->text);
	text(image, &p->written);
	pattern(image, &p->pattern);
	bytes(image, &p->cidr, sizeof p->cidr);
	bytes(image, &p->number, sizeof p->number);
	hints = number(image, hints);
	if (hints > MANDATORY_MAX) {
		image->broken = true;
		return;
	}
	p->hint_count = (uint8_t)hints;
	for (unsigned i = 0; i < hints; i++)
		p->hints[i] = number(image, p->hints[i]);
	p->uses = number(image, p->uses);
	p->common = number(image, p->common);
	image->broken |= !image->writing && !predicate_is_right(p, image->rules, n);
	regex(image, p);
}

static void predicates(struct image *image)
{
	struct predicates *all = &image->rules->set.predicates;
	uint32_t n = count(image, all->n);

	if (image->writing) {
		for (uint32_t i = 0; i < n; i++)
			predicate(image, all->at + i, n);
		return;
	}
	predicates_reserve(all, n);
	for (uint32_t i = 0; i < n && !image->broken; i++) {
		predicate(image, predicates_append(all), n);
	}
	predicates_index(all);
}

static void names(struct image *image)
{
	struct fields *all = &image->rules->set.names;
	uint32_t n = count(image, all->n);

	for (uint32_t i = 1; i < n && !image->broken; i++) {
		struct text name = image->writing ? all->at[i].name : (struct text){0};

		text(image, &name);
		if (!image->writing && !image->broken)
			image->broken |= !name.at || fields_intern(all, name) != i;
	}
}

static void sources(struct image *image)
{
	struct sources *all = &image->rules->set.sources;
	uint32_t n = count(image, all->n);

	for (uint32_t i = 0; i < n && !image->broken; i++) {
		struct logsource source = image->writing ? all->at[i] : (struct logsource){0};

		text(image, &source.product);
		text(image, &source.category);
		text(image, &source.service);
		if (!image->writing && !image->broken)
			image->broken |= sources_intern(all, &source) != i;
	}
}

static struct expression *expression(struct image *image, struct expression *e, unsigned depth)
{
	const struct predicates *all = &image->rules->set.predicates;
	uint32_t kind = number(image, e ? e->kind : 0), n;
	struct expression *below = e ? e->first : NULL;

	if (kind == EXPRESSION_leaf) {
		n = number(image, e ? e->predicate : 0);
		if (image->writing)
			return e;
		image->broken |= n >= all->n;
		return image->broken ? NULL : expression_leaf(all, n, image->arena);
	}
	n = count(image, e ? e->count : 0);
	image->broken |= kind > EXPRESSION_not || depth == EXPRESSION_DEPTH_MAX || !n;
	if (image->broken)
		return NULL;
	if (!image->writing)
		e = expression_new((enum expression_kind)kind, image->arena);
	for (uint32_t i = 0; i < n && !image->broken; i++) {
		struct expression *child = expression(image, below, depth + 1);

		if (image->writing)
			below = below->next;
		else if (child)
			expression_add(e, child);
	}
	if (!image->writing && kind == EXPRESSION_not && e->first)
		e->code = e->first->code + 1;
	return e;
}

static void about(struct image *image, struct rule *rule)
{
	text(image, &rule->id);
	text(image, &rule->title);
	text(image, &rule->description);
	text(image, &rule->level);
	text(image, &rule->status);
	text(image, &rule->file);
	text(image, &rule->product);
	text(image, &rule->category);
	text(image, &rule->service);
	list(image, &rule->tags);
	list(image, &rule->techniques);
	list(image, &rule->tactics);
	list(image, &rule->references);
	list(image, &rule->false_positives);
	rule->line = number(image, rule->line);
	rule->action = (enum rule_action)number(image, rule->action);
	rule->names_protected = number(image, rule->names_protected);
	image->broken |= rule->action > ACTION_kill;
}

static void rule(struct image *image, struct sigma_rule *rule)
{
	about(image, &rule->rule);
	text(image, &rule->name);
	rule->source = number(image, rule->source);
	image->broken |= rule->source >= image->rules->set.sources.n;
	rule->expression = expression(image, rule->expression, 0);
}

static void rules(struct image *image)
{
	struct rule_set *set = &image->rules->set;
	uint32_t n = count(image, set->n);

	for (uint32_t i = 0; i < n && !image->broken; i++) {
		struct sigma_rule *one = image->writing ? set->at[i] :
			arena_new(image->arena, struct sigma_rule);

		rule(image, one);
		if (!image->writing && !image->broken)
			rule_keep(image->rules, one);
	}
}

/* Whether a problem is one of a document that is read anew. */
static bool comes_again(const struct rules *rules, size_t problem)
{
	for (size_t i = 0; i < rules->others.n; i++)
		if (problem - rules->others.at[i].first_problem < rules->others.at[i].problems)
			return true;
	return false;
}

static size_t problems_to_keep(const struct rules *rules)
{
	size_t n = 0;

	for (size_t i = 0; i < rules->problems.n; i++)
		n += !comes_again(rules, i);
	return n;
}

static void problems(struct image *image)
{
	struct problems *all = &image->rules->problems;
	uint32_t n = count(image, problems_to_keep(image->rules)), next = 0;

	for (uint32_t i = 0; i < n && !image->broken; i++) {
		struct rule_problem p = {0};

		while (image->writing && comes_again(image->rules, next))
			next++;
		if (image->writing)
			p = all->at[next++];
		text(image, &p.file);
		text(image, &p.sentence);
		p.line = number(image, p.line);
		p.column = number(image, p.column);
		p.fatal = number(image, p.fatal);
		if (!image->writing && !image->broken)
			problem_add(all, p.file, p.line, p.column, p.fatal, "%.*s",
				(int)p.sentence.n, p.sentence.at ? p.sentence.at : "");
	}
}

/* Documents that are read anew each time. */
static void others(struct image *image)
{
	struct other_documents *all = &image->rules->others;
	uint32_t n = count(image, all->n);

	for (uint32_t i = 0; i < n && !image->broken; i++) {
		struct other_document d = image->writing ? all->at[i] : (struct other_document){0};

		text(image, &d.file);
		text(image, &d.yaml);
		d.line = number(image, d.line);
		if (!image->writing && !image->broken && d.yaml.at && d.file.at)
			document_again(image->rules, &d);
	}
}

static void whole(struct image *image)
{
	char begin[sizeof magic];

	memcpy(begin, magic, sizeof begin);
	bytes(image, begin, sizeof begin);
	image->broken |= memcmp(begin, magic, sizeof begin) != 0;
	if (image->broken)
		return;
	names(image);
	sources(image);
	predicates(image);
	rules(image);
	problems(image);
	if (!image->broken)
		others(image);
}

struct text rules_image(struct rules *rules)
{
	struct image image = {.writing = true, .rules = rules};

	whole(&image);
	return (struct text){image.out, image.n};
}

bool rules_from_image(struct rules *rules, struct text bytes)
{
	struct image image = {.in = bytes, .rules = rules, .arena = &rules->arena};

	whole(&image);
	return !image.broken && image.n == bytes.n;
}
