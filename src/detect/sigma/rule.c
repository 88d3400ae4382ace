// SPDX-License-Identifier: Apache-2.0
// A detection rule from its YAML document.

#include "base/own.h"
#include "detect/sigma/rule.h"

static const char *const levels[] = {"informational", "low", "medium", "high", "critical"};
static const char *const statuses[] = {
	"stable", "test", "experimental", "deprecated", "unsupported"};

int rule_level(struct text level)
{
	if (!level.n)
		return 2;
	for (size_t i = 0; i < array_size(levels); i++)
		if (text_is(level, levels[i]))
			return (int)i;
	return -1;
}

struct text yaml_text_get(struct reader *reader, const struct yaml *map, const char *key)
{
	const struct yaml *value = yaml_get(map, key);

	if (!value || (value->kind == YAML_scalar && yaml_type(value) == YAML_null))
		return (struct text){0};
	if (value->kind != YAML_scalar) {
		mistake(&reader->document, value, "'%s' must be a text", key);
		return (struct text){0};
	}
	return arena_copy(reader->document.arena, value->text);
}

static void word_check(struct reader *reader, const struct yaml *root, const char *key,
	const char *const *words, size_t n)
{
	const struct yaml *value = yaml_get(root, key);
	struct text texts[8];
	int nearest;

	if (!value || value->kind != YAML_scalar)
		return;
	for (size_t i = 0; i < n; i++) {
		if (text_is(value->text, words[i]))
			return;
		texts[i] = text_of(words[i]);
	}
	nearest = word_nearest(value->text, texts, n);
	if (nearest < 0)
		doubt(&reader->document, value, "'%.*s' is no %s that Sigma knows",
			SHORT(value->text), key);
	else
		doubt(&reader->document, value, "'%.*s' is no %s; write '%s'", SHORT(value->text),
			key,
			words[nearest]);
}

struct text_list yaml_texts_of(struct reader *reader, const struct yaml *value, const char *key)
{
	const struct yaml *item;
	struct text *texts;
	size_t n = 0;

	if (value->kind == YAML_map) {
		doubt(&reader->document, value, "'%s' must be a list of texts", key);
		return (struct text_list){0};
	}
	if (value->kind == YAML_scalar && yaml_type(value) == YAML_null)
		return (struct text_list){0};
	texts = arena_alloc(reader->document.arena, (value->count + 1) * sizeof *texts);
	if (value->kind == YAML_scalar)
		texts[n++] = arena_copy(reader->document.arena, value->text);
	else
		yaml_each(item, value)
			if (item->kind == YAML_scalar)
				texts[n++] = arena_copy(reader->document.arena, item->text);
	return (struct text_list){texts, n};
}

struct text_list yaml_texts_get(struct reader *reader, const struct yaml *map, const char *key)
{
	const struct yaml *value = yaml_get(map, key);

	return value ? yaml_texts_of(reader, value, key) : (struct text_list){0};
}

static bool is_technique(struct text name)
{
	return name.n >= 5 && (name.at[0] | 32) == 't' && name.at[1] >= '0' && name.at[1] <= '9';
}

/* Groups and software of ATT&CK: g0007, s0002. */
static bool is_group_or_software(struct text name)
{
	return name.n == 5 && ((name.at[0] | 32) == 'g' || (name.at[0] | 32) == 's') &&
		name.at[1] >= '0' && name.at[1] <= '9';
}

/* "attack.t1059.004" names a technique, "attack.command_and_control" a tactic. */
static void tags_sort(struct arena *arena, struct rule *rule)
{
	struct text *techniques = arena_alloc(arena, rule->tags.n * sizeof *techniques);
	struct text *tactics = arena_alloc(arena, rule->tags.n * sizeof *tactics);
	size_t technique_count = 0, tactic_count = 0;

	for (size_t i = 0; i < rule->tags.n; i++) {
		struct text tag = rule->tags.at[i];
		char *copy;

		if (!text_starts(tag, TEXT("attack.")))
			continue;
		tag = arena_copy(arena, (struct text){tag.at + 7, tag.n - 7});
		copy = (char *)tag.at;
		if (is_technique(tag)) {
			copy[0] = 'T';
			techniques[technique_count++] = tag;
			continue;
		}
		if (is_group_or_software(tag))
			continue;
		for (size_t j = 0; j < tag.n; j++)
			copy[j] = copy[j] == '_' ? '-' : copy[j];
		tactics[tactic_count++] = tag;
	}
	rule->techniques = (struct text_list){techniques, technique_count};
	rule->tactics = (struct text_list){tactics, tactic_count};
}

static void about_read(struct reader *reader, struct rule *rule, const struct yaml *root)
{
	rule->title = yaml_text_get(reader, root, "title");
	rule->id = yaml_text_get(reader, root, "id");
	rule->description = yaml_text_get(reader, root, "description");
	rule->level = yaml_text_get(reader, root, "level");
	rule->status = yaml_text_get(reader, root, "status");
	rule->tags = yaml_texts_get(reader, root, "tags");
	rule->references = yaml_texts_get(reader, root, "references");
	rule->false_positives = yaml_texts_get(reader, root, "falsepositives");
	word_check(reader, root, "level", levels, array_size(levels));
	word_check(reader, root, "status", statuses, array_size(statuses));
	tags_sort(reader->document.arena, rule);
	if (!rule->title.n)
		mistake(&reader->document, root, "the rule has no title; write 'title: ...'");
}

void rule_about_read(struct reader *reader, struct sigma_rule *rule, const struct yaml *root)
{
	about_read(reader, &rule->rule, root);
	rule->name = yaml_text_get(reader, root, "name");
}

bool rule_is_named(const struct sigma_rule *rule, struct text name)
{
	return (rule->rule.id.n && text_equal(rule->rule.id, name)) ||
		(rule->name.n && text_equal(rule->name, name)) ||
		text_equal(rule->rule.title, name);
}

static void source_read(struct reader *reader, struct sources *sources, struct sigma_rule *rule,
	const struct yaml *root)
{
	const struct yaml *node = yaml_get(root, "logsource");
	struct logsource source;

	if (!node || node->kind != YAML_map) {
		mistake(&reader->document, node ? node : root, "the rule has no logsource; write "
			"for instance 'logsource: {product: linux, category: process_creation}'");
		return;
	}
	source.product = rule->rule.product = yaml_text_get(reader, node, "product");
	source.category = rule->rule.category = yaml_text_get(reader, node, "category");
	source.service = rule->rule.service = yaml_text_get(reader, node, "service");
	if (!source.product.n && !source.category.n && !source.service.n)
		mistake(&reader->document, node, "the logsource names no product, category or "
			"service");
	rule->source = sources_intern(sources, &source);
	if (rule->source == UINT32_MAX)
		mistake(&reader->document, node, "there are more than 4096 different logsources");
}

/* Whether the document is a detection rule at all. */
static bool kind_is_right(struct reader *reader, const struct yaml *root)
{
	static const struct text keys[] = {
		{"detection", 9}, {"title", 5}, {"logsource", 9}, {"description", 11}};
	const struct yaml *key;

	if (root->kind != YAML_map) {
		mistake(&reader->document, root, "a rule must be a map of title, logsource, "
			"detection ...; this is a %s", root->kind == YAML_list ? "list" : "text");
		return false;
	}
	if (yaml_get(root, "detection"))
		return true;
	if (yaml_get(root, "action"))
		mistake(&reader->document, root, "'action: global' is Sigma 1; write each rule "
			"whole");
	if (reader->document.refused)
		return false;
	yaml_each_pair(key, root)
		if (key->kind == YAML_scalar && word_nearest(key->text, keys, 1) == 0) {
			mistake(&reader->document, key, "'%.*s' is no key of a rule; write "
				"'detection'",
				SHORT(key->text));
			return false;
		}
	mistake(&reader->document, root, "the rule has no detection; write 'detection:' with "
		"search identifiers and a condition below it");
	return false;
}

static void keys_check(struct reader *reader, const struct yaml *root)
{
	const struct yaml *key, *other;

	if (root->count > 100)
		return;
	yaml_each_pair(key, root)
		for (other = root->first; other != key; other = other->next->next)
			if (key->kind == YAML_scalar && other->kind == YAML_scalar &&
			    text_equal(key->text, other->text))
				mistake(&reader->document, key, "the key '%.*s' stands twice",
					SHORT(key->text));
}

struct sigma_rule *rule_read(struct reader *reader, struct sources *sources,
	const struct yaml *root)
{
	struct sigma_rule *rule = arena_new(reader->document.arena, struct sigma_rule);
	const struct yaml *extension;

	rule->rule.file = reader->document.file;
	rule->rule.line = root->line;
	if (!kind_is_right(reader, root))
		return NULL;
	keys_check(reader, root);
	rule_about_read(reader, rule, root);
	source_read(reader, sources, rule, root);
	extension = yaml_get(root, "saker");
	if (extension)
		extension_read(reader, rule, extension);
	rule->expression = detection_read(reader, yaml_get(root, "detection"));
	if (!rule->expression || reader->document.refused)
		return NULL;
	rule->rule.names_protected = expression_names_protected(rule->expression,
		reader->predicates, reader->names);
	return rule;
}
