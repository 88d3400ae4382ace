// SPDX-License-Identifier: Apache-2.0
// Placeholders, and the values that stand for them.

#include "detect/sigma/modifier.h"
#include "detect/sigma/placeholder.h"
#include "detect/sigma/rule.h"

enum { PLACEHOLDERS_IN_VALUE = 4 };

bool placeholders_is(const struct yaml *root)
{
	return root->kind == YAML_map && yaml_get(root, "placeholders");
}

static struct placeholder *find(const struct placeholders *placeholders, struct text name)
{
	struct placeholder *at = placeholders->first;

	while (at && !text_equal(at->name, name))
		at = at->next;
	return at;
}

void placeholders_read(struct reader *reader, const struct yaml *root)
{
	const struct yaml *map = yaml_get(root, "placeholders"), *key;
	struct arena *arena = reader->document.arena;

	if (map->kind != YAML_map) {
		mistake(&reader->document, map, "'placeholders' must be a map of names and "
			"values");
		return;
	}
	yaml_each_pair(key, map) {
		struct placeholder *one;

		if (key->kind != YAML_scalar || find(reader->placeholders, key->text)) {
			mistake(&reader->document, key, "the placeholder '%.*s' has values "
				"already", SHORT(key->text));
			continue;
		}
		one = arena_new(arena, struct placeholder);
		one->name = arena_copy(arena, key->text);
		one->values = yaml_texts_of(reader, key->next, one->name.at);
		one->next = reader->placeholders->first;
		if (one->values.n)
			reader->placeholders->first = one;
		else
			mistake(&reader->document, key, "the placeholder '%.*s' needs a value or "
				"a list of them", SHORT(key->text));
	}
}

/* Where the first %name% stands: from `start` up to and with `end`. */
static bool placeholder_find(struct text value, size_t *start, size_t *end)
{
	const char *from = value.n ? memchr(value.at, '%', value.n) : NULL, *to;

	if (!from)
		return false;
	*start = (size_t)(from - value.at);
	to = memchr(from + 1, '%', value.n - *start - 1);
	if (!to || to == from + 1)
		return false;
	*end = (size_t)(to - value.at);
	return true;
}

static struct text replaced(struct arena *arena, struct text value, size_t start, size_t end,
	struct text by)
{
	struct text result = {arena_alloc(arena, value.n + by.n + 1), 0};
	char *at = (char *)result.at;

	memcpy(at, value.at, start);
	if (by.n)
		memcpy(at + start, by.at, by.n);
	memcpy(at + start + by.n, value.at + end + 1, value.n - end - 1);
	result.n = value.n - (end + 1 - start) + by.n;
	return result;
}

struct expression *placeholder_read(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value, bool *expanded)
{
	struct arena *arena = reader->document.arena;
	struct expression *any;
	struct placeholder *known;
	struct text name;
	size_t start, end;

	*expanded = placeholder_find(value->text, &start, &end);
	if (!*expanded)
		return NULL;
	name = (struct text){value->text.at + start + 1, end - start - 1};
	known = find(reader->placeholders, name);
	if (!known && !reader->placeholders->all_known) {
		reader->waits = true;
		return NULL;
	}
	if (!known || reader->expanding == PLACEHOLDERS_IN_VALUE) {
		mistake(&reader->document, value, "the placeholder '%%%.*s%%' has no value; write "
			"one among the rules: 'placeholders: {%.*s: [...]}'", SHORT(name),
			SHORT(name));
		return NULL;
	}
	any = expression_new(modifiers->set & M_all ? EXPRESSION_and : EXPRESSION_or, arena);
	reader->expanding++;
	for (size_t i = 0; i < known->values.n; i++) {
		struct yaml one = *value;
		struct expression *expression;

		one.next = NULL;
		one.text = replaced(reader->document.scratch, value->text, start, end,
			known->values.at[i]);
		expression = term_read(reader, modifiers, field, &one);
		if (!expression)
			break;
		expression_add(any, expression);
	}
	reader->expanding--;
	return any;
}
