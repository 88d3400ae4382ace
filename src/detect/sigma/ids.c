// SPDX-License-Identifier: Apache-2.0
// The event ids that a rule can match.

#include "detect/sigma/ids.h"

enum { IDS_MAX = 64 };

struct search {
	const struct predicates *predicates;
	const struct fields *names;
	uint64_t key; /* of "EventID" */
};

struct ids {
	int64_t at[IDS_MAX];
	uint32_t n;
	bool any;
};

static struct ids of_leaf(const struct search *search, const struct expression *leaf)
{
	const struct predicate *p = search->predicates->at + leaf->predicate;
	struct ids ids = {.any = true};

	if (p->operation != OPERATION_equal || search->names->at[p->field].key != search->key ||
	    !text_number(p->text, ids.at))
		return ids;
	ids.n = 1;
	ids.any = false;
	return ids;
}

static void add_all(struct ids *to, const struct ids *from)
{
	to->any |= from->any || to->n + from->n > IDS_MAX;
	if (to->any)
		return;
	memcpy(to->at + to->n, from->at, from->n * sizeof *from->at);
	to->n += from->n;
}

/* The depth of an expression is bounded by the condition's parser. */
static struct ids of(const struct search *search, const struct expression *expression)
{
	struct ids ids = {.any = true};

	switch (expression->kind) {
	case EXPRESSION_leaf:
		return of_leaf(search, expression);
	case EXPRESSION_not:
		return ids;
	case EXPRESSION_and:
		for (const struct expression *e = expression->first; e && ids.any; e = e->next)
			ids = of(search, e);
		return ids;
	case EXPRESSION_or:
		ids.any = !expression->first;
		for (const struct expression *e = expression->first; e && !ids.any; e = e->next) {
			struct ids more = of(search, e);

			add_all(&ids, &more);
		}
		return ids;
	}
	return ids;
}

struct id_list ids_of(const struct expression *expression, const struct predicates *predicates,
	const struct fields *names, struct arena *arena)
{
	struct search search = {predicates, names,
		name_key_add(NAME_KEY_START, TEXT("EventID"))};
	struct ids ids = of(&search, expression);
	int64_t *copy;

	if (ids.any || !ids.n)
		return (struct id_list){0};
	copy = arena_alloc(arena, ids.n * sizeof *copy);
	memcpy(copy, ids.at, ids.n * sizeof *copy);
	return (struct id_list){copy, ids.n};
}
