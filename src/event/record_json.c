// SPDX-License-Identifier: Apache-2.0
// Recorded events from JSON of any shape into records. What a key means is found out once: keys
// make a tree of places, and each place knows its name. Since events of one log have the same keys
// in the same order, the place of a key is mostly the one that came last time after the key
// before.

#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/own.h"
#include "event/record.h"

enum { NAME_BYTES_MAX = 1024, TABLE_START = 256 };

/* What the keys of an object mean. */
enum region {
	REGION_root,
	REGION_plain, /* below the root, path by path */
	REGION_event, /* "Event" of a Windows event */
	REGION_system, /* Event.System */
	REGION_user, /* Event.UserData: each object in it holds data */
	REGION_data, /* Event.EventData, winlog.event_data */
	REGION_winlog,
	REGION_source, /* "logsource" */
};

/*
 * Into which region an object under a key of a region leads; others stay, or become plain below
 * the root.
 */
static const struct {
	enum region region, to;
	const char *key;
} doors[] = {
	{REGION_root, REGION_event, "Event"},
	{REGION_root, REGION_winlog, "winlog"},
	{REGION_root, REGION_source, "logsource"},
	{REGION_root, REGION_data, "EventData"},
	{REGION_event, REGION_system, "System"},
	{REGION_event, REGION_data, "EventData"},
	{REGION_event, REGION_user, "UserData"},
	{REGION_winlog, REGION_data, "event_data"},
	{REGION_winlog, REGION_user, "user_data"},
};

/* Paths that have another name in rules. */
static const struct {
	enum region region;
	const char *path, *name;
} other_names[] = {
	{REGION_system, "Provider.#attributes.Name", "Provider_Name"},
	{REGION_system, "Provider.#attributes.Guid", "Provider_Guid"},
	{REGION_system, "TimeCreated.#attributes.SystemTime", "TimeCreated"},
	{REGION_system, "Execution.#attributes.ProcessID", "Execution_ProcessID"},
	{REGION_system, "Execution.#attributes.ThreadID", "Execution_ThreadID"},
	{REGION_system, "Security.#attributes.UserID", "Security_UserID"},
	{REGION_system, "Correlation.#attributes.ActivityID", "Correlation_ActivityID"},
	{REGION_system, "Correlation.#attributes.RelatedActivityID",
		"Correlation_RelatedActivityID"},
	{REGION_winlog, "channel", "Channel"},
	{REGION_winlog, "event_id", "EventID"},
	{REGION_winlog, "provider_name", "Provider_Name"},
	{REGION_winlog, "computer_name", "Computer"},
	{REGION_winlog, "record_id", "EventRecordID"},
};

/* What a value tells besides being one. */
enum role {
	ROLE_none,
	ROLE_channel,
	ROLE_event_id,
	ROLE_windows_id, /* the same, where only Windows writes it */
	ROLE_kind,
	ROLE_time,
	ROLE_host,
	ROLE_product,
	ROLE_category,
	ROLE_service,
	ROLE_data, /* {"Data": [{"#attributes": {"Name": "X"}, "#text": "value"}]}: a value of X */
	ROLE_data_name,
};

/* The names by which it is told, as they stand after other_names. */
static const struct {
	enum region region;
	const char *name;
	enum role role;
} roles[] = {
	{REGION_root, "event.kind", ROLE_kind},
	{REGION_root, "Channel", ROLE_channel},
	{REGION_root, "EventID", ROLE_event_id},
	{REGION_root, "@timestamp", ROLE_time},
	{REGION_root, "UtcTime", ROLE_time},
	{REGION_root, "timestamp", ROLE_time},
	{REGION_root, "time", ROLE_time},
	{REGION_root, "TimeCreated", ROLE_time},
	{REGION_root, "SystemTime", ROLE_time},
	{REGION_root, "host.name", ROLE_host},
	{REGION_root, "Computer", ROLE_host},
	{REGION_root, "Hostname", ROLE_host},
	{REGION_plain, "host.name", ROLE_host},
	{REGION_system, "Channel", ROLE_channel},
	{REGION_system, "EventID", ROLE_windows_id},
	{REGION_system, "TimeCreated", ROLE_time},
	{REGION_system, "Computer", ROLE_host},
	{REGION_winlog, "Channel", ROLE_channel},
	{REGION_winlog, "EventID", ROLE_windows_id},
	{REGION_winlog, "Computer", ROLE_host},
	{REGION_source, "product", ROLE_product},
	{REGION_source, "category", ROLE_category},
	{REGION_source, "service", ROLE_service},
	{REGION_data, "Data", ROLE_data},
	{REGION_data, "Data.#attributes.Name", ROLE_data_name},
	{REGION_data, "Data.@Name", ROLE_data_name},
};

/* A place in the tree of keys. */
struct place {
	const struct place *above;
	struct text key;
	uint64_t hash; /* of `above` and `key` */
	enum region region; /* in which its key stands */
	enum region inside; /* of the keys of an object here */
	struct text path; /* names begin with it, for keys inside; ends with '.' unless empty */
	enum role role;
	bool is_text; /* "#text": its value is one of `above` */
	struct place *follow; /* the place of the key that came after it last time */
	struct record_name *name; /* NULL: a name that is too long */
};

struct record_json {
	struct record_names *names;
	struct place root;
	struct place **table; /* open addressing by hash */
	uint32_t size, n;
	struct arena arena;
	struct json_reader in;
};

/* While one event is read. */
struct walk {
	struct record_json *reader;
	struct record *record;
	const struct place *place; /* of the value at hand */
	const struct place *levels[JSON_DEPTH_MAX + 1]; /* of what is open */
	bool is_array[JSON_DEPTH_MAX + 1], is_empty[JSON_DEPTH_MAX + 1];
	struct place *last; /* of the key before */
	unsigned depth;
	struct text data_name;
	bool of_windows;
};

static void places_forget(struct record_json *reader)
{
	arena_clear(&reader->arena);
	memset(reader->table, 0, reader->size * sizeof *reader->table);
	reader->root.follow = NULL;
	reader->n = 0;
}

struct record_json *record_json_new(struct record_names *names)
{
	struct record_json *reader = memory_new(sizeof *reader);

	reader->names = names;
	reader->size = TABLE_START;
	reader->table = memory_new(reader->size * sizeof *reader->table);
	reader->root = (struct place){.inside = REGION_root};
	return reader;
}

void record_json_free(struct record_json **json)
{
	if (!*json)
		return;
	free((*json)->table);
	arena_clear(&(*json)->arena);
	memory_free(json);
}

static void door_pass(struct place *place, struct text path)
{
	place->inside = place->region;
	if (place->region == REGION_user) {
		place->inside = REGION_data;
		place->path = (struct text){0};
		return;
	}
	for (size_t i = 0; i < array_size(doors); i++)
		if (doors[i].region == place->region && text_is(path, doors[i].key)) {
			place->inside = doors[i].to;
			place->path = (struct text){0};
			return;
		}
	if (place->region == REGION_root)
		place->inside = REGION_plain;
}

static void name_give(struct record_json *reader, struct place *place, struct text path)
{
	bool is_system = place->region == REGION_system || place->region == REGION_winlog;
	struct text name = path;

	for (size_t i = 0; i < array_size(other_names) && is_system; i++)
		if (other_names[i].region == place->region && text_is(path, other_names[i].path))
			name = text_of(other_names[i].name);
	for (size_t i = 0; i < array_size(roles); i++)
		if (roles[i].region == place->region && text_is(name, roles[i].name))
			place->role = roles[i].role;
	place->name = record_names_get(reader->names, is_system ? PART_system : PART_data, name);
}

static struct place *place_make(struct record_json *reader, const struct place *above,
	struct text key, uint64_t hash)
{
	struct arena *arena = &reader->arena;
	struct place *place = arena_new(arena, struct place);
	struct text path;

	*place = (struct place){
		.above = above,
		.key = arena_copy(arena, key),
		.hash = hash,
		.region = above->inside,
		.inside = above->inside,
	};
	if (text_is(key, "#text") && above != &reader->root) {
		place->is_text = true;
		return place;
	}
	if (above->path.n + key.n + 1 > NAME_BYTES_MAX)
		return place;
	place->path = arena_format(arena, "%.*s%.*s.", (int)above->path.n, above->path.at,
		(int)key.n, key.at);
	path = (struct text){place->path.at, place->path.n - 1};
	name_give(reader, place, path);
	door_pass(place, path);
	return place;
}

static struct place **table_place(const struct record_json *reader, const struct place *above,
	struct text key, uint64_t hash)
{
	uint32_t i = (uint32_t)(hash ^ hash >> 32);

	for (;; i++) {
		struct place **at = reader->table + (i & (reader->size - 1));

		if (!*at || ((*at)->hash == hash && (*at)->above == above &&
			     text_equal((*at)->key, key)))
			return at;
	}
}

static void table_grow(struct record_json *reader)
{
	struct place **old = reader->table;
	uint32_t old_size = reader->size;

	reader->size *= 2;
	reader->table = memory_new(reader->size * sizeof *reader->table);
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i])
			*table_place(reader, old[i]->above, old[i]->key, old[i]->hash) = old[i];
	free(old);
}

static struct place *place_find(struct record_json *reader, const struct place *above,
	struct text key)
{
	uint64_t hash = text_hash(key) ^ (uint64_t)(uintptr_t)above * UINT64_C(0x9e3779b97f4a7c15);
	struct place **at = table_place(reader, above, key, hash), *place = *at;

	if (place)
		return place;
	place = *at = place_make(reader, above, key, hash);
	if (++reader->n * 2 > reader->size)
		table_grow(reader);
	return place;
}

static void key_take(struct walk *walk, struct text key)
{
	struct record_json *reader = walk->reader;
	const struct place *above = walk->levels[walk->depth];
	struct place *place = walk->last->follow;

	if (!place || place->above != above || !text_equal(place->key, key))
		place = walk->last->follow = place_find(reader, above, key);
	walk->last = place;
	walk->place = place->is_text ? place->above : place;
}

static void role_play(struct walk *walk, enum role role, struct text value)
{
	struct record *record = walk->record;
	struct logsource *stated = record->sources;

	switch (role) {
	case ROLE_channel:
		record->channel = value;
		break;
	case ROLE_windows_id:
		walk->of_windows = true;
		text_number(value, &record->event_id);
		break;
	case ROLE_event_id:
		text_number(value, &record->event_id);
		break;
	case ROLE_kind:
		record->kind = kind_by_name(value);
		break;
	case ROLE_time:
		if (!record->time_text.n)
			record->time_text = value;
		break;
	case ROLE_host:
		record->host = value;
		break;
	case ROLE_product:
		stated->product = value;
		break;
	case ROLE_category:
		stated->category = value;
		break;
	case ROLE_service:
		stated->service = value;
		break;
	default:
		break;
	}
}

/* The element of EventData.Data at hand has a name of its own. */
static bool data_take(struct walk *walk, enum role role, enum value_kind kind, struct text value)
{
	if (role == ROLE_data_name) {
		walk->data_name = value;
		return true;
	}
	if (role != ROLE_data || !walk->data_name.n || kind == VALUE_object)
		return false;
	record_add(walk->record, record_names_get(walk->reader->names, PART_data,
		walk->data_name), kind, value);
	walk->data_name = (struct text){0};
	return true;
}

static void value_take(struct walk *walk, enum value_kind kind, struct text value)
{
	const struct place *place = walk->place;

	walk->is_empty[walk->depth] = false;
	if (!place->name)
		return;
	if (place->role != ROLE_none) {
		if (data_take(walk, place->role, kind, value))
			return;
		if (kind < VALUE_null)
			role_play(walk, place->role, value);
	}
	if (place->region == REGION_source || place->inside == REGION_source)
		walk->record->source_count = 1;
	else
		record_add(walk->record, place->name, kind, value);
}

static struct text number_text(struct walk *walk, struct text number)
{
	for (size_t i = 0; i < number.n; i++)
		if (number.at[i] == '.' || (number.at[i] | 32) == 'e')
			return number_canonical(number, walk->record->arena);
	return number;
}

static void container_open(struct walk *walk, bool array)
{
	if (!array)
		value_take(walk, VALUE_object, TEXT(""));
	walk->is_empty[walk->depth] = false;
	walk->levels[++walk->depth] = walk->place;
	walk->is_array[walk->depth] = array;
	walk->is_empty[walk->depth] = true;
}

/* Back to the place of the container that ends, for the elements that follow it in an array. */
static void container_close(struct walk *walk)
{
	walk->place = walk->levels[walk->depth];
	if (walk->is_array[walk->depth] && walk->is_empty[walk->depth] && walk->place->name)
		record_add(walk->record, walk->place->name, VALUE_object, TEXT(""));
	walk->depth--;
}

static void token_take(struct walk *walk, enum json_token token, struct text text)
{
	switch (token) {
	case JSON_KEY:
		key_take(walk, text);
		break;
	case JSON_OBJECT_OPEN:
	case JSON_ARRAY_OPEN:
		container_open(walk, token == JSON_ARRAY_OPEN);
		break;
	case JSON_OBJECT_CLOSE:
	case JSON_ARRAY_CLOSE:
		container_close(walk);
		break;
	case JSON_STRING:
		value_take(walk, VALUE_text, text);
		break;
	case JSON_NUMBER:
		value_take(walk, VALUE_number, number_text(walk, text));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		value_take(walk, VALUE_flag, token == JSON_TRUE ? TEXT("true") : TEXT("false"));
		break;
	case JSON_NULL:
		value_take(walk, VALUE_null, TEXT(""));
		break;
	default:
		break;
	}
}

int record_json_read(struct record_json *reader, struct text json, struct record *record,
	struct error *err)
{
	struct json_reader *in = &reader->in;
	enum json_token token;
	struct walk walk;

	if (record_names_trim(reader->names) || reader->n >= NAMES_MAX)
		places_forget(reader);
	walk.reader = reader;
	walk.record = record;
	walk.place = walk.levels[0] = walk.levels[1] = &reader->root;
	walk.is_array[1] = false;
	walk.depth = 1;
	walk.last = &reader->root;
	walk.data_name = (struct text){0};
	walk.of_windows = false;
	json_reader_init(in, json, record->arena);
	token = json_next(in);
	if (token != JSON_OBJECT_OPEN)
		return fail(err, "%s", token == JSON_ERROR ? in->error.text :
			"the event is no JSON object");
	while ((token = json_next(in)) != JSON_END) {
		if (token == JSON_ERROR)
			return fail(err, "%s", in->error.text);
		token_take(&walk, token, in->text);
	}
	record->json = json;
	if (walk.of_windows)
		record_is_windows(record);
	return 0;
}
