// SPDX-License-Identifier: Apache-2.0
// A feed as an export of MISP: events with attributes, their own and those of their objects,
// alone or in a list ("response").

#include "base/own.h"
#include "base/printable.h"
#include "intel/indicator/feed.h"

/* What an event says of all its attributes. */
struct misp_event {
	struct text info, organisation;
	enum tlp tlp;
};

struct misp_attribute {
	struct text type, value, comment, uuid, first_seen, timestamp;
	bool deleted, for_detection;
	enum tlp tlp;
};

struct misp {
	struct feed *feed;
	struct json_reader in;
	struct line_counter lines;
	struct misp_event event;
	struct arena names; /* holds `event` */
};

/* The most closed of the tags "tlp:..." in an array of objects with names. */
static bool tags_read(struct json_reader *in, enum json_token token, enum tlp *tlp)
{
	unsigned depth = in->depth - 1;

	if (token != JSON_ARRAY_OPEN)
		return json_skip(in, token);
	while (in->depth > depth) {
		token = json_next(in);
		if (token == JSON_ERROR || token == JSON_END)
			return false;
		if (token != JSON_KEY || !text_is(in->text, "name"))
			continue;
		token = json_next(in);
		if (token == JSON_STRING && text_starts(in->text, TEXT("tlp:"))) {
			enum tlp read = feed_tlp(in->text);

			if (read < TLP_unknown && (*tlp == TLP_unknown || read > *tlp))
				*tlp = read;
		} else if (!json_skip(in, token)) {
			return false;
		}
	}
	return true;
}

/* "name" of an object. */
static bool name_read(struct json_reader *in, enum json_token token, struct text *name)
{
	if (token != JSON_OBJECT_OPEN)
		return json_skip(in, token);
	while ((token = json_next(in)) == JSON_KEY) {
		bool here = text_is(in->text, "name");

		token = json_next(in);
		if (here && token == JSON_STRING)
			*name = in->text;
		else if (!json_skip(in, token))
			return false;
	}
	return token == JSON_OBJECT_CLOSE;
}

/*
 * Looks ahead over the event whose opening was read, for what stands at its top wherever it does;
 * works on a copy of the reader.
 */
static void event_look(struct misp *misp, struct json_reader ahead)
{
	struct misp_event event = {.tlp = TLP_unknown};
	enum json_token token;

	arena_reset(&misp->names);
	ahead.arena = &misp->names;
	while ((token = json_next(&ahead)) == JSON_KEY) {
		struct text key = ahead.text;
		bool more;

		token = json_next(&ahead);
		if (text_is(key, "info") && token == JSON_STRING) {
			event.info = ahead.text;
			continue;
		}
		if (text_is(key, "Orgc"))
			more = name_read(&ahead, token, &event.organisation);
		else if (text_is(key, "Tag"))
			more = tags_read(&ahead, token, &event.tlp);
		else
			more = json_skip(&ahead, token);
		if (!more)
			break;
	}
	misp->event = event;
}

static bool attribute_member(struct json_reader *in, struct misp_attribute *attribute)
{
	const struct {
		const char *key;
		struct text *text;
	} texts[] = {
		{"type", &attribute->type},
		{"value", &attribute->value},
		{"comment", &attribute->comment},
		{"uuid", &attribute->uuid},
		{"first_seen", &attribute->first_seen},
		{"timestamp", &attribute->timestamp},
	};
	struct text key = in->text;
	enum json_token token = json_next(in);

	for (size_t i = 0; token == JSON_STRING && i < array_size(texts); i++)
		if (text_is(key, texts[i].key)) {
			*texts[i].text = in->text;
			return true;
		}
	if (text_is(key, "deleted"))
		attribute->deleted = token == JSON_TRUE ||
			((token == JSON_NUMBER || token == JSON_STRING) && text_is(in->text, "1"));
	if (text_is(key, "to_ids"))
		attribute->for_detection = token == JSON_TRUE ||
			((token == JSON_NUMBER || token == JSON_STRING) && text_is(in->text, "1"));
	if (text_is(key, "Tag"))
		return tags_read(in, token, &attribute->tlp);
	return json_skip(in, token);
}

static bool is_hash(enum indicator_type type)
{
	return type == INDICATOR_md5 || type == INDICATOR_sha1 || type == INDICATOR_sha256 ||
		type == INDICATOR_imphash;
}

/*
 * "filename|md5": the parts of type and value belong together. Of one with a hash only the hash
 * is taken: the name alone would say more than the attribute does.
 */
static void parts_take(struct feed *feed, struct misp_attribute *attribute,
	const struct entry_facts *facts)
{
	struct text type = text_is(attribute->type, "malware-sample") ? TEXT("filename|md5")
								      : attribute->type;
	bool hashed = false, any = false;

	for (int round = 0; round < 2; round++) {
		struct text types = type, values = attribute->value, word, value, rest;

		for (; types.n; types = rest) {
			enum indicator_type read;

			word = feed_cut(types, '|', &rest);
			/* the last part takes what is left */
			if (rest.at)
				value = feed_cut(values, '|', &values);
			else
				value = values;
			read = feed_type(word);
			if (!round) {
				hashed |= is_hash(read);
			} else if (read < INDICATOR_TYPES && (!hashed || is_hash(read))) {
				feed_take(feed, read, value, facts);
				any = true;
			}
		}
	}
	if (!any) {
		struct text shown = feed_shown(feed, attribute->type);

		feed_leave_out(feed, "no indicator is of type '%.*s'", TEXT_PRINT(shown));
	}
}

static void attribute_take(struct misp *misp, struct misp_attribute *attribute, size_t at)
{
	struct feed *feed = misp->feed;
	struct entry_facts facts = feed_facts(feed);

	if (feed->full)
		return;
	if (attribute->deleted || !attribute->for_detection) {
		feed_leave_out(feed, "%s",
			attribute->deleted ? "deleted" : "not for detection (to_ids)");
		return;
	}
	facts.line = line_at(&misp->lines, at);
	if (misp->event.organisation.n)
		facts.source = misp->event.organisation;
	facts.label = misp->event.info;
	facts.comment = attribute->comment;
	facts.reference = attribute->uuid;
	facts.tlp = attribute->tlp < TLP_unknown ? attribute->tlp : misp->event.tlp;
	facts.valid_from = feed_date(feed, facts.line,
		attribute->first_seen.n ? attribute->first_seen : attribute->timestamp);
	parts_take(feed, attribute, &facts);
}

/* An array of attributes, or a single one. */
static bool attributes_read(struct misp *misp, enum json_token token)
{
	struct json_reader *in = &misp->in;
	bool array = token == JSON_ARRAY_OPEN;

	if (array)
		token = json_next(in);
	while (token == JSON_OBJECT_OPEN) {
		struct misp_attribute attribute = {.tlp = TLP_unknown};
		size_t at = in->at;

		while ((token = json_next(in)) == JSON_KEY)
			if (!attribute_member(in, &attribute))
				return false;
		if (token != JSON_OBJECT_CLOSE)
			return false;
		attribute_take(misp, &attribute, at);
		arena_reset(&misp->feed->arena);
		if (!array)
			return true;
		token = json_next(in);
	}
	return array ? token == JSON_ARRAY_CLOSE : json_skip(in, token);
}

/*
 * Goes through all objects and arrays that may hold attributes, without recursion; what is under
 * any other key is skipped.
 */
static bool all_read(struct misp *misp)
{
	struct json_reader *in = &misp->in;
	enum json_token token;

	while ((token = json_next(in)) != JSON_END) {
		struct text key;

		if (token == JSON_ERROR)
			return false;
		if (token != JSON_KEY)
			continue;
		key = in->text;
		token = json_next(in);
		if (text_is(key, "Event") && token == JSON_OBJECT_OPEN) {
			event_look(misp, *in);
		} else if (text_is(key, "Attribute")) {
			if (!attributes_read(misp, token))
				return false;
		} else if (!text_is(key, "Object") && !text_is(key, "response")) {
			if (!json_skip(in, token))
				return false;
			arena_reset(&misp->feed->arena);
		}
	}
	return true;
}

bool misp_is(struct text bytes)
{
	until_return(arena_clear) struct arena arena = {0};
	struct json_reader in;
	enum json_token token;

	json_reader_init(&in, bytes, &arena);
	token = json_next(&in);
	if (token == JSON_ARRAY_OPEN)
		token = json_next(&in);
	if (token != JSON_OBJECT_OPEN)
		return false;
	while ((token = json_next(&in)) == JSON_KEY) {
		if (text_is(in.text, "Event") || text_is(in.text, "response") ||
			text_is(in.text, "Attribute"))
			return true;
		if (!json_skip(&in, json_next(&in)))
			return false;
	}
	return false;
}

static void misp_clear(struct misp *misp)
{
	arena_clear(&misp->names);
}

void misp_read(struct feed *feed, struct text bytes)
{
	until_return(misp_clear) struct misp misp = {
		.feed = feed, .lines = {.bytes = bytes}, .event.tlp = TLP_unknown};

	json_reader_init(&misp.in, bytes, &feed->arena);
	if (!all_read(&misp))
		feed_problem(feed, line_at(&misp.lines, misp.in.at), 1,
			"%s; what follows is left out",
			misp.in.error.text[0] ? misp.in.error.text : "the export is broken");
}
