// SPDX-License-Identifier: Apache-2.0
// The members of correlations, and what is taken from their events.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "detect/rules_private.h"

enum { VALUE_MAX = 1024 };

/* A correlation comes first: its title may be that of nothing else. */
static struct sigma_rule *member_find(struct rules *rules, const struct correlation *self,
	struct text reference)
{
	for (size_t i = 0; i < rules->correlations.n; i++)
		if (rules->correlations.at[i] != self &&
		    rule_is_named(rules->correlations.at[i]->rule, reference))
			return rules->correlations.at[i]->rule;
	for (size_t i = 0; i < rules->set.n; i++)
		if (!rules->set.at[i]->correlation && rule_is_named(rules->set.at[i], reference))
			return rules->set.at[i];
	return NULL;
}

/* A correlation is refused: why, and the name that it is about. */
static void refuse(struct rules *rules, const struct correlation *c, const char *why,
	struct text what)
{
	problem_add(&rules->problems, c->rule->rule.file, c->line, c->column, true, "%s '%.*s'",
		why, SHORT(what));
}

static bool members_find(struct rules *rules, struct correlation *c)
{
	c->members = arena_alloc(&rules->arena, c->references.n * sizeof *c->members);
	for (size_t i = 0; i < c->references.n; i++) {
		c->members[i] = member_find(rules, c, c->references.at[i]);
		if (!c->members[i]) {
			refuse(rules, c, "there is no rule with the name or id",
				c->references.at[i]);
			return false;
		}
	}
	c->member_count = (unsigned)c->references.n;
	return true;
}

/* What a name means in events of a member. */
static struct text aliased(const struct correlation *c, unsigned member, struct text name)
{
	for (size_t i = 0; i < c->alias_count; i++)
		if (text_equal(c->alias_rows[i][0], name) &&
		    (text_equal(c->alias_rows[i][1], c->references.at[member]) ||
		     rule_is_named(c->members[member], c->alias_rows[i][1])))
			return c->alias_rows[i][2];
	return name;
}

static bool group_field_find(struct rules *rules, struct correlation *c, unsigned member,
	struct text name, uint32_t *number)
{
	const struct correlation *chained = c->members[member]->correlation;

	if (!chained) {
		*number = fields_intern(&rules->set.names, name);
		return true;
	}
	for (*number = 0; *number < chained->groups.n; ++*number)
		if (text_equal(chained->groups.at[*number], name))
			return true;
	refuse(rules, c, "one of its rules is a correlation that is not grouped by", name);
	return false;
}

/* The process of an event, and those above it. */
static const struct text tree_names[CORRELATION_TREE] = {
	{"ProcessGuid", 11}, {"ParentProcessGuid", 17}, {"AncestorProcessGuid", 19}};

/* Each alias is for one of the members, and is grouped by. */
static bool aliases_are_used(struct rules *rules, const struct correlation *c)
{
	for (size_t i = 0; i < c->alias_count; i++) {
		const struct text *row = c->alias_rows[i];
		bool is_member = false, is_group = false;

		for (unsigned m = 0; m < c->member_count; m++)
			is_member |= text_equal(row[1], c->references.at[m]) ||
				rule_is_named(c->members[m], row[1]);
		for (size_t g = 0; g < c->groups.n; g++)
			is_group |= text_equal(row[0], c->groups.at[g]);
		if (!is_member)
			refuse(rules, c, "an alias is for a rule that is not its own,", row[1]);
		else if (!is_group)
			refuse(rules, c, "it has an alias that it is not grouped by,", row[0]);
		if (!is_member || !is_group)
			return false;
	}
	return true;
}

/* What correlations find has no fields of its own. */
static bool fields_are_of_events(struct rules *rules, const struct correlation *c)
{
	for (unsigned m = 0; c->fields.n && m < c->member_count; m++)
		if (c->members[m]->correlation) {
			refuse(rules, c, "it asks for a field of what a correlation finds,",
				c->references.at[m]);
			return false;
		}
	return true;
}

static bool fields_find_all(struct rules *rules, struct correlation *c)
{
	if (!aliases_are_used(rules, c) || !fields_are_of_events(rules, c))
		return false;
	c->group_fields = arena_alloc(&rules->arena,
		(c->groups.n * c->member_count + 1) * sizeof *c->group_fields);
	for (unsigned m = 0; m < c->member_count; m++)
		for (size_t g = 0; g < c->groups.n; g++)
			if (!group_field_find(rules, c, m, aliased(c, m, c->groups.at[g]),
				c->group_fields + m * c->groups.n + g))
				return false;
	for (size_t t = 0; t < CORRELATION_TREE; t++)
		c->tree_fields[t] = fields_intern(&rules->set.names, tree_names[t]);
	for (size_t f = 0; f < c->fields.n; f++)
		c->field_numbers[f] = fields_intern(&rules->set.names, c->fields.at[f]);
	return true;
}

/* Whether a correlation is a member of itself, over others. */
static bool is_circular(const struct correlation *c, const struct correlation *self,
	unsigned depth)
{
	for (unsigned m = 0; m < c->member_count; m++) {
		const struct correlation *below = c->members[m]->correlation;

		if (below && (below == self || depth == CORRELATION_MEMBERS_MAX ||
			      is_circular(below, self, depth + 1)))
			return true;
	}
	return false;
}

static void membership_add(struct rules *rules, const struct correlation *c, unsigned member)
{
	struct sigma_rule *rule = (struct sigma_rule *)c->members[member];
	struct membership *link = arena_new(&rules->arena, struct membership);

	/* the last member of an order first, so that one event is not two of them */
	*link = (struct membership){c, member, rule->memberships};
	rule->memberships = link;
	rule->told |= c->generate;
}

void correlations_resolve(struct rules *rules)
{
	struct correlations *all = &rules->correlations;
	size_t left;

	for (size_t before = all->n + 1; before > all->n;) { /* one that goes takes others along */
		before = all->n;
		left = 0;
		for (size_t i = 0; i < all->n; i++)
			if (members_find(rules, all->at[i]))
				all->at[left++] = all->at[i];
		all->n = left;
	}
	left = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct correlation *c = all->at[i];

		if (is_circular(c, c, 0))
			refuse(rules, c, "it is one of its own members, over",
				c->references.at[0]);
		else if (fields_find_all(rules, c))
			all->at[left++] = c;
	}
	all->n = left;
	for (size_t i = 0; i < all->n; i++) {
		all->at[i]->number = (unsigned)i;
		rule_keep(rules, all->at[i]->rule);
		for (unsigned m = 0; m < all->at[i]->member_count; m++)
			membership_add(rules, all->at[i], m);
	}
}

bool rule_is_correlation(const struct rule *rule)
{
	return ((const struct sigma_rule *)rule)->correlation;
}

bool rule_is_member(const struct rule *rule)
{
	return ((const struct sigma_rule *)rule)->memberships;
}

bool rule_is_told(const struct rules *rules, const struct rule *rule)
{
	const struct sigma_rule *sigma = (const struct sigma_rule *)rule;

	return (!sigma->memberships || sigma->told || rule->action != ACTION_none) &&
		rule_is_severe(&rules->set, sigma);
}

bool rules_correlate(const struct rules *rules)
{
	return rules->correlations.n;
}

/* The first value of a field, as text; false if it has none. */
static bool value_take(struct row *row, uint32_t field, struct text *value)
{
	uint32_t v = row_first(row, field);

	if (!v || row->values[v].kind >= VALUE_null)
		return false;
	*value = row->values[v].view[VIEW_raw];
	if (value->n > VALUE_MAX)
		value->n = VALUE_MAX;
	return true;
}

/* Values behind their lengths, in one text. */
static struct text joined(struct arena *arena, const struct text *values, size_t n)
{
	size_t size = 0;
	char *start, *at;

	for (size_t i = 0; i < n; i++)
		size += values[i].n + sizeof(uint16_t);
	start = at = arena_alloc(arena, size + 1);
	for (size_t i = 0; i < n; i++) {
		uint16_t length = (uint16_t)values[i].n;

		memcpy(at, &length, sizeof length);
		if (length)
			memcpy(at + sizeof length, values[i].at, length);
		at += sizeof length + length;
	}
	return (struct text){start, size};
}

/* The first value of each field; false if one is missing. `but` is left out. */
static bool values_take(struct row *row, const uint32_t *numbers, size_t n, size_t but,
	struct text *values)
{
	for (size_t i = 0; i < n; i++)
		if (i != but && !value_take(row, numbers[i], values + i))
			return false;
	return true;
}

static bool number_take(struct row *row, uint32_t field, double *number)
{
	struct text value;
	long double read;

	if (!value_take(row, field, &value) || !number_read(value, &read))
		return false;
	*number = (double)read;
	return true;
}

/* Whom hits are given to. */
struct receiver {
	void (*each)(void *context, const struct correlation_hit *hit);
	void *context;
};

/*
 * In each group that a process stands for: the first member begins the one of its own process; the
 * others go on in those of their own process and of all above it.
 */
static void tree_hits(struct row *row, struct correlation_hit *hit, struct text *values,
	const struct receiver *to)
{
	const struct correlation *c = hit->correlation;
	size_t places = hit->member ? CORRELATION_TREE : 1;

	hit->goes_on = hit->member;
	for (size_t t = 0; t < places; t++)
		for (uint32_t v = row_first(row, c->tree_fields[t]); v; v = row->values[v].next) {
			if (row->values[v].kind >= VALUE_null)
				continue;
			values[c->tree] = row->values[v].view[VIEW_raw];
			if (values[c->tree].n > VALUE_MAX)
				values[c->tree].n = VALUE_MAX;
			hit->key = joined(&row->arena, values, c->groups.n);
			to->each(to->context, hit);
		}
}

static void hit_give(struct row *row, struct correlation_hit *hit, const struct receiver *to)
{
	const struct correlation *c = hit->correlation;
	const uint32_t *groups = c->group_fields + hit->member * c->groups.n;
	struct text values[CORRELATION_FIELDS_MAX], counted[CORRELATION_FIELDS_MAX];

	if (!values_take(row, groups, c->groups.n, c->tree, values))
		return;
	if (c->type == CORRELATION_value_count) {
		if (!values_take(row, c->field_numbers, c->fields.n, SIZE_MAX, counted))
			return;
		hit->value = joined(&row->arena, counted, c->fields.n);
	}
	if (c->type >= CORRELATION_value_sum &&
	    !number_take(row, c->field_numbers[0], &hit->number))
		return;
	if (c->tree < c->groups.n) {
		tree_hits(row, hit, values, to);
		return;
	}
	hit->key = joined(&row->arena, values, c->groups.n);
	to->each(to->context, hit);
}

void correlation_hits(struct matcher *matcher, const struct rule *rule, event_time time,
	uint64_t event, void (*each)(void *context, const struct correlation_hit *hit),
	void *context)
{
	const struct sigma_rule *sigma = (const struct sigma_rule *)rule;
	const struct receiver to = {each, context};

	for (const struct membership *link = sigma->memberships; link; link = link->next) {
		struct correlation_hit hit = {
			.correlation = link->correlation,
			.member = link->member,
			.time = time,
			.event = event,
		};

		hit_give(matcher_row(matcher), &hit, &to);
	}
}

void correlation_key_each(const struct correlation *c, struct text key,
	void (*each)(void *context, struct text name, struct text value), void *context)
{
	for (size_t g = 0; g < c->groups.n && key.n >= sizeof(uint16_t); g++) {
		uint16_t n;

		memcpy(&n, key.at, sizeof n);
		each(context, c->groups.at[g], (struct text){key.at + sizeof n, n});
		key = (struct text){key.at + sizeof n + n, key.n - sizeof n - n};
	}
}

struct key_text {
	struct arena *arena;
	struct text text;
};

static void key_put(void *context, struct text name, struct text value)
{
	struct key_text *key = context;

	key->text = arena_format(key->arena, "%.*s%s%.*s=%.*s", TEXT_PRINT(key->text),
		key->text.n ? ", " : "", TEXT_PRINT(name), TEXT_PRINT(value));
}

struct text correlation_key_text(const struct correlation *correlation, struct text key,
	struct arena *arena)
{
	struct key_text made = {arena, {0}};

	correlation_key_each(correlation, key, key_put, &made);
	if (made.text.n > CORRELATION_SHOWN)
		made.text.n = CORRELATION_SHOWN;
	return made.text;
}

const struct correlations *rules_correlations(const struct rules *rules)
{
	return &rules->correlations;
}
