// SPDX-License-Identifier: Apache-2.0
// Recorded events from JSON into rows.

#include "base/own.h"
#include "detect/sigma/record.h"
#include "detect/sigma/yaml.h"

enum { PATH_MAX_BYTES = 1024 };

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
	{REGION_system, "Security.#attributes.UserID", "Security_UserID"},
	{REGION_winlog, "channel", "Channel"},
	{REGION_winlog, "event_id", "EventID"},
	{REGION_winlog, "provider_name", "Provider_Name"},
	{REGION_winlog, "computer_name", "Computer"},
	{REGION_winlog, "record_id", "EventRecordID"},
};

struct level {
	enum region region; /* of the keys inside */
	uint64_t hash; /* of the path up to here */
	unsigned length; /* of the path */
	bool array;
	unsigned count; /* elements of the array */
};

struct walk {
	struct record *record;
	struct row *row;
	const struct fields *names;
	bool keywords;
	struct json_reader in;
	struct level levels[JSON_DEPTH_MAX + 1];
	unsigned depth;
	/* the path of the value at hand, and the region its key stands in */
	enum region region;
	uint64_t hash;
	unsigned length;
	char path[PATH_MAX_BYTES];
	struct text data_name; /* #attributes.Name of the element of EventData.Data at hand */
};

static struct text path(const struct walk *walk)
{
	return (struct text){walk->path, walk->length};
}

/* The value at hand becomes the one under a key of the innermost object. */
static void path_set(struct walk *walk, struct text key)
{
	const struct level *level = walk->levels + walk->depth;
	unsigned length = level->length;

	walk->region = level->region;
	walk->hash = level->hash;
	walk->length = length;
	if (text_is(key, "#text"))
		return;
	if (length + key.n + 1 > PATH_MAX_BYTES) {
		walk->hash = 0;
		return;
	}
	if (length) {
		walk->path[length++] = '.';
		walk->hash = field_key_add(walk->hash, TEXT("."));
	}
	memcpy(walk->path + length, key.at, key.n);
	walk->length = length + (unsigned)key.n;
	walk->hash = field_key_add(walk->hash, key);
}

static bool path_is(const struct walk *walk, const char *wanted)
{
	return text_is(path(walk), wanted);
}

static void level_enter(struct walk *walk, bool array)
{
	struct level *level = walk->levels + ++walk->depth;

	*level = (struct level){walk->region, walk->hash, walk->length, array, 0};
	if (array)
		return;
	if (walk->region == REGION_user) {
		*level = (struct level){.region = REGION_data, .hash = FIELD_KEY_START};
		return;
	}
	for (size_t i = 0; i < array_size(doors); i++)
		if (doors[i].region == walk->region && path_is(walk, doors[i].key)) {
			*level = (struct level){.region = doors[i].to, .hash = FIELD_KEY_START};
			return;
		}
	if (walk->region == REGION_root)
		level->region = REGION_plain;
}

static uint8_t rank_of(enum region region, bool exact)
{
	return (uint8_t)(1 + exact + 2 * (region != REGION_system && region != REGION_winlog));
}

static void named_add(struct walk *walk, uint64_t hash, struct text name, enum value_kind kind,
	struct text value)
{
	for (uint32_t i = fields_find(walk->names, hash); i; i = walk->names->at[i].next_same)
		row_add(walk->row, i, kind, value,
			rank_of(walk->region, field_name_is(walk->names->at + i, name)));
}

static struct text other_name(const struct walk *walk)
{
	if (walk->region == REGION_system || walk->region == REGION_winlog)
		for (size_t i = 0; i < array_size(other_names); i++)
			if (other_names[i].region == walk->region && path_is(walk,
				other_names[i].path))
				return text_of(other_names[i].name);
	return (struct text){0};
}

/* What tells where the event comes from. */
static void source_note(struct walk *walk, struct text name, struct text value)
{
	struct record *record = walk->record;

	switch (walk->region) {
	case REGION_root:
		if (text_is(name, "event.kind"))
			record->kind = kind_by_name(value);
		/* fall through */
	case REGION_system:
	case REGION_winlog:
		if (text_is(name, "Channel"))
			record->channel = value;
		else if (text_is(name, "EventID"))
			text_number(value, &record->id);
		break;
	case REGION_source:
		record->is_stated = true;
		if (text_is(name, "product"))
			record->stated.product = value;
		else if (text_is(name, "category"))
			record->stated.category = value;
		else if (text_is(name, "service"))
			record->stated.service = value;
		break;
	default:
		break;
	}
}

/* {"Data": [{"#attributes": {"Name": "X"}, "#text": "value"}]} is the value of X. */
static bool data_note(struct walk *walk, enum value_kind kind, struct text value)
{
	if (walk->region != REGION_data || walk->length < 4 || memcmp(walk->path, "Data", 4))
		return false;
	if (path_is(walk, "Data.#attributes.Name")) {
		walk->data_name = value;
		return true;
	}
	if (!path_is(walk, "Data") || !walk->data_name.n)
		return false;
	named_add(walk, field_key_add(FIELD_KEY_START, walk->data_name), walk->data_name, kind,
		value);
	walk->data_name = (struct text){0};
	return true;
}

static void value_note(struct walk *walk, enum value_kind kind, struct text value)
{
	struct text name = other_name(walk);

	if (walk->keywords && kind < VALUE_null)
		row_add(walk->row, FIELD_KEYWORDS, kind, value, 1);
	if (kind != VALUE_object)
		walk->levels[walk->depth].count++;
	if (name.at) {
		named_add(walk, field_key_add(FIELD_KEY_START, name), name, kind, value);
	} else {
		name = path(walk);
		if (data_note(walk, kind, value))
			return;
		named_add(walk, walk->hash, name, kind, value);
	}
	if (kind < VALUE_null)
		source_note(walk, name, value);
}

static struct text number_text(struct walk *walk)
{
	struct text number = walk->in.text;

	for (size_t i = 0; i < number.n; i++)
		if (number.at[i] == '.' || (number.at[i] | 32) == 'e')
			return number_canonical(number, &walk->row->arena);
	return number;
}

static void container_open(struct walk *walk, bool array)
{
	walk->levels[walk->depth].count++;
	if (!array)
		value_note(walk, VALUE_object, TEXT(""));
	level_enter(walk, array);
}

/* Back to the path of the container that ends, for the elements that follow it in an array. */
static void container_close(struct walk *walk)
{
	struct level *level = walk->levels + walk->depth--;

	if (!walk->depth)
		return;
	if (level->array) {
		walk->region = level->region;
		walk->hash = level->hash;
		walk->length = level->length;
		if (!level->count)
			named_add(walk, walk->hash, path(walk), VALUE_object, TEXT(""));
		return;
	}
	level = walk->levels + walk->depth;
	if (level->array) {
		walk->region = level->region;
		walk->hash = level->hash;
		walk->length = level->length;
	}
}

static void token_take(struct walk *walk, enum json_token token)
{
	switch (token) {
	case JSON_KEY:
		path_set(walk, walk->in.text);
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
		value_note(walk, VALUE_text, walk->in.text);
		break;
	case JSON_NUMBER:
		value_note(walk, VALUE_number, number_text(walk));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		value_note(walk, VALUE_flag, token == JSON_TRUE ? TEXT("true") : TEXT("false"));
		break;
	case JSON_NULL:
		value_note(walk, VALUE_null, TEXT(""));
		break;
	default:
		break;
	}
}

int record_read(struct record *record, struct row *row, const struct fields *names, bool keywords,
	struct text json, struct error *err)
{
	struct walk walk;
	enum json_token token;

	walk.record = record;
	walk.row = row;
	walk.names = names;
	walk.keywords = keywords;
	walk.depth = 1;
	walk.levels[0] = walk.levels[1] =
		(struct level){.region = REGION_root, .hash = FIELD_KEY_START};
	walk.data_name = (struct text){0};
	walk.length = 0;
	*record = (struct record){.kind = EVENT_KINDS, .id = NUMBER_NONE};
	json_reader_init(&walk.in, json, &row->arena);
	token = json_next(&walk.in);
	if (token != JSON_OBJECT_OPEN)
		return fail(err, "%s", token == JSON_ERROR ? walk.in.error.text :
			"the event is no JSON object");
	while ((token = json_next(&walk.in)) != JSON_END) {
		if (token == JSON_ERROR)
			return fail(err, "%s", walk.in.error.text);
		token_take(&walk, token);
	}
	return 0;
}
