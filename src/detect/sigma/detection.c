// SPDX-License-Identifier: Apache-2.0
// The `detection:` of a rule.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/sigma/detection.h"

enum { SELECTIONS_MAX = 4096 };

struct selections {
	struct selection *at;
	size_t n;
};

static void selections_clear(struct selections *selections)
{
	free(selections->at);
}

static bool is_selection(const struct yaml *key)
{
	return !text_is(key->text, "condition") && !text_is(key->text, "timeframe");
}

static bool selection_add(struct reader *reader, struct selections *selections,
	const struct yaml *key)
{
	struct selection *selection = selections->at + selections->n;

	for (size_t i = 0; i < selections->n; i++)
		if (text_equal(selections->at[i].key->text, key->text)) {
			mistake(&reader->document, key, "the search identifier '%.*s' stands "
				"twice",
				SHORT(key->text));
			return false;
		}
	selection->key = key;
	selection->expression = selection_read(reader, key);
	selections->n += selection->expression != NULL;
	return selection->expression;
}

static bool selections_read(struct reader *reader, const struct yaml *detection,
	struct selections *selections)
{
	const struct yaml *key;
	bool whole = true;

	if (detection->count > SELECTIONS_MAX) {
		mistake(&reader->document, detection, "there are more than 4096 search "
			"identifiers");
		return false;
	}
	selections->at = memory_new((detection->count + 1) * sizeof *selections->at);
	yaml_each_pair(key, detection) {
		if (key->kind != YAML_scalar) {
			mistake(&reader->document, key, "the name of a search identifier must be "
				"a text");
			return false;
		}
		if (text_is(key->text, "timeframe"))
			doubt(&reader->document, key, "'timeframe' is Sigma 1 and means nothing "
				"here; write a correlation rule with 'timespan'");
		if (is_selection(key) && !selection_add(reader, selections, key))
			whole = false;
	}
	return whole;
}

/* A list of conditions: one of them. */
static struct expression *conditions_read(struct reader *reader, const struct yaml *condition,
	struct selections *selections)
{
	struct expression *any;
	const struct yaml *item;

	if (condition->kind != YAML_list)
		return condition_read(reader, condition, selections->at, selections->n);
	if (!condition->first) {
		mistake(&reader->document, condition, "the list of conditions is empty");
		return NULL;
	}
	any = expression_new(EXPRESSION_or, reader->document.arena);
	yaml_each(item, condition) {
		struct expression *one =
			condition_read(reader, item, selections->at, selections->n);

		if (!one)
			return NULL;
		expression_add(any, one);
	}
	if (any->code >= CODE_MAX) {
		mistake(&reader->document, condition, "the conditions have more than 1048576 "
			"steps");
		return NULL;
	}
	return any;
}

struct expression *detection_read(struct reader *reader, const struct yaml *detection)
{
	until_return(selections_clear) struct selections selections = {0};
	const struct yaml *condition = yaml_get(detection, "condition");
	struct expression *expression;

	if (detection->kind != YAML_map) {
		mistake(&reader->document, detection, "'detection' must be a map of search "
			"identifiers and a condition");
		return NULL;
	}
	if (!selections_read(reader, detection, &selections))
		return NULL;
	if (!selections.n) {
		mistake(&reader->document, detection, "the detection has no search identifier; "
			"write for instance 'selection:' with fields below it");
		return NULL;
	}
	if (!condition) {
		mistake(&reader->document, detection, "the detection has no condition; write "
			"'condition: %.*s'", SHORT(selections.at[0].key->text));
		return NULL;
	}
	expression = conditions_read(reader, condition, &selections);
	for (size_t i = 0; expression && i < selections.n; i++)
		if (!selections.at[i].used)
			doubt(&reader->document, selections.at[i].key,
				"the condition does not use '%.*s'",
				SHORT(selections.at[i].key->text));
	return expression;
}
