// SPDX-License-Identifier: Apache-2.0
// Correlations from their YAML documents.

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/correlation/plan.h"

static const struct {
	struct text name;
	bool needs_field;
} types[] = {
#define CORRELATION(name, field, sentence) {TEXT(#name), field},
#include "detect/correlation/type.def"
#undef CORRELATION
};

static const struct text keys[] = {{"type", 4}, {"rules", 5}, {"group-by", 8}, {"timespan", 8},
	{"condition", 9}, {"aliases", 7}, {"generate", 8}, {"field", 5}};
static const char *const bound_names[] = {"gt", "gte", "lt", "lte", "eq", "neq"};

const char *correlation_type_name(const struct correlation *c)
{
	return types[c->type].name.at;
}

bool correlation_is(const struct yaml *root)
{
	return root->kind == YAML_map && yaml_get(root, "correlation");
}

static void type_read(struct reader *reader, struct correlation *c, const struct yaml *map)
{
	const struct yaml *node = yaml_get(map, "type");
	struct text names[array_size(types)];
	int nearest;

	for (size_t i = 0; node && node->kind == YAML_scalar && i < array_size(types); i++) {
		names[i] = types[i].name;
		if (text_equal(node->text, types[i].name)) {
			c->type = (enum correlation_type)i;
			return;
		}
	}
	nearest = node && node->kind == YAML_scalar ?
		word_nearest(node->text, names, array_size(names)) : -1;
	if (nearest >= 0)
		mistake(&reader->document, node, "'%.*s' is no type of correlation; write '%s'",
			SHORT(node->text), names[nearest].at);
	else
		mistake(&reader->document, node ? node : map, "the correlation needs a type: "
			"event_count, value_count, temporal, temporal_ordered, value_sum, "
			"value_avg, value_percentile or value_median");
}

/* 30s, 5m, 1h, 7d */
static void timespan_read(struct reader *reader, struct correlation *c, const struct yaml *map)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	const struct yaml *node = yaml_get(map, "timespan");
	struct text number;
	int64_t n;

	if (node && node->kind == YAML_scalar && node->text.n > 1) {
		number = (struct text){node->text.at, node->text.n - 1};
		for (size_t i = 0; i < array_size(units); i++)
			if (node->text.at[number.n] == units[i].unit &&
			    text_number(number, &n) && n > 0 && n < 36500) {
				c->timespan = n * units[i].seconds * 1000000000;
				return;
			}
	}
	mistake(&reader->document, node ? node : map, "the correlation needs a timespan: a number "
		"and s, m, h or d, for instance '5m'");
}

static void bound_read(struct reader *reader, struct correlation *c, const struct yaml *key)
{
	long double value;

	if (text_is(key->text, "field") || text_is(key->text, "percentile"))
		return;
	for (unsigned i = 0; i < array_size(bound_names); i++) {
		if (!text_is(key->text, bound_names[i]))
			continue;
		if (key->next->kind != YAML_scalar || !number_read(key->next->text, &value)) {
			mistake(&reader->document, key->next, "'%s' takes a number",
				bound_names[i]);
			return;
		}
		if (c->bound_count == CORRELATION_BOUNDS) {
			mistake(&reader->document, key, "a condition has at most two bounds");
			return;
		}
		c->bounds[c->bound_count++] = (struct bound){i, (double)value};
		return;
	}
	mistake(&reader->document, key, "'%.*s' is no bound of a condition; there are gt, gte, "
		"lt, lte, eq and neq", SHORT(key->text));
}

static void fields_read(struct reader *reader, struct correlation *c, const struct yaml *map,
	const struct yaml *condition)
{
	const struct yaml *place = condition && condition->kind == YAML_map &&
		yaml_get(condition, "field") ? condition : map;

	c->fields = yaml_texts_get(reader, place, "field");
	if (types[c->type].needs_field && !c->fields.n)
		mistake(&reader->document, map, "a correlation of type %s needs 'field:' in its "
			"condition", types[c->type].name.at);
	if (c->fields.n > CORRELATION_FIELDS_MAX)
		mistake(&reader->document, map, "a correlation counts at most %d fields",
			CORRELATION_FIELDS_MAX);
}

static bool is_temporal(const struct correlation *c)
{
	return c->type == CORRELATION_temporal || c->type == CORRELATION_temporal_ordered;
}

/* Which members stand under a NOT. */
static uint32_t negated_find(const struct expression *e, bool negated)
{
	uint32_t bits = 0;

	if (e->kind == EXPRESSION_leaf)
		return negated ? UINT32_C(1) << e->predicate : 0;
	negated ^= e->kind == EXPRESSION_not;
	for (const struct expression *below = e->first; below; below = below->next)
		bits |= negated_find(below, negated);
	return bits;
}

/* Programs ask about predicates; here these are members, which all count as plain. */
static struct program members_program(const struct expression *e, size_t members,
	struct arena *arena)
{
	struct predicates none = {0};
	struct program program;

	none.at = memory_new((members + 1) * sizeof *none.at);
	program = program_new(e, &none, arena);
	free(none.at);
	return program;
}

/* `first and second and not third`: over the references. */
static void text_condition_read(struct reader *reader, struct correlation *c,
	const struct yaml *node)
{
	struct arena *arena = reader->document.arena;
	struct selection selections[CORRELATION_MEMBERS_MAX];
	struct yaml names[CORRELATION_MEMBERS_MAX];
	struct expression *e;

	for (size_t i = 0; i < c->references.n; i++) {
		names[i] = (struct yaml){.kind = YAML_scalar, .text = c->references.at[i]};
		e = expression_new(EXPRESSION_leaf, arena);
		e->predicate = (uint32_t)i;
		e->code = 1;
		selections[i] = (struct selection){names + i, e, false};
	}
	e = condition_read(reader, node, selections, c->references.n);
	if (!e)
		return;
	c->written = arena_copy(arena, node->text);
	c->condition = members_program(e, c->references.n, arena);
	c->negated = negated_find(e, false);
}

/* Without a condition: all of them. */
static void all_condition(struct reader *reader, struct correlation *c)
{
	struct expression *all = expression_new(EXPRESSION_and, reader->document.arena);

	for (size_t i = 0; i < c->references.n; i++) {
		struct expression *e = expression_new(EXPRESSION_leaf, reader->document.arena);

		e->predicate = (uint32_t)i;
		e->code = 1;
		expression_add(all, e);
	}
	c->condition = members_program(all, c->references.n, reader->document.arena);
}

static void condition_of(struct reader *reader, struct correlation *c, const struct yaml *map)
{
	const struct yaml *node = yaml_get(map, "condition"), *key;
	long double percentile = 50;

	fields_read(reader, c, map, node);
	if (node && node->kind == YAML_scalar && c->type == CORRELATION_temporal) {
		text_condition_read(reader, c, node);
		return;
	}
	if (is_temporal(c))
		all_condition(reader, c);
	if (node && node->kind == YAML_map)
		yaml_each_pair(key, node)
			bound_read(reader, c, key);
	else if (node)
		mistake(&reader->document, node, "the condition must be a map, for instance "
			"'gte: 10'");
	if (!is_temporal(c) && !c->bound_count)
		mistake(&reader->document, node ? node : map, "a correlation of type %s needs a "
			"condition, for instance 'gte: 10'", types[c->type].name.at);
	if (c->type == CORRELATION_value_percentile) {
		const struct yaml *value = node ? yaml_get(node, "percentile") : NULL;

		if (!value)
			value = yaml_get(map, "percentile");
		if (!value || value->kind != YAML_scalar ||
		    !number_read(value->text, &percentile) || percentile < 0 ||
		    percentile > 100)
			mistake(&reader->document, node ? node : map, "value_percentile needs "
				"'percentile:' in its condition, from 0 to 100");
	}
	c->percentile = (double)percentile;
}

/* aliases: {name: {rule: field, rule: field}} */
static void aliases_read(struct reader *reader, struct correlation *c, const struct yaml *map)
{
	const struct yaml *node = yaml_get(map, "aliases"), *alias, *pair;
	struct arena *arena = reader->document.arena;
	size_t n = 0;

	if (!node)
		return;
	if (node->kind != YAML_map) {
		mistake(&reader->document, node, "'aliases' must be a map of names, each with a "
			"map of rules and fields");
		return;
	}
	yaml_each_pair(alias, node)
		n += alias->next->kind == YAML_map ? alias->next->count : 0;
	c->alias_rows = arena_alloc(arena, (n + 1) * sizeof *c->alias_rows);
	yaml_each_pair(alias, node) {
		if (alias->next->kind != YAML_map) {
			mistake(&reader->document, alias, "an alias must be a map of rules and "
				"fields");
			return;
		}
		yaml_each_pair(pair, alias->next) {
			struct text *row = c->alias_rows[c->alias_count++];

			row[0] = arena_copy(arena, alias->text);
			row[1] = arena_copy(arena, pair->text);
			row[2] = arena_copy(arena, pair->next->text);
		}
	}
}

static void generate_read(struct reader *reader, struct correlation *c, const struct yaml *root,
	const struct yaml *map)
{
	const struct yaml *node = yaml_get(map, "generate");

	if (!node)
		node = yaml_get(root, "generate");
	if (!node)
		return;
	if (node->kind != YAML_scalar || yaml_type(node) != YAML_flag) {
		mistake(&reader->document, node, "'generate' is true or false");
		return;
	}
	c->generate = (node->text.at[0] | 32) == 't';
}

static void correlation_keep(struct correlations *correlations, struct correlation *c)
{
	if (correlations->n == correlations->size) {
		correlations->size = correlations->size ? correlations->size * 2 : 16;
		correlations->at = memory_resize(correlations->at, correlations->size,
			sizeof *correlations->at);
	}
	correlations->at[correlations->n++] = c;
}

void correlation_read(struct reader *reader, struct correlations *correlations,
	const struct yaml *root)
{
	const struct yaml *map = yaml_get(root, "correlation");
	struct arena *arena = reader->document.arena;
	struct correlation *c = arena_new(arena, struct correlation);

	c->rule = arena_new(arena, struct sigma_rule);
	c->rule->correlation = c;
	c->rule->expression = expression_new(EXPRESSION_or, arena);
	c->rule->rule.file = reader->document.file;
	c->rule->rule.line = root->line;
	c->line = map->line;
	c->column = map->column;
	rule_about_read(reader, c->rule, root);
	if (map->kind != YAML_map) {
		mistake(&reader->document, map, "'correlation' must be a map of type, rules, "
			"timespan and condition");
		return;
	}
	map_keys_check(reader, map, "correlation", keys, array_size(keys));
	type_read(reader, c, map);
	c->references = yaml_texts_get(reader, map, "rules");
	if (!c->references.n)
		mistake(&reader->document, map, "the correlation names no rules; write 'rules:' "
			"with their names or ids");
	if (c->references.n > CORRELATION_MEMBERS_MAX) {
		mistake(&reader->document, map, "a correlation has at most %d rules",
			CORRELATION_MEMBERS_MAX);
		return;
	}
	c->groups = yaml_texts_get(reader, map, "group-by");
	for (c->tree = 0; c->tree < c->groups.n; c->tree++)
		if (text_is(c->groups.at[c->tree], "ProcessTree"))
			break;
	if (c->tree < c->groups.n && c->type != CORRELATION_temporal_ordered)
		mistake(&reader->document, yaml_get(map, "group-by"), "'ProcessTree' groups only "
			"a correlation of type temporal_ordered; for others write 'ProcessGuid'");
	if (c->groups.n > CORRELATION_FIELDS_MAX)
		mistake(&reader->document, map, "a correlation groups by at most %d fields",
			CORRELATION_FIELDS_MAX);
	timespan_read(reader, c, map);
	condition_of(reader, c, map);
	aliases_read(reader, c, map);
	generate_read(reader, c, root, map);
	if (yaml_get(root, "saker"))
		extension_read(reader, c->rule, yaml_get(root, "saker"));
	if (c->rule->rule.action != ACTION_none)
		mistake(&reader->document, yaml_get(root, "saker"), "a correlation comes too late "
			"to deny or kill; write the action into one of its rules");
	if (!reader->document.refused)
		correlation_keep(correlations, c);
}

void correlations_clear(struct correlations *correlations)
{
	free(correlations->at);
	*correlations = (struct correlations){0};
}
