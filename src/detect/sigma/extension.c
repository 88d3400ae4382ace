// SPDX-License-Identifier: Apache-2.0
// What saker adds to a rule under the key `saker:` - what to do, and examples - and which programs
// are protected.

#include <strings.h>

#include "base/own.h"
#include "detect/sigma/rule.h"

static const struct text extension_keys[] = {{"action", 6}, {"tests", 5}};
static const struct text test_keys[] = {{"match", 5}, {"no_match", 8}};
static const struct text actions[] = {
	[ACTION_none] = {"none", 4},
	[ACTION_deny] = {"deny", 4},
	[ACTION_kill] = {"kill", 4},
};

static int word_find(struct text word, const struct text *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_equal(word, words[i]))
			return (int)i;
	return -1;
}

void map_keys_check(struct reader *reader, const struct yaml *map, const char *where,
	const struct text *known, size_t n)
{
	const struct yaml *key;

	yaml_each_pair(key, map) {
		int nearest;

		if (key->kind != YAML_scalar || word_find(key->text, known, n) >= 0)
			continue;
		nearest = word_nearest(key->text, known, n);
		if (nearest >= 0)
			doubt(&reader->document, key, "'%.*s' is no key of '%s'; write '%s'",
				SHORT(key->text), where, known[nearest].at);
		else
			doubt(&reader->document, key, "'%.*s' is no key of '%s'; there are '%s' "
				"and '%s'",
				SHORT(key->text), where, known[0].at, known[1].at);
	}
}

static void action_read(struct reader *reader, struct rule *rule, const struct yaml *value)
{
	int action = value->kind == YAML_scalar ?
		word_find(value->text, actions, array_size(actions)) : -1;

	if (action < 0)
		mistake(&reader->document, value, "an action is 'deny', 'kill' or 'none'");
	else
		rule->action = (enum rule_action)action;
}

static void json_put(struct json_writer *out, const struct yaml *node, struct arena *arena)
{
	const struct yaml *item;

	switch (node->kind) {
	case YAML_list:
		json_array_open(out);
		yaml_each(item, node)
			json_put(out, item, arena);
		json_array_close(out);
		return;
	case YAML_map:
		json_object_open(out);
		yaml_each_pair(item, node) {
			json_key(out, item->text);
			json_put(out, item->next, arena);
		}
		json_object_close(out);
		return;
	default:
		break;
	}
	switch (yaml_type(node)) {
	case YAML_null:
		json_null(out);
		break;
	case YAML_flag:
		json_bool(out, (node->text.at[0] | 32) == 't');
		break;
	case YAML_number:
		json_raw(out, number_canonical(node->text, arena));
		break;
	default:
		json_string(out, node->text);
	}
}

static struct text event_text(const struct yaml *node, struct arena *arena, struct arena *scratch)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	json_put(&out, node, scratch);
	return arena_copy(arena, (struct text){out.at, out.n});
}

/* One event, or those of a correlation, each on a line. */
static struct text events_text(const struct yaml *node, struct arena *arena, struct arena *scratch)
{
	struct text all = TEXT(""), one;
	const struct yaml *item;

	if (node->kind == YAML_map)
		return event_text(node, arena, scratch);
	yaml_each(item, node) {
		one = event_text(item, scratch, scratch);
		all = arena_format(scratch, "%.*s%.*s\n", (int)all.n, all.at, (int)one.n, one.at);
	}
	return arena_copy(arena, all);
}

static bool is_example(const struct sigma_rule *rule, const struct yaml *node)
{
	const struct yaml *item;

	if (!rule->correlation || node->kind != YAML_list)
		return !rule->correlation && node->kind == YAML_map;
	yaml_each(item, node)
		if (item->kind != YAML_map)
			return false;
	return true;
}

static void example_add(struct reader *reader, struct sigma_rule *rule, const struct yaml *node,
	bool wanted, size_t index)
{
	struct rule_example *example = arena_new(reader->document.arena, struct rule_example);

	example->json = events_text(node, reader->document.arena, reader->document.scratch);
	example->wanted = wanted;
	example->index = index;
	if (rule->examples_last)
		rule->examples_last->next = example;
	else
		rule->examples = example;
	rule->examples_last = example;
}

static void examples_read(struct reader *reader, struct sigma_rule *rule, const struct yaml *list,
	bool wanted)
{
	const struct yaml *item;
	size_t index = 0;

	if (!list)
		return;
	if (list->kind != YAML_list) {
		mistake(&reader->document, list, "'%s' must be a list of events, each a map of "
			"fields",
			wanted ? "match" : "no_match");
		return;
	}
	yaml_each(item, list) {
		if (is_example(rule, item))
			example_add(reader, rule, item, wanted, ++index);
		else
			mistake(&reader->document, item, "an example must be a %s",
				rule->correlation ? "list of events, each a map of fields and "
				"values" : "map of fields and values");
	}
}

void extension_read(struct reader *reader, struct sigma_rule *rule, const struct yaml *extension)
{
	const struct yaml *action = yaml_get(extension, "action");
	const struct yaml *tests = yaml_get(extension, "tests");

	if (extension->kind != YAML_map) {
		mistake(&reader->document, extension, "'saker' must be a map with 'action', "
			"'tests' or both");
		return;
	}
	map_keys_check(reader, extension, "saker", extension_keys, array_size(extension_keys));
	if (action)
		action_read(reader, &rule->rule, action);
	if (!tests)
		return;
	if (tests->kind != YAML_map) {
		mistake(&reader->document, tests, "'tests' must be a map with 'match' and "
			"'no_match'");
		return;
	}
	map_keys_check(reader, tests, "tests", test_keys, array_size(test_keys));
	examples_read(reader, rule, yaml_get(tests, "match"), true);
	examples_read(reader, rule, yaml_get(tests, "no_match"), false);
}

/* Programs that are never stopped unless a rule names them. */
static const char *const protected_names[] = {"init", "systemd", "sshd", "dpkg", "apt", "apt-get",
	"aptitude", "rpm", "dnf", "yum", "zypper", "pacman"};

/* The fields that name the program that acts. */
static const char *const program_fields[] = {
	"Image", "process.executable", "OriginalFileName", "process.name"};

static bool is_program_field(struct text name)
{
	for (size_t i = 0; i < array_size(program_fields); i++)
		if (name.n == strlen(program_fields[i]) &&
		    !strncasecmp(name.at, program_fields[i], name.n))
			return true;
	return false;
}

static bool predicate_names_protected(const struct predicate *p, const struct fields *names)
{
	struct text name = text_basename(p->text);

	if (!operation_is_plain(p->operation) || p->operation == OPERATION_starts ||
	    !is_program_field(names->at[p->field].name))
		return false;
	for (size_t i = 0; i < array_size(protected_names); i++)
		if (text_is(name, protected_names[i]))
			return true;
	return false;
}

static bool names_protected(const struct expression *expression, bool negated,
	const struct predicates *predicates, const struct fields *names)
{
	if (expression->kind == EXPRESSION_leaf)
		return !negated && predicate_names_protected(
			predicates->at + expression->predicate, names);
	negated ^= expression->kind == EXPRESSION_not;
	for (const struct expression *e = expression->first; e; e = e->next)
		if (names_protected(e, negated, predicates, names))
			return true;
	return false;
}

bool expression_names_protected(const struct expression *expression,
	const struct predicates *predicates, const struct fields *names)
{
	return names_protected(expression, false, predicates, names);
}
