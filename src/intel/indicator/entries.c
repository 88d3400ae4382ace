// SPDX-License-Identifier: Apache-2.0
// Indicators while they are gathered.

#include <stdlib.h>

#include "base/memory.h"
#include "intel/feeds.h"
#include "intel/indicator/entries.h"

#define TEXTS_MAX (UINT32_MAX - 65536u)

enum { SET_START = 1024, CONFIDENCE_NONE = 255 };

void entries_init(struct entries *entries)
{
	*entries = (struct entries){0};
	entries->text_bytes = TEXT_LENGTH;
	entries->text_size = 65536;
	entries->texts = memory_new(entries->text_size);
}

void entries_clear(struct entries *entries)
{
	for (int i = 0; i < INDICATOR_TYPES; i++) {
		free(entries->lists[i].at);
		free(entries->lists[i].values);
	}
	free(entries->texts);
	free(entries->text_set.at);
	free(entries->origin_set.at);
	free(entries->origins);
	*entries = (struct entries){0};
}

/* The slot where the number is, or would be. */
typedef bool same_number(const struct entries *entries, uint32_t number, const void *wanted);
typedef uint64_t number_key(const struct entries *entries, uint32_t number);

static uint32_t *slot_find(const struct entries *entries, const struct number_set *set,
	uint64_t key, same_number *same, const void *wanted)
{
	size_t i = key & (set->size - 1);

	while (set->at[i] && !(same && same(entries, set->at[i], wanted)))
		i = (i + 1) & (set->size - 1);
	return set->at + i;
}

static void set_grow(const struct entries *entries, struct number_set *set, number_key *key)
{
	struct number_set old = *set;

	if (set->n * 2 < set->size)
		return;
	set->size = old.size ? old.size * 2 : SET_START;
	set->at = memory_new(set->size * sizeof *set->at);
	for (size_t i = 0; i < old.size; i++)
		if (old.at[i])
			*slot_find(entries, set, key(entries, old.at[i]), NULL, NULL) = old.at[i];
	free(old.at);
}

static struct text text_at(const struct entries *entries, uint32_t place)
{
	uint16_t n;

	memcpy(&n, entries->texts + place, sizeof n);
	return (struct text){(const char *)entries->texts + place + TEXT_LENGTH, n};
}

/* Puts a text at the end of the pool; there is room, see has_room. */
static uint32_t text_put(struct entries *entries, struct text text)
{
	uint32_t place = (uint32_t)entries->text_bytes;
	uint16_t n = (uint16_t)text.n;

	while (entries->text_bytes + TEXT_LENGTH + text.n > entries->text_size) {
		entries->text_size *= 2;
		entries->texts = memory_resize(entries->texts, entries->text_size, 1);
	}
	memcpy(entries->texts + place, &n, sizeof n);
	memcpy(entries->texts + place + TEXT_LENGTH, text.at, text.n);
	entries->text_bytes += TEXT_LENGTH + text.n;
	return place;
}

static bool text_same(const struct entries *entries, uint32_t place, const void *wanted)
{
	return text_equal(text_at(entries, place), *(const struct text *)wanted);
}

static uint64_t text_key(const struct entries *entries, uint32_t place)
{
	struct text text = text_at(entries, place);

	return key_of(KEY_A, text.at, text.n);
}

/* The place of a text that others may have too. */
static uint32_t text_intern(struct entries *entries, struct text text)
{
	uint32_t *slot;

	if (!text.n)
		return 0;
	if (text.n > NOTE_MAX) {
		text.n = NOTE_MAX;
		/* not inside of a character */
		while (text.n && ((unsigned char)text.at[text.n] & 0xc0) == 0x80)
			text.n--;
	}
	set_grow(entries, &entries->text_set, text_key);
	slot = slot_find(entries, &entries->text_set, key_of(KEY_A, text.at, text.n), text_same,
		&text);
	if (!*slot) {
		*slot = text_put(entries, text);
		entries->text_set.n++;
	}
	return *slot;
}

/* Origins count from 1 in their set. */
static bool origin_same(const struct entries *entries, uint32_t number, const void *wanted)
{
	return !memcmp(&entries->origins[number - 1], wanted, sizeof *entries->origins);
}

static uint64_t origin_key(const struct entries *entries, uint32_t number)
{
	return key_of(KEY_A, &entries->origins[number - 1], sizeof *entries->origins);
}

static uint32_t origin_intern(struct entries *entries, const struct entry_facts *facts)
{
	struct image_origin origin = {
		.source = text_intern(entries, facts->source),
		.file = text_intern(entries, facts->file),
		.label = text_intern(entries, facts->label),
		.reference = text_intern(entries, facts->reference),
		.comment = text_intern(entries, facts->comment),
		.confidence = facts->confidence < 0 ? CONFIDENCE_NONE
			: facts->confidence > 100   ? 100
						    : (uint8_t)facts->confidence,
		.tlp = (uint8_t)facts->tlp,
	};
	uint32_t *slot;

	set_grow(entries, &entries->origin_set, origin_key);
	slot = slot_find(entries, &entries->origin_set, key_of(KEY_A, &origin, sizeof origin),
		origin_same, &origin);
	if (*slot)
		return *slot - 1;
	if (entries->origin_count == entries->origin_size) {
		entries->origin_size = entries->origin_size ? entries->origin_size * 2 : 64;
		entries->origins = memory_resize(
			entries->origins, entries->origin_size, sizeof *entries->origins);
	}
	entries->origins[entries->origin_count++] = origin;
	entries->origin_set.n++;
	*slot = (uint32_t)entries->origin_count;
	return *slot - 1;
}

static uint32_t time_of(int64_t seconds)
{
	return seconds <= 0 || seconds > UINT32_MAX ? 0 : (uint32_t)seconds;
}

/*
 * One that expired before 1970 still has, and one that does after 2106 has no end that matters.
 */
static uint32_t expiry_of(int64_t seconds)
{
	return seconds < 0 ? 1 : time_of(seconds);
}

static bool has_room(const struct entries *entries)
{
	return entries->count < FEEDS_MAX &&
		entries->text_bytes < TEXTS_MAX - 8 * INDICATOR_VALUE_MAX;
}

bool entries_add(struct entries *entries, const struct value *value,
	const struct entry_facts *facts)
{
	struct entry_list *list = &entries->lists[value->type];
	size_t width = entry_width(value->type);
	uint32_t place;

	if (!has_room(entries))
		return false;
	if (list->n == list->size) {
		list->size = list->size ? list->size * 2 : 64;
		list->at = memory_resize(list->at, list->size, sizeof *list->at);
		list->values = memory_resize(list->values, list->size, width);
	}
	if (indicator_widths[value->type]) {
		memcpy(list->values + list->n * width, value->bytes, width);
	} else {
		place = text_put(entries, (struct text){(const char *)value->bytes, value->n});
		memcpy(list->values + list->n * width, &place, sizeof place);
	}
	list->at[list->n++] = (struct entry){
		.origin = origin_intern(entries, facts),
		.line = facts->line,
		.times = {time_of(facts->valid_from), expiry_of(facts->expires)},
	};
	entries->count++;
	return true;
}

const uint8_t *entry_value(const struct entries *entries, enum indicator_type type, size_t row,
	size_t *n)
{
	const uint8_t *value = entries->lists[type].values + row * entry_width(type);
	struct text text;
	uint32_t place;

	*n = indicator_widths[type];
	if (*n)
		return value;
	memcpy(&place, value, sizeof place);
	text = text_at(entries, place);
	*n = text.n;
	return (const uint8_t *)text.at;
}
