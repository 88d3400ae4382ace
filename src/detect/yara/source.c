// SPDX-License-Identifier: Apache-2.0
// The rules of a YARA source text.

#include "detect/yara/source.h"

#include "base/own.h"

/* So many $x* are looked at one by one in a condition. */
enum { SETS_MAX = 1024 };

bool yara_member_fits(struct text member, struct text string)
{
	if (!member.n || member.at[member.n - 1] != '*')
		return text_equal(member, string);
	return text_starts(string, (struct text){member.at, member.n - 1});
}

static struct yara_pattern **chain_of(const struct yara_rule *rule, struct text name)
{
	uint64_t hash = text_hash((struct text){name.at + 1, name.n - 1});

	return (struct yara_pattern **)rule->named + hash % YARA_NAMES;
}

struct yara_pattern *yara_pattern_find(const struct yara_rule *rule, struct text name)
{
	struct text wanted = {name.at + 1, name.n - 1};

	if (!wanted.n)
		return NULL;
	for (struct yara_pattern *p = *chain_of(rule, name); p; p = p->same)
		if (text_equal((struct text){p->name.text.at + 1, p->name.text.n - 1}, wanted))
			return p;
	return NULL;
}

static unsigned modifier_of(const struct yara_scanner *s)
{
	static const struct {
		const char *name;
		unsigned modifier;
	} modifiers[] = {
		{"nocase", YARA_nocase}, {"wide", YARA_wide}, {"ascii", YARA_ascii},
		{"base64", YARA_base64}, {"base64wide", YARA_base64},
	};

	for (size_t i = 0; i < array_size(modifiers); i++)
		if (yara_at(s, modifiers[i].name))
			return modifiers[i].modifier;
	return 0;
}

static bool is_section(const struct yara_scanner *s)
{
	return s->token.kind == YARA_word && yara_before(s, ":") &&
		(yara_at(s, "meta") || yara_at(s, "strings") || yara_at(s, "condition"));
}

static bool is_rule_end(const struct yara_scanner *s)
{
	return s->token.kind == YARA_end || yara_at(s, "}") || yara_at(s, "rule");
}

/* One string with its modifiers; the token at hand is its name. NULL if it has no value. */
static struct yara_pattern *pattern_take(struct yara_scanner *s, struct arena *arena)
{
	struct yara_pattern *pattern = arena_new(arena, struct yara_pattern);

	pattern->name = s->token;
	yara_next(s);
	if (!yara_at(s, "="))
		return NULL;
	yara_next(s);
	pattern->value = s->token;
	if (s->token.kind != YARA_text && s->token.kind != YARA_regex && s->token.kind != YARA_hex)
		return NULL;
	while (yara_next(s) && s->token.kind != YARA_string && !is_rule_end(s) && !is_section(s))
		pattern->modifiers |= modifier_of(s);
	return pattern;
}

static void strings_read(struct yara_rule *rule, struct yara_scanner *s, struct arena *arena)
{
	struct yara_pattern **end = &rule->strings;

	while (!is_rule_end(s) && !is_section(s)) {
		struct yara_pattern *pattern = NULL;

		if (s->token.kind == YARA_string)
			pattern = pattern_take(s, arena);
		else
			yara_next(s);
		if (pattern && rule->n < YARA_STRINGS_MAX) {
			struct yara_pattern **chain = chain_of(rule, pattern->name.text);

			pattern->same = *chain;
			*chain = *end = pattern;
			end = &pattern->next;
			rule->n++;
		}
	}
}

/* Which strings the condition names, by its words alone, whether or not it is understood. */
static void set_use(struct yara_rule *rule, struct text member)
{
	for (struct yara_pattern *p = rule->strings; p; p = p->next)
		p->used |= yara_member_fits(member, p->name.text);
}

static void uses_read(struct yara_rule *rule, struct yara_scanner s, struct arena *arena)
{
	struct yara_member **end = &rule->sets;
	unsigned sets = 0;

	while (yara_next(&s) && !is_rule_end(&s)) {
		struct text name = s.token.text;
		struct yara_pattern *pattern;

		if (yara_at(&s, "them"))
			set_use(rule, TEXT("$*"));
		if (s.token.kind < YARA_string || s.token.kind > YARA_length)
			continue;
		if (name.at[name.n - 1] != '*') {
			pattern = yara_pattern_find(rule, name);
			if (pattern)
				pattern->used = true;
			continue;
		}
		set_use(rule, sets < SETS_MAX ? name : TEXT("$*"));
		if (sets++ >= SETS_MAX)
			return;
		*end = arena_new(arena, struct yara_member);
		(*end)->token = s.token;
		end = &(*end)->next;
	}
}

/* The token at hand is "condition". */
static void condition_read(struct yara_rule *rule, struct yara_scanner *s, struct arena *arena)
{
	yara_next(s);
	uses_read(rule, *s, arena);
	rule->condition = yara_condition(s, arena);
	while (!is_rule_end(s))
		yara_next(s);
}

/* The token at hand is the rule's '{', or something that should not be there. */
static void body_read(struct yara_rule *rule, struct yara_scanner *s, struct arena *arena)
{
	while (!is_rule_end(s))
		if (!is_section(s)) {
			yara_next(s);
		} else if (yara_at(s, "strings")) {
			yara_next(s);
			yara_next(s);
			strings_read(rule, s, arena);
		} else if (yara_at(s, "condition")) {
			condition_read(rule, s, arena);
		} else {
			yara_next(s);
		}
}

struct yara_rule *yara_rule_next(struct yara_scanner *s, struct arena *arena)
{
	struct yara_rule *rule;

	while (!yara_at(s, "rule"))
		if (!yara_next(s))
			return NULL;
	yara_next(s);
	rule = arena_new(arena, struct yara_rule);
	rule->name = s->token;
	while (!yara_at(s, "{") && !is_rule_end(s))
		yara_next(s);
	if (yara_at(s, "{"))
		yara_next(s);
	body_read(rule, s, arena);
	return rule;
}
