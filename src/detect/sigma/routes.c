// SPDX-License-Identifier: Apache-2.0
// Where records go.

#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/sigma/routes.h"

/* Whose values decide, while a route is found out. */
struct question {
	const struct fields *names;
	struct row *row;
	struct route *route;
};

void routes_init(struct routes *routes, struct partitions *partitions, const struct fields *names)
{
	uint32_t words = source_words(&partitions->set->sources);

	*routes = (struct routes){.partitions = partitions, .names = names};
	routes->sources = memory_new((words + 1) * sizeof *routes->sources);
	routes->event_id = fields_find(names, name_key_add(NAME_KEY_START, TEXT("EventID")));
}

void routes_clear(struct routes *routes)
{
	free(routes->sources);
	*routes = (struct routes){0};
}

static uint32_t field_number(const struct fields *names, struct text name)
{
	return fields_find(names, name_key_add(NAME_KEY_START, name));
}

/* Whether the row has that value (caseless) in that field. */
static bool row_has(void *context, struct text field, struct text value)
{
	struct question *question = context;
	struct row *row = question->row;

	question->route->by_value = true;
	for (uint32_t v = row_first(row, field_number(question->names, field)); v;
	     v = row->values[v].next) {
		struct text text = row->values[v].view[VIEW_raw];

		if (text.n == value.n && !strncasecmp(text.at, value.at, text.n))
			return true;
	}
	return false;
}

static void rename_add(void *context, struct text to, struct text from)
{
	struct question *question = context;
	struct route *route = question->route;

	if (route->rename_count == ROUTE_RENAMES)
		return;
	route->to[route->rename_count] = field_number(question->names, to);
	route->from[route->rename_count++] = field_number(question->names, from);
}

static void rename_do(const struct route *route, struct row *row)
{
	for (unsigned i = 0; i < route->rename_count; i++) {
		if (row_first(row, route->to[i]))
			continue;
		for (uint32_t v = row_first(row, route->from[i]); v; v = row->values[v].next)
			row_add(row, route->to[i], row->values[v].kind,
				row->values[v].view[VIEW_raw], 1);
	}
}

/*
 * The id by which rules may be left out: that of the record, unless a rule that asks for EventID
 * would see something else.
 */
static int64_t id_for(const struct routes *routes, const struct record *record, struct row *row)
{
	uint32_t first;
	int64_t id;

	if (!routes->event_id || record->event_id == NUMBER_NONE)
		return NUMBER_NONE;
	first = row_first(row, routes->event_id);
	if (!first || row->values[first].next ||
	    !text_number(row->values[first].view[VIEW_raw], &id) || id != record->event_id)
		return NUMBER_NONE;
	return id;
}

static void windows_find(struct routes *routes, const struct record *record, struct row *row,
	struct route *route)
{
	const struct sources *sources = &routes->partitions->set->sources;
	struct question question = {routes->names, row, route};

	route_windows(sources, record->channel, record->event_id, row_has, &question,
		routes->sources);
	route_renames(record->channel, record->event_id, rename_add, &question);
	route->partition = partitions_get(routes->partitions, routes->sources,
		source_asks_id(routes->partitions->set, routes->sources) ?
		id_for(routes, record, row) : NUMBER_NONE);
}

static void route_find(struct routes *routes, const struct record *record, struct row *row,
	struct route *route)
{
	const struct sources *sources = &routes->partitions->set->sources;

	memset(routes->sources, 0, source_words(sources) * sizeof *routes->sources);
	route->is_known = true;
	if (!record->source_count && record->kind == EVENT_KINDS && record->channel.n &&
	    record->event_id != NUMBER_NONE) {
		windows_find(routes, record, row, route);
		return;
	}
	if (record->source_count) {
		for (unsigned i = 0; i < record->source_count; i++)
			route_stated(sources, record->sources + i, routes->sources);
	} else if (record->kind != EVENT_KINDS) {
		route_kind(sources, record->kind, routes->sources);
	} else if (routes->assumes) {
		route_stated(sources, &routes->assumed, routes->sources);
	} else {
		route->is_known = false;
		route_unknown(sources, routes->sources);
	}
	route->partition = partitions_get(routes->partitions, routes->sources, NUMBER_NONE);
}

/* Appends to the key of a route; false if it does not fit. */
static bool key_add(struct route *route, const void *bytes, size_t n)
{
	if (route->key_n + n + 2 > ROUTE_KEY)
		return false;
	memcpy(route->key + route->key_n, &(uint16_t){(uint16_t)n}, 2);
	if (n)
		memcpy(route->key + route->key_n + 2, bytes, n);
	route->key_n = (uint16_t)(route->key_n + n + 2);
	return true;
}

static uint64_t key_hash(const struct route *key)
{
	uint64_t hash = key->key_n, word;
	size_t i = 0;

	for (; i + sizeof word <= key->key_n; i += sizeof word) {
		memcpy(&word, key->key + i, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, key->key + i, key->key_n - i);
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (hash ^ hash >> 32) | 1;
}

/* All of the record that the route depends on. */
static bool key_make(const struct routes *routes, const struct record *record, struct row *row,
	struct route *key)
{
	int64_t ids[] = {record->event_id, record->kind, id_for(routes, record, row)};
	bool fits = key_add(key, ids, sizeof ids) &&
		key_add(key, record->channel.at, record->channel.n);

	for (unsigned i = 0; i < record->source_count; i++) {
		const struct logsource *s = record->sources + i;

		fits = fits && key_add(key, s->product.at, s->product.n) &&
			key_add(key, s->category.at, s->category.n) &&
			key_add(key, s->service.at, s->service.n);
	}
	return fits;
}

const struct route *routes_find(struct routes *routes, const struct record *record,
	struct row *row)
{
	struct route key, *route;
	bool keeps;

	key.key_n = 0;
	keeps = key_make(routes, record, row, &key);
	key.hash = key_hash(&key);
	route = routes->at + (key.hash >> 32) % ROUTES;
	if (!keeps || route->hash != key.hash || route->key_n != key.key_n ||
	    memcmp(route->key, key.key, key.key_n)) {
		memset(route, 0, offsetof(struct route, key_n));
		memcpy(route->key, key.key, key.key_n);
		route->key_n = key.key_n;
		route_find(routes, record, row, route);
		route->hash = keeps && !route->by_value ? key.hash : 0;
	}
	rename_do(route, row);
	return route;
}
