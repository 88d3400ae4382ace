// SPDX-License-Identifier: Apache-2.0
// The tables as data: kinds, objects, fields, and finding a field by its names.

#include <stddef.h>
#include <strings.h>

#include "base/own.h"
#include "event/event.h"

const struct kind kinds[EVENT_KINDS] = {
#define KIND(name, class, category, action, ocsf_class, ocsf_activity, sentence)                  \
	{#name, CLASS_##class, category, action, ocsf_class, ocsf_activity, sentence},
#include "event/kind.def"
#undef KIND
};

const char *const class_names[EVENT_CLASSES] = {"lifecycle", "network", "file", "self"};

const char *const object_names[OBJECTS] = {
#define OBJECT(name, sentence) #name,
#include "event/object.def"
#undef OBJECT
};

const char *const object_sentences[OBJECTS] = {
#define OBJECT(name, sentence) sentence,
#include "event/object.def"
#undef OBJECT
};

const struct field fields[] = {
#define FIELD(type, name, json, sigma, ocsf, sentence)                                            \
	{OBJECT_process, FIELD_##type, offsetof(struct process, name), #name, json, sigma, ocsf,  \
		sentence},
#include "event/process.def"
#undef FIELD
#define FIELD(type, name, json, sigma, ocsf, sentence)                                            \
	{OBJECT_file, FIELD_##type, offsetof(struct file, name), #name, json, sigma, ocsf,        \
		sentence},
#include "event/file.def"
#undef FIELD
#define FIELD(type, name, json, sigma, ocsf, sentence)                                            \
	{OBJECT_network, FIELD_##type, offsetof(struct network, name), #name, json, sigma, ocsf,  \
		sentence},
#include "event/network.def"
#undef FIELD
#define FIELD(type, name, json, sigma, ocsf, sentence)                                            \
	{OBJECT_detection, FIELD_##type, offsetof(struct detection, name), #name, json, sigma,    \
		ocsf, sentence},
#include "event/detection.def"
#undef FIELD
#define FIELD(type, name, json, sigma, ocsf, sentence)                                            \
	{OBJECT_sensor, FIELD_##type, offsetof(struct sensor, name), #name, json, sigma, ocsf,    \
		sentence},
#include "event/sensor.def"
#undef FIELD
};

const unsigned field_count = array_size(fields);

/* An open table of field numbers + 1 by hash of a name, made on first use. */
enum { SLOTS = 1024 };

static uint16_t by_json[SLOTS];

static const struct field *json_find(struct text name)
{
	for (size_t i = text_hash(name) % SLOTS; by_json[i]; i = (i + 1) % SLOTS)
		if (text_is(name, fields[by_json[i] - 1].json))
			return &fields[by_json[i] - 1];
	return NULL;
}

__attribute__((constructor)) static void tables_index(void)
{
	for (unsigned n = 0; n < field_count; n++) {
		struct text name = text_of(fields[n].json);
		size_t i = text_hash(name) % SLOTS;

		if (json_find(name))
			continue;
		while (by_json[i])
			i = (i + 1) % SLOTS;
		by_json[i] = (uint16_t)(n + 1);
	}
}

static bool same_caseless(struct text a, const char *b)
{
	return strlen(b) == a.n && a.n && !strncasecmp(a.at, b, a.n);
}

const struct field *field_by_json(struct text name)
{
	const struct field *field = json_find(name);

	for (unsigned i = 0; !field && i < field_count; i++)
		if (same_caseless(name, fields[i].json))
			field = &fields[i];
	return field;
}

const struct field *field_by_sigma(struct text name)
{
	for (unsigned i = 0; i < field_count; i++)
		if (name.n && text_is(name, fields[i].sigma))
			return &fields[i];
	for (unsigned i = 0; i < field_count; i++)
		if (same_caseless(name, fields[i].sigma))
			return &fields[i];
	return NULL;
}

enum event_kind kind_by_name(struct text name)
{
	unsigned i = 0;

	while (i < EVENT_KINDS && !text_is(name, kinds[i].name))
		i++;
	return (enum event_kind)i;
}
