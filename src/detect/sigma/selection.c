// SPDX-License-Identifier: Apache-2.0
// Search identifiers: maps (all items), lists of maps (one of them), lists of keywords.

#include "base/own.h"
#include "detect/sigma/detection.h"
#include "detect/sigma/modifier.h"

static bool value_is_scalar(struct reader *reader, const struct yaml *key,
	const struct yaml *value)
{
	if (value->kind == YAML_scalar)
		return true;
	mistake(&reader->document, value, "the value of '%.*s' must be a text, a number, a list "
		"of them, or null", SHORT(key->text));
	return false;
}

/* All or one of the values of a list. */
static struct expression *list_read(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *key)
{
	const struct yaml *list = key->next, *value;
	bool all = modifiers->set & (M_all | M_neq);
	struct expression *several =
		expression_new(all ? EXPRESSION_and : EXPRESSION_or, reader->document.arena);

	if (!list->first) {
		mistake(&reader->document, list, "the list of '%.*s' is empty", SHORT(key->text));
		return NULL;
	}
	if (modifiers->set & M_exists) {
		mistake(&reader->document, list, "'exists' takes true or false, not a list");
		return NULL;
	}
	yaml_each(value, list) {
		struct expression *one;

		if (!value_is_scalar(reader, key, value))
			return NULL;
		if (yaml_type(value) == YAML_null && list->count > 1)
			doubt(&reader->document, value, "null in a list: true if the field is "
				"absent; write it as an item of its own");
		one = term_read(reader, modifiers, field, value);
		if (!one)
			return NULL;
		expression_add(several, one);
	}
	return several;
}

static struct expression *item_read(struct reader *reader, const struct yaml *key)
{
	struct modifiers modifiers;
	struct text name;
	uint32_t field;

	if (key->kind != YAML_scalar) {
		mistake(&reader->document, key, "a field name must be a text");
		return NULL;
	}
	if (!modifiers_read(&reader->document, key, &name, &modifiers))
		return NULL;
	field = name.n ? fields_intern(reader->names, name) : FIELD_KEYWORDS;
	if (field == FIELD_KEYWORDS && (modifiers.set & (M_exists | M_neq | M_fieldref))) {
		mistake(&reader->document, key, "keywords have no field, so that exists, neq and "
			"fieldref mean nothing; put the field's name before the first '|'");
		return NULL;
	}
	if (key->next->kind == YAML_list)
		return list_read(reader, &modifiers, field, key);
	if (!value_is_scalar(reader, key, key->next))
		return NULL;
	return term_read(reader, &modifiers, field, key->next);
}

static bool key_is_new(struct reader *reader, const struct yaml *map, const struct yaml *key)
{
	const struct yaml *other;

	yaml_each_pair(other, map) {
		if (other == key)
			return true;
		if (other->kind == YAML_scalar && text_equal(other->text, key->text)) {
			mistake(&reader->document, key, "'%.*s' stands twice here; write one "
				"list of values (with '|all' if all must be there)",
				SHORT(key->text));
			return false;
		}
	}
	return true;
}

enum { SCALAR_KEYS_MAX = 1000 };

static struct expression *map_read(struct reader *reader, const struct yaml *map)
{
	struct expression *all = expression_new(EXPRESSION_and, reader->document.arena);
	const struct yaml *key;

	if (!map->first || map->count > SCALAR_KEYS_MAX) {
		mistake(&reader->document, map, map->first ? "a map has more than 1000 fields" :
			"an empty map asks for nothing");
		return NULL;
	}
	yaml_each_pair(key, map) {
		struct expression *item = item_read(reader, key);

		if (!item || !key_is_new(reader, map, key))
			return NULL;
		expression_add(all, item);
	}
	return all;
}

static struct expression *keyword_read(struct reader *reader, const struct yaml *value)
{
	static const struct modifiers none;

	return term_read(reader, &none, FIELD_KEYWORDS, value);
}

static struct expression *one_read(struct reader *reader, const struct yaml *item)
{
	if (item->kind == YAML_map)
		return map_read(reader, item);
	if (item->kind == YAML_scalar)
		return keyword_read(reader, item);
	mistake(&reader->document, item, "a list inside of a list means nothing; write maps or "
		"texts");
	return NULL;
}

struct expression *selection_read(struct reader *reader, const struct yaml *key)
{
	const struct yaml *value = key->next, *item;
	struct expression *any;

	if (value->kind != YAML_list)
		return one_read(reader, value);
	if (!value->first) {
		mistake(&reader->document, value, "the list '%.*s' is empty", SHORT(key->text));
		return NULL;
	}
	any = expression_new(EXPRESSION_or, reader->document.arena);
	yaml_each(item, value) {
		struct expression *one = one_read(reader, item);

		if (!one)
			return NULL;
		expression_add(any, one);
	}
	return any;
}
