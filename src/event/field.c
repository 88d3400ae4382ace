// SPDX-License-Identifier: Apache-2.0
// The tables as data: kinds, objects, fields, and finding a field by its names.

#include <stddef.h>
#include <strings.h>

#include "base/own.h"
#include "event/event.h"

const struct kind kinds[EVENT_KINDS] = {
#define KIND(name, class, category, action, ocsf_class, ocsf_activity, sentence) \
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

#define LINE(object, type, name, json, sigma, ocsf, sentence) \
	{OBJECT_##object, FIELD_##type, offsetof(struct object, name), #name, json, sigma, ocsf, \
		sentence, {"\"" json "\":", sizeof "\"" json "\":" - 1}},

const struct field fields[] = {
#define FIELD(...) LINE(process, __VA_ARGS__)
#include "event/process.def"
#undef FIELD
#define FIELD(...) LINE(file, __VA_ARGS__)
#include "event/file.def"
#undef FIELD
#define FIELD(...) LINE(network, __VA_ARGS__)
#include "event/network.def"
#undef FIELD
#define FIELD(...) LINE(dns, __VA_ARGS__)
#include "event/dns.def"
#undef FIELD
#define FIELD(...) LINE(call, __VA_ARGS__)
#include "event/call.def"
#undef FIELD
#define FIELD(...) LINE(target, __VA_ARGS__)
#include "event/target.def"
#undef FIELD
#define FIELD(...) LINE(login, __VA_ARGS__)
#include "event/login.def"
#undef FIELD
#define FIELD(...) LINE(detection, __VA_ARGS__)
#include "event/detection.def"
#undef FIELD
#define FIELD(...) LINE(sensor, __VA_ARGS__)
#include "event/sensor.def"
#undef FIELD
};

const unsigned field_count = array_size(fields);

enum { SLOTS = 512 };
_Static_assert(2 * array_size(fields) <= SLOTS, "more slots for the fields");

/* Open tables of field numbers + 1, by a hash of the name that does not count case. */
enum naming { NAMED_json, NAMED_sigma, NAMINGS };
static uint16_t slots[NAMINGS][SLOTS];

/* Eight letters at a time, each with the bit set that tells small ones from capitals. */
static size_t first_slot(struct text name)
{
	const uint64_t small = 0x2020202020202020;
	uint64_t hash = name.n;

	for (size_t i = 0; i < name.n; i += sizeof hash) {
		size_t left = name.n - i;
		uint64_t letters = 0;

		memcpy(&letters, name.at + i, left < sizeof letters ? left : sizeof letters);
		hash = (hash ^ (letters | small)) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 32;
	}
	return hash % SLOTS;
}

static const char *name_of(const struct field *field, enum naming naming)
{
	return naming == NAMED_json ? field->json : field->sigma;
}

__attribute__((constructor)) static void tables_index(void)
{
	for (unsigned n = 0; n < NAMINGS * field_count; n++) {
		enum naming naming = (enum naming)(n / field_count);
		const char *name = name_of(&fields[n % field_count], naming);
		size_t i = first_slot(text_of(name));

		if (!*name)
			continue;
		while (slots[naming][i])
			i = (i + 1) % SLOTS;
		slots[naming][i] = (uint16_t)(n % field_count + 1);
	}
}

/* Names that differ in case alone lie in one chain, those of earlier tables first. */
static const struct field *find(struct text name, enum naming naming)
{
	const struct field *similar = NULL;
	const uint16_t *table = slots[naming];

	for (size_t i = first_slot(name); table[i]; i = (i + 1) % SLOTS) {
		const struct field *field = &fields[table[i] - 1];
		const char *known = name_of(field, naming);

		if (strlen(known) != name.n || strncasecmp(known, name.at, name.n))
			continue;
		if (!memcmp(known, name.at, name.n))
			return field;
		similar = similar ? similar : field;
	}
	return similar;
}

const struct field *field_by_json(struct text name)
{
	return find(name, NAMED_json);
}

const struct field *field_by_sigma(struct text name)
{
	return find(name, NAMED_sigma);
}

enum event_kind kind_by_name(struct text name)
{
	unsigned i = 0;

	while (i < EVENT_KINDS && !text_is(name, kinds[i].name))
		i++;
	return (enum event_kind)i;
}
