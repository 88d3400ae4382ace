// SPDX-License-Identifier: Apache-2.0
// SysmonForLinux in syslog. Only what that program writes is read: elements with text, attributes
// in quotes, the five entities of XML and numbers; no declarations, no nesting that matters.

#include "base/own.h"
#include "base/utf8.h"
#include "import/sysmon.h"

enum { ELEMENTS_MAX = 512 };

/* The categories of its event ids. */
static const struct {
	int64_t id;
	struct text category;
} categories[] = {
	{1, {"process_creation", 16}}, {3, {"network_connection", 18}},
	{5, {"process_termination", 19}}, {9, {"raw_access_thread", 17}}, {11, {"file_event", 10}},
	{23, {"file_delete", 11}},
};

/* An element that holds nothing but text. */
struct element {
	struct text name, attributes, text;
};

static uint32_t entity_value(struct text name)
{
	static const struct {
		const char *name;
		char c;
	} known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
	uint32_t value = 0;
	bool is_hex = name.n > 2 && (name.at[1] | 32) == 'x';

	for (size_t i = 0; i < array_size(known); i++)
		if (text_is(name, known[i].name))
			return (uint32_t)known[i].c;
	if (name.n < 2 || name.n > 10 || name.at[0] != '#')
		return 0;
	for (size_t i = is_hex ? 2 : 1; i < name.n; i++) {
		int c = name.at[i] | 32;
		int digit = c >= '0' && c <= '9' ? c - '0' : is_hex && c >= 'a' && c <= 'f' ?
			c - 'a' + 10 : -1;

		if (digit < 0 || value > 0x10ffff)
			return 0;
		value = value * (is_hex ? 16 : 10) + (uint32_t)digit;
	}
	return value <= 0x10ffff ? value : 0;
}

static struct text unescaped(struct arena *arena, struct text text)
{
	char *out;
	size_t n = 0;

	if (!text.n || !memchr(text.at, '&', text.n))
		return text;
	out = arena_alloc(arena, text.n);
	for (size_t i = 0; i < text.n; i++) {
		const char *end = text.at[i] == '&' ?
			memchr(text.at + i, ';', text.n - i < 12 ? text.n - i : 12) : NULL;
		uint32_t value = end ? entity_value((struct text){text.at + i + 1,
			(size_t)(end - text.at) - i - 1}) : 0;

		if (!value) {
			out[n++] = text.at[i];
			continue;
		}
		n += utf8_put(out + n, value);
		i = (size_t)(end - text.at);
	}
	return (struct text){out, n};
}

/* The next element whose text is followed by its own end, or that is empty (<a b="c"/>). */
static bool element_take(struct text *rest, struct element *element)
{
	while (rest->n) {
		struct text inside, after;
		bool empty;

		text_until(rest, '<');
		inside = text_until(rest, '>');
		if (!inside.n || inside.at[0] == '/' || inside.at[0] == '?' || inside.at[0] == '!')
			continue;
		empty = inside.at[inside.n - 1] == '/';
		element->attributes = (struct text){inside.at, inside.n - empty};
		element->name = text_until(&element->attributes, ' ');
		after = *rest;
		element->text = empty ? TEXT("") : text_until(&after, '<');
		if (empty || (after.n > element->name.n && after.at[0] == '/' &&
			      !memcmp(after.at + 1, element->name.at, element->name.n)))
			return true;
	}
	return false;
}

/* name="value" or name='value' */
static struct text attribute_get(struct text attributes, const char *name)
{
	while (attributes.n) {
		struct text key = text_until(&attributes, '='), value;
		char quote = attributes.n ? attributes.at[0] : 0;

		while (key.n && key.at[0] == ' ')
			key = (struct text){key.at + 1, key.n - 1};
		if (quote != '"' && quote != '\'')
			return (struct text){0};
		attributes = (struct text){attributes.at + 1, attributes.n - 1};
		value = text_until(&attributes, quote);
		if (text_is(key, name))
			return value;
	}
	return (struct text){0};
}

static void system_add(struct line_log *log, const char *name, struct text value)
{
	if (value.at)
		record_add(&log->record, record_names_get(log->names, PART_system, text_of(name)),
			VALUE_text, value);
}

static void element_note(struct line_log *log, const struct element *element)
{
	struct text text = unescaped(&log->arena, element->text), name;

	if (text_is(element->name, "Data")) {
		name = attribute_get(element->attributes, "Name");
		if (name.n)
			record_add(&log->record, record_names_get(log->names, PART_data, name),
				VALUE_text, text);
	} else if (text_is(element->name, "EventID")) {
		text_number(text, &log->record.event_id);
		system_add(log, "EventID", text);
	} else if (text_is(element->name, "Computer")) {
		log->record.host = text;
		system_add(log, "Computer", text);
	} else if (text_is(element->name, "Channel")) {
		log->record.channel = text;
		system_add(log, "Channel", text);
	} else if (text_is(element->name, "TimeCreated")) {
		log->record.time_text = attribute_get(element->attributes, "SystemTime");
		log->record.time = NUMBER_NONE;
		system_add(log, "TimeCreated", log->record.time_text);
	} else if (text_is(element->name, "Provider")) {
		system_add(log, "Provider_Name", attribute_get(element->attributes, "Name"));
	} else if (text_is(element->name, "EventRecordID")) {
		system_add(log, "EventRecordID", text);
	}
}

bool sysmon_take(struct line_log *log, struct text message)
{
	struct text rest = message;
	struct element element;
	unsigned n = 0;

	if (!text_starts(message, TEXT("<Event>")) && !text_starts(message, TEXT("<Event ")))
		return false;
	while (n++ < ELEMENTS_MAX && element_take(&rest, &element))
		element_note(log, &element);
	log->record.sources[0] = (struct logsource){
		.product = TEXT("linux"), .service = TEXT("sysmon")};
	for (size_t i = 0; i < array_size(categories); i++)
		if (categories[i].id == log->record.event_id)
			log->record.sources[0].category = categories[i].category;
	log->record.source_count = 1;
	line_log_give(log);
	return true;
}
