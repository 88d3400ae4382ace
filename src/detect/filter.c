// SPDX-License-Identifier: Apache-2.0
// Filters: reading them, and joining them to their rules.

#include <stdlib.h>

#include "base/memory.h"
#include "detect/filter_private.h"

bool filter_is(const struct yaml *root)
{
	return root->kind == YAML_map && yaml_get(root, "filter");
}

static void source_read(struct reader *reader, struct filter *filter, const struct yaml *root)
{
	const struct yaml *node = yaml_get(root, "logsource");

	if (!node || node->kind != YAML_map) {
		mistake(&reader->document, node ? node : root, "the filter has no logsource; "
			"write that of the rules it is for");
		return;
	}
	filter->source.product = yaml_text_get(reader, node, "product");
	filter->source.category = yaml_text_get(reader, node, "category");
	filter->source.service = yaml_text_get(reader, node, "service");
}

static void names_read(struct reader *reader, struct filter *filter, const struct yaml *map)
{
	const struct yaml *node = yaml_get(map, "rules");

	if (!node) {
		mistake(&reader->document, map, "the filter names no rules; write 'rules:' with "
			"their ids or names, or 'rules: any'");
		return;
	}
	if (node->kind == YAML_scalar && text_is(node->text, "any"))
		return;
	filter->rules = yaml_texts_get(reader, map, "rules");
	if (!filter->rules.n)
		mistake(&reader->document, node, "'rules' must be a list of ids or names, or "
			"'any'");
}

/* The map without its key "rules": what is left is a detection. */
static struct yaml *detection_of(struct arena *scratch, const struct yaml *map)
{
	struct yaml *copy = arena_new(scratch, struct yaml), **last = &copy->first;
	const struct yaml *key;

	*copy = *map;
	copy->count = 0;
	yaml_each_pair(key, map) {
		struct yaml *pair;

		if (key->kind == YAML_scalar && text_is(key->text, "rules"))
			continue;
		pair = arena_alloc(scratch, 2 * sizeof *pair);
		pair[0] = *key;
		pair[1] = *key->next;
		pair[0].next = pair + 1;
		pair[1].next = NULL;
		*last = pair;
		last = &pair[1].next;
		copy->count++;
	}
	*last = NULL;
	return copy;
}

void filter_read(struct reader *reader, struct filters *filters, const struct yaml *root)
{
	struct filter *filter = arena_new(reader->document.arena, struct filter);
	const struct yaml *map = yaml_get(root, "filter");

	filter->file = reader->document.file;
	filter->line = root->line;
	filter->title = yaml_text_get(reader, root, "title");
	source_read(reader, filter, root);
	if (map->kind != YAML_map) {
		mistake(&reader->document, map, "'filter' must be a map of rules, search "
			"identifiers and a condition");
		return;
	}
	names_read(reader, filter, map);
	filter->expression = detection_read(reader, detection_of(reader->document.scratch, map));
	if (!filter->expression || reader->document.refused)
		return;
	if (filters->n == filters->size) {
		filters->size = filters->size ? filters->size * 2 : 16;
		filters->at = memory_resize(filters->at, filters->size, sizeof *filters->at);
	}
	filters->at[filters->n++] = filter;
}

static bool agrees(struct text wanted, struct text is)
{
	return !wanted.n || text_equal(wanted, is);
}

static bool is_for(const struct filter *filter, const struct sigma_rule *rule)
{
	if (rule->correlation || !agrees(filter->source.product, rule->rule.product) ||
	    !agrees(filter->source.category, rule->rule.category) ||
	    !agrees(filter->source.service, rule->rule.service))
		return false;
	for (size_t i = 0; i < filter->rules.n; i++)
		if (rule_is_named(rule, filter->rules.at[i]))
			return true;
	return !filter->rules.n;
}

static void join(const struct filter *filter, struct sigma_rule *rule, struct arena *arena)
{
	struct expression *both = expression_new(EXPRESSION_and, arena);

	expression_add(both, rule->expression);
	expression_add(both, expression_again(filter->expression, arena));
	rule->expression = both;
}

void filters_apply(const struct filters *filters, const struct rule_set *set,
	struct problems *problems, struct arena *arena)
{
	for (size_t i = 0; i < filters->n; i++) {
		const struct filter *filter = filters->at[i];
		size_t joined = 0;

		for (size_t r = 0; r < set->n; r++)
			if (is_for(filter, set->at[r])) {
				join(filter, set->at[r], arena);
				joined++;
			}
		if (!joined)
			problem_add(problems, filter->file, filter->line, 1, false, "the filter "
				"'%.*s' is for rules that are not here, or have another logsource",
				SHORT(filter->title));
	}
}

void filters_clear(struct filters *filters)
{
	free(filters->at);
	*filters = (struct filters){0};
}
