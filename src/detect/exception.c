// SPDX-License-Identifier: Apache-2.0
// Exceptions, and which of them makes a detection an expected one.

#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/exception_private.h"
#include "detect/rules_private.h"

static const struct text known_keys[] = {{"exception", 9}, {"rules", 5}, {"match", 5},
	{"ancestors", 9}, {"container", 9}, {"owner", 5}, {"reason", 6}, {"expires", 7}};

bool exception_is(const struct yaml *root)
{
	return root->kind == YAML_map && yaml_get(root, "exception");
}

static struct text text_get(struct reader *reader, const struct yaml *root, const char *key)
{
	const struct yaml *value = yaml_get(root, key);

	if (!value || (value->kind == YAML_scalar && yaml_type(value) == YAML_null))
		return (struct text){0};
	if (value->kind == YAML_scalar)
		return arena_copy(reader->document.arena, value->text);
	mistake(&reader->document, value, "'%s' must be a text", key);
	return (struct text){0};
}

static void rules_get_names(struct reader *reader, struct rule_exception *exception,
	const struct yaml *root)
{
	const struct yaml *node = yaml_get(root, "rules"), *item;
	struct arena *arena = reader->document.arena;
	struct text *names;
	size_t n = 0;

	if (!node) {
		mistake(&reader->document, root, "the exception names no rules; write 'rules:' "
			"with titles or ids, or 'rules: any'");
		return;
	}
	if (node->kind == YAML_map) {
		mistake(&reader->document, node, "'rules' must be a list of titles or ids");
		return;
	}
	if (node->kind == YAML_scalar && text_is(node->text, "any"))
		return;
	names = arena_alloc(arena, (node->count + 1) * sizeof *names);
	if (node->kind == YAML_scalar)
		names[n++] = arena_copy(arena, node->text);
	else
		yaml_each(item, node)
			if (item->kind == YAML_scalar)
				names[n++] = arena_copy(arena, item->text);
	exception->rules = (struct text_list){names, n};
	if (!n)
		mistake(&reader->document, node, "the list of rules is empty; write 'rules: any' "
			"if all are meant");
}

static void expiry_get(struct reader *reader, struct exception *exception,
	const struct yaml *root)
{
	struct text day = text_get(reader, root, "expires");
	struct arena *scratch = reader->document.scratch;

	exception->expires = NUMBER_NONE;
	if (!day.n)
		return;
	if (day.n == 10)
		day = arena_format(scratch, "%.*sT23:59:59Z", SHORT(day));
	if (!time_read(day, &exception->expires)) {
		mistake(&reader->document, yaml_get(root, "expires"), "'expires' must be a day, "
			"for instance 2026-12-31");
		return;
	}
	exception->expires += 1000000000;
	exception->expired = exception->expires <= time(NULL) * INT64_C(1000000000);
	if (exception->expired)
		doubt(&reader->document, yaml_get(root, "expires"), "the exception '%.*s' has "
			"expired and is not used", SHORT(exception->name));
}

/* A field that must have one of the values under a key. */
static void field_add(struct reader *reader, struct expression *all, const struct yaml *root,
	const char *key, const char *field)
{
	struct yaml name = {.kind = YAML_scalar, .text = text_of(field)};
	struct yaml map = {.kind = YAML_map, .count = 1, .first = &name};
	struct yaml outer = {.kind = YAML_scalar, .text = text_of(key), .next = &map};
	const struct yaml *value = yaml_get(root, key);
	struct expression *expression;
	struct yaml copy;

	if (!value)
		return;
	copy = *value;
	copy.next = NULL;
	name.next = &copy;
	name.line = map.line = outer.line = value->line;
	name.column = map.column = outer.column = value->column;
	expression = selection_read(reader, &outer);
	if (expression)
		expression_add(all, expression);
}

static struct expression *conditions_read(struct reader *reader, const struct yaml *root)
{
	struct expression *all = expression_new(EXPRESSION_and, reader->document.arena);
	const struct yaml *key, *match = NULL;

	yaml_each_pair(key, root)
		if (key->kind == YAML_scalar && text_is(key->text, "match"))
			match = key;
	if (match) {
		struct expression *expression = selection_read(reader, match);

		if (expression)
			expression_add(all, expression);
	}
	field_add(reader, all, root, "ancestors", "AncestorImage");
	field_add(reader, all, root, "container", "ContainerId");
	if (!all->first && !reader->document.refused)
		mistake(&reader->document, root, "the exception says nothing of the event; write "
			"'match:', 'ancestors:' or 'container:'");
	return all;
}

void exception_read(struct reader *reader, struct exceptions *exceptions, const struct yaml *root)
{
	struct rule_exception *e = arena_new(reader->document.arena, struct rule_exception);
	struct expression *all;

	e->exception.name = text_get(reader, root, "exception");
	e->exception.owner = text_get(reader, root, "owner");
	e->exception.reason = text_get(reader, root, "reason");
	e->exception.file = reader->document.file;
	e->exception.line = root->line;
	map_keys_check(reader, root, "exception", known_keys, array_size(known_keys));
	if (!e->exception.name.n)
		mistake(&reader->document, root, "the exception has no name; write "
			"'exception: ...'");
	if (!e->exception.reason.n)
		doubt(&reader->document, root, "the exception gives no reason; whoever comes "
			"after you will want one");
	rules_get_names(reader, e, root);
	expiry_get(reader, &e->exception, root);
	all = conditions_read(reader, root);
	if (reader->document.refused)
		return;
	e->program = program_new(all, reader->predicates, reader->document.arena);
	if (exceptions->n == exceptions->size) {
		exceptions->size = exceptions->size ? exceptions->size * 2 : 16;
		exceptions->at = memory_resize(exceptions->at, exceptions->size,
			sizeof *exceptions->at);
	}
	exceptions->at[exceptions->n++] = e;
}

static bool is_for(const struct rule_exception *exception, const struct rule *rule)
{
	for (size_t i = 0; i < exception->rules.n; i++)
		if (text_equal(exception->rules.at[i], rule->id) ||
		    text_equal(exception->rules.at[i], rule->title))
			return true;
	return !exception->rules.n;
}

static void exception_hang(struct rule_exception *exception, struct sigma_rule **rules, size_t n,
	struct arena *arena)
{
	for (size_t i = 0; i < n; i++) {
		struct exception_link *link;

		if (rules[i]->correlation || !is_for(exception, &rules[i]->rule))
			continue;
		link = arena_new(arena, struct exception_link);
		*link = (struct exception_link){exception, rules[i]->exceptions};
		rules[i]->exceptions = link;
		exception->exception.rule_count++;
	}
}

void exceptions_apply(struct exceptions *exceptions, struct sigma_rule **rules, size_t n,
	struct problems *problems, struct arena *arena)
{
	for (size_t i = exceptions->n; i-- > 0;) {
		struct rule_exception *e = exceptions->at[i];

		exception_hang(e, rules, n, arena);
		if (!e->exception.rule_count)
			problem_add(problems, e->exception.file, e->exception.line, 1, false,
				"the exception '%.*s' is for rules that are not here, or for a "
				"correlation: name the rules that it is over",
				SHORT(e->exception.name));
	}
}

void exceptions_clear(struct exceptions *exceptions)
{
	free(exceptions->at);
	*exceptions = (struct exceptions){0};
}

size_t rules_exceptions(const struct rules *rules)
{
	return rules->exceptions.n;
}

const struct exception *rules_exception(const struct rules *rules, size_t i)
{
	return &rules->exceptions.at[i]->exception;
}

static bool is_over(const struct exception *exception, event_time time)
{
	return exception->expired ||
		(time != NUMBER_NONE && exception->expires != NUMBER_NONE &&
		 time >= exception->expires);
}

const struct exception *matcher_exception(struct matcher *matcher, const struct rule *rule,
	event_time time)
{
	const struct sigma_rule *sigma = (const struct sigma_rule *)rule;

	for (const struct exception_link *link = sigma->exceptions; link; link = link->next)
		if (!is_over(&link->exception->exception, time) &&
		    matcher_asks(matcher, &link->exception->program))
			return &link->exception->exception;
	return NULL;
}

const struct exception *rules_match_exception(struct rules *rules, const struct rule *rule,
	event_time time)
{
	return rules->own ? matcher_exception(rules->own, rule, time) : NULL;
}
