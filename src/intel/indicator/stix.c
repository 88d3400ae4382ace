// SPDX-License-Identifier: Apache-2.0
// A feed as a bundle of STIX 2.1 (or the envelope of TAXII 2.1, which has "objects" too): its
// indicator objects, each of whose patterns gives any number of indicators.

#include "base/own.h"
#include "base/printable.h"
#include "intel/indicator/feed.h"
#include "intel/indicator/stix_pattern.h"

enum { NAMED_MAX = 256, MARK_PREFIX = 20 /* "marking-definition--" */, UUID = 36 };

/* What is asked of an object; texts not there have none. */
struct stix_object {
	struct text type, id, name, description, pattern, pattern_type, created_by;
	struct text valid_from, valid_until, label, reference, definition_tlp;
	int64_t confidence; /* -1: not said */
	bool revoked;
	size_t at; /* where it begins */
	struct text marks[8];
	size_t mark_count;
};

/* Who has an id: an identity by its name, a marking by what it allows. */
struct named {
	struct text id, name;
	enum tlp tlp;
};

struct stix {
	struct feed *feed;
	struct json_reader in;
	struct line_counter lines;
	struct named named[NAMED_MAX];
	size_t named_count;
	struct arena names; /* holds `named` */
};

static const struct {
	const char *key;
	size_t offset;
} texts[] = {
#define KEY(name, member) {name, offsetof(struct stix_object, member)}
	KEY("type", type),
	KEY("id", id),
	KEY("name", name),
	KEY("description", description),
	KEY("pattern", pattern),
	KEY("pattern_type", pattern_type),
	KEY("created_by_ref", created_by),
	KEY("valid_from", valid_from),
	KEY("valid_until", valid_until),
#undef KEY
};

static struct text *text_member(struct stix_object *object, struct text key)
{
	for (size_t i = 0; i < array_size(texts); i++)
		if (text_is(key, texts[i].key))
			return (struct text *)((char *)object + texts[i].offset);
	return NULL;
}

/* The strings of an array, the first `max` of them; false on an error. */
static bool strings_read(struct json_reader *in, enum json_token token, struct text *at,
	size_t max, size_t *n)
{
	*n = 0;
	if (token != JSON_ARRAY_OPEN)
		return json_skip(in, token);
	while ((token = json_next(in)) != JSON_ARRAY_CLOSE) {
		if (token == JSON_STRING && *n < max)
			at[(*n)++] = in->text;
		else if (!json_skip(in, token))
			return false;
	}
	return true;
}

/* Of an object, or of each object in an array, the first text under that key. */
static bool inner_read(struct json_reader *in, enum json_token token, const char *key,
	struct text *found)
{
	unsigned depth = in->depth - 1;

	if (token != JSON_OBJECT_OPEN && token != JSON_ARRAY_OPEN)
		return json_skip(in, token);
	while (in->depth > depth) {
		token = json_next(in);
		if (token == JSON_ERROR || token == JSON_END)
			return false;
		if (token == JSON_KEY && text_is(in->text, key)) {
			token = json_next(in);
			if (token == JSON_STRING && !found->at)
				*found = in->text;
			else if (!json_skip(in, token))
				return false;
		}
	}
	return true;
}

static bool member_read(struct json_reader *in, struct text key, struct stix_object *object)
{
	struct text *text = text_member(object, key);
	enum json_token token = json_next(in);
	size_t n;

	if (text && token == JSON_STRING) {
		*text = in->text;
		return true;
	}
	if (text_is(key, "revoked"))
		object->revoked = token == JSON_TRUE;
	if (text_is(key, "confidence") && token == JSON_NUMBER &&
		!text_number(in->text, &object->confidence))
		object->confidence = -1;
	if (text_is(key, "object_marking_refs"))
		return strings_read(in, token, object->marks, array_size(object->marks),
			&object->mark_count);
	if (text_is(key, "labels") || (text_is(key, "indicator_types") && !object->label.n))
		return strings_read(in, token, &object->label, 1, &n);
	if (text_is(key, "external_references"))
		return inner_read(in, token, "url", &object->reference);
	if (text_is(key, "definition"))
		return inner_read(in, token, "tlp", &object->definition_tlp);
	return json_skip(in, token);
}

/* Reads an object whose opening was read. */
static bool object_read(struct json_reader *in, struct stix_object *object)
{
	enum json_token token;

	*object = (struct stix_object){.confidence = -1, .at = in->at};
	while ((token = json_next(in)) == JSON_KEY)
		if (!member_read(in, in->text, object))
			return false;
	return token == JSON_OBJECT_CLOSE;
}

/* Goes into the array under "objects" at the top; false if there is none. */
static bool objects_find(struct json_reader *in)
{
	enum json_token token = json_next(in);

	if (token != JSON_OBJECT_OPEN)
		return false;
	while ((token = json_next(in)) == JSON_KEY) {
		bool here = text_is(in->text, "objects");

		token = json_next(in);
		if (here && token == JSON_ARRAY_OPEN)
			return true;
		if (!json_skip(in, token))
			return false;
	}
	return false;
}

/* Gives each object in turn; what is in it lives until the next. False on an error. */
static bool objects_each(struct stix *stix, struct text bytes,
	void (*each)(struct stix *stix, struct stix_object *object))
{
	struct stix_object object;
	enum json_token token;

	json_reader_init(&stix->in, bytes, &stix->feed->arena);
	if (!objects_find(&stix->in))
		return stix->in.error.text[0] == 0;
	while ((token = json_next(&stix->in)) != JSON_ARRAY_CLOSE) {
		if (token != JSON_OBJECT_OPEN) {
			if (!json_skip(&stix->in, token))
				return false;
			continue;
		}
		if (!object_read(&stix->in, &object))
			return false;
		each(stix, &object);
		arena_reset(&stix->feed->arena);
	}
	return true;
}

static void name_note(struct stix *stix, struct stix_object *object)
{
	struct named *named = &stix->named[stix->named_count];

	if (stix->named_count == NAMED_MAX || !object->id.n)
		return;
	if (!text_is(object->type, "identity") && !object->definition_tlp.n)
		return;
	named->id = arena_copy(&stix->names, object->id);
	named->name = arena_copy(&stix->names, object->name);
	named->tlp = feed_tlp(object->definition_tlp);
	stix->named_count++;
}

static const struct named *named_find(const struct stix *stix, struct text id)
{
	for (size_t i = 0; id.n && i < stix->named_count; i++)
		if (text_equal(stix->named[i].id, id))
			return &stix->named[i];
	return NULL;
}

static enum tlp tlp_of_mark(const struct stix *stix, struct text id)
{
	static const char *const known[][2] = {
#define TLP(name, shown, first, second) [TLP_##name] = {first, second},
#include "intel/tlp.def"
#undef TLP
	};
	const struct named *named = named_find(stix, id);

	if (named)
		return named->tlp;
	if (id.n != MARK_PREFIX + UUID)
		return TLP_unknown;
	for (int i = 0; i < TLP_unknown; i++)
		for (int j = 0; j < 2; j++)
			if (text_is((struct text){id.at + MARK_PREFIX, UUID}, known[i][j]))
				return (enum tlp)i;
	return TLP_unknown;
}

/* The most closed one. */
static enum tlp tlp_of(const struct stix *stix, const struct stix_object *object)
{
	enum tlp most = TLP_unknown;

	for (size_t i = 0; i < object->mark_count; i++) {
		enum tlp tlp = tlp_of_mark(stix, object->marks[i]);

		if (tlp < TLP_unknown && (most == TLP_unknown || tlp > most))
			most = tlp;
	}
	return most;
}

static void pattern_take(struct feed *feed, const struct stix_pattern *pattern,
	const struct entry_facts *facts)
{
	for (size_t i = 0; i < pattern->n; i++)
		feed_take(feed, pattern->values[i].type, pattern->values[i].text, facts);
	for (size_t i = 0; i < pattern->left_out_count; i++) {
		struct text shown = feed_shown(feed, pattern->left_out[i]);

		feed_leave_out(feed, "'%.*s' in a pattern", TEXT_PRINT(shown));
	}
}

static void indicator_take(struct stix *stix, struct stix_object *object)
{
	struct feed *feed = stix->feed;
	struct stix_pattern pattern;
	unsigned line = line_at(&stix->lines, object->at);
	const struct named *by = named_find(stix, object->created_by);
	struct entry_facts facts = feed_facts(feed);
	struct text shown;
	struct error err = {0};

	pattern.arena = &feed->arena;
	if (object->revoked) {
		feed_leave_out(feed, "revoked");
		return;
	}
	if (object->pattern_type.n && !text_is(object->pattern_type, "stix")) {
		shown = feed_shown(feed, object->pattern_type);
		feed_leave_out(feed, "a pattern of type '%.*s'", TEXT_PRINT(shown));
		return;
	}
	if (stix_pattern_read(&pattern, object->pattern, &err)) {
		shown = feed_shown(feed, object->id);
		feed_problem(feed, line, 1, "'%.*s': %s", TEXT_PRINT(shown), err.text);
		return;
	}
	if (by && by->name.n)
		facts.source = by->name;
	facts.line = line;
	facts.label = object->name.n ? object->name : object->label;
	facts.comment = object->description;
	facts.reference = object->reference.n ? object->reference : object->id;
	facts.confidence = object->confidence < 0 || object->confidence > 100
		? -1
		: (int)object->confidence;
	facts.tlp = tlp_of(stix, object);
	facts.valid_from = feed_date(feed, line, object->valid_from);
	facts.expires = feed_date(feed, line, object->valid_until);
	pattern_take(feed, &pattern, &facts);
}

static void object_take(struct stix *stix, struct stix_object *object)
{
	if (!stix->feed->full && text_is(object->type, "indicator"))
		indicator_take(stix, object);
}

bool stix_is(struct text bytes)
{
	until_return(arena_clear) struct arena arena = {0};
	struct json_reader in;

	json_reader_init(&in, bytes, &arena);
	return objects_find(&in);
}

static void stix_clear(struct stix *stix)
{
	arena_clear(&stix->names);
}

void stix_read(struct feed *feed, struct text bytes)
{
	until_return(stix_clear) struct stix stix = {.feed = feed, .lines = {.bytes = bytes}};

	/* names first, since a bundle may say who somebody is behind what he says */
	objects_each(&stix, bytes, name_note);
	if (objects_each(&stix, bytes, object_take))
		return;
	feed_problem(feed, line_at(&stix.lines, stix.in.at), 1,
		"%s; what follows is left out", stix.in.error.text[0]
			? stix.in.error.text
			: "the bundle ends too early");
}
