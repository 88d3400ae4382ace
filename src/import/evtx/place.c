// SPDX-License-Identifier: Apache-2.0
// The tree of places, and what they are called.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/evtx/place.h"

enum { PLACES_MAX = 65536, PATH_MAX_BYTES = 1024, TABLE_START = 256 };

/* Into which region an element leads; others stay in theirs. */
static const struct {
	enum place_region region, to;
	const char *key; /* NULL: any other */
} doors[] = {
	{REGION_root, REGION_event, "Event"},
	{REGION_root, REGION_data, NULL},
	{REGION_event, REGION_system, "System"},
	{REGION_event, REGION_user, "UserData"},
	{REGION_event, REGION_data, NULL},
	{REGION_user, REGION_data, NULL},
};

static const struct {
	enum place_region region;
	const char *name;
	enum place_role role;
} roles[] = {
	{REGION_system, "Channel", ROLE_channel},
	{REGION_system, "EventID", ROLE_event_id},
	{REGION_system, "TimeCreated", ROLE_time},
	{REGION_system, "Computer", ROLE_host},
	{REGION_system, "EventRecordID", ROLE_number},
	{REGION_data, "Data", ROLE_data},
	{REGION_data, "ComplexData", ROLE_data},
};

struct places {
	struct record_names *names;
	struct place root;
	struct place **table; /* open addressing by hash, at most half full */
	uint32_t size, n;
	struct arena arena;
};

struct places *places_new(struct record_names *names)
{
	struct places *places = memory_new(sizeof *places);

	places->names = names;
	places->size = TABLE_START;
	places->table = memory_new(places->size * sizeof *places->table);
	places->root = (struct place){.inside = REGION_root, .path = TEXT("")};
	return places;
}

void places_free(struct places **places)
{
	if (!*places)
		return;
	free((*places)->table);
	arena_clear(&(*places)->arena);
	memory_free(places);
}

const struct place *places_root(const struct places *places)
{
	return &places->root;
}

/* Where the elements in it belong, and how their names begin. */
static void door_pass(struct place *place, struct arena *arena, struct text path)
{
	bool is_frame = place->region == REGION_user || (place->region == REGION_event &&
		(text_is(place->key, "EventData") || text_is(place->key, "System") ||
			text_is(place->key, "UserData")));

	place->inside = place->region;
	for (size_t i = 0; i < array_size(doors); i++)
		if (doors[i].region == place->region &&
		    (!doors[i].key || text_is(place->key, doors[i].key))) {
			place->inside = doors[i].to;
			break;
		}
	if (is_frame || place->inside == REGION_event)
		place->path = TEXT("");
	else
		place->path = arena_format(arena, "%.*s.", (int)path.n, path.at);
}

static struct text attribute_path(const struct place *place, struct arena *arena)
{
	const struct place *element = place->above;

	if (element->region != REGION_system)
		return arena_format(arena, "%.*s#attributes.%.*s", (int)element->path.n,
			element->path.at, (int)place->key.n, place->key.at);
	if (text_is(element->key, "TimeCreated") && text_is(place->key, "SystemTime"))
		return element->key;
	return arena_format(arena, "%.*s_%.*s", (int)element->path.n - 1, element->path.at,
		(int)place->key.n, place->key.at);
}

static struct place *place_make(struct places *places, const struct place *above, struct text key,
	bool is_attribute, uint64_t hash)
{
	struct arena *arena = &places->arena;
	struct place *place = arena_new(arena, struct place);
	struct text path;

	*place = (struct place){
		.above = above,
		.key = arena_copy(arena, key),
		.is_attribute = is_attribute,
		.region = is_attribute ? above->region : above->inside,
		.hash = hash,
	};
	if (is_attribute)
		path = attribute_path(place, arena);
	else
		path = arena_format(arena, "%.*s%.*s", (int)above->path.n, above->path.at,
			(int)key.n, key.at);
	if (path.n > PATH_MAX_BYTES) /* nested this deeply, a path begins anew */
		path = place->key;
	door_pass(place, arena, path);
	place->name = record_names_get(places->names,
		place->region == REGION_system ? PART_system : PART_data, path);
	for (size_t i = 0; i < array_size(roles); i++)
		if (roles[i].region == place->region && text_is(path, roles[i].name))
			place->role = roles[i].role;
	return place;
}

static struct place **table_place(const struct places *places, const struct place *above,
	struct text key, bool is_attribute, uint64_t hash)
{
	uint32_t i = (uint32_t)(hash ^ hash >> 32);

	for (;; i++) {
		struct place **at = places->table + (i & (places->size - 1));

		if (!*at || ((*at)->hash == hash && (*at)->above == above &&
			     (*at)->is_attribute == is_attribute && text_equal((*at)->key, key)))
			return at;
	}
}

static void table_grow(struct places *places)
{
	struct place **old = places->table;
	uint32_t old_size = places->size;

	places->size *= 2;
	places->table = memory_new(places->size * sizeof *places->table);
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i])
			*table_place(places, old[i]->above, old[i]->key, old[i]->is_attribute,
				old[i]->hash) = old[i];
	free(old);
}

const struct place *place_find(struct places *places, const struct place *above, struct text key,
	bool is_attribute)
{
	uint64_t hash = (text_hash(key) + is_attribute) ^
		(uint64_t)(uintptr_t)above * UINT64_C(0x9e3779b97f4a7c15);
	struct place **at = table_place(places, above, key, is_attribute, hash), *place = *at;

	if (place)
		return place;
	place = *at = place_make(places, above, key, is_attribute, hash);
	if (++places->n * 2 > places->size)
		table_grow(places);
	return place;
}

bool places_trim(struct places *places)
{
	bool names_gone = record_names_trim(places->names);

	if (!names_gone && places->n < PLACES_MAX)
		return false;
	arena_clear(&places->arena);
	memset(places->table, 0, places->size * sizeof *places->table);
	places->n = 0;
	return true;
}
