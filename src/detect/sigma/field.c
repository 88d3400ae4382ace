// SPDX-License-Identifier: Apache-2.0
// Field names and their numbers.

#include <stdlib.h>

#include "base/memory.h"
#include "detect/sigma/field.h"

enum { TABLE_START = 256 };

static struct text without_blanks(struct arena *arena, struct text name)
{
	char *copy = arena_alloc(arena, name.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++)
		if (name.at[i] != ' ')
			copy[n++] = name.at[i];
	copy[n] = 0;
	return (struct text){copy, n};
}

static uint32_t *place(const struct fields *fields, uint64_t key)
{
	uint32_t mask = fields->table_size - 1, i = (uint32_t)(key ^ key >> 32) & mask;

	while (fields->table[i] && fields->at[fields->table[i]].key != key)
		i = (i + 1) & mask;
	return fields->table + i;
}

static void table_grow(struct fields *fields)
{
	uint32_t *old = fields->table, old_size = fields->table_size;

	fields->table_size = old_size ? old_size * 2 : TABLE_START;
	fields->table = memory_new(fields->table_size * sizeof *fields->table);
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i])
			*place(fields, fields->at[old[i]].key) = old[i];
	free(old);
}

static uint32_t append(struct fields *fields, struct text name, uint64_t key)
{
	if (fields->n == fields->size) {
		fields->size = fields->size ? fields->size * 2 : 64;
		fields->at = memory_resize(fields->at, fields->size, sizeof *fields->at);
	}
	fields->at[fields->n] = (struct field_name){.name = name, .key = key};
	return fields->n++;
}

void fields_init(struct fields *fields)
{
	*fields = (struct fields){0};
	append(fields, TEXT(""), 0);
	table_grow(fields);
}

void fields_clear(struct fields *fields)
{
	free(fields->at);
	free(fields->table);
	arena_clear(&fields->arena);
	*fields = (struct fields){0};
}

uint32_t fields_find(const struct fields *fields, uint64_t key)
{
	return *place(fields, key);
}

bool field_name_is(const struct field_name *field, struct text name)
{
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		if (name.at[i] == ' ')
			continue;
		if (n == field->name.n || field->name.at[n] != name.at[i])
			return false;
		n++;
	}
	return n == field->name.n;
}

uint32_t fields_intern(struct fields *fields, struct text name)
{
	uint64_t key = name_key_add(NAME_KEY_START, name);
	uint32_t first = fields_find(fields, key), new;

	for (uint32_t i = first; i; i = fields->at[i].next_same)
		if (field_name_is(fields->at + i, name))
			return i;
	new = append(fields, without_blanks(&fields->arena, name), key);
	if (first) {
		fields->at[new].next_same = fields->at[first].next_same;
		fields->at[first].next_same = new;
		return new;
	}
	if (fields->n * 2 > fields->table_size)
		table_grow(fields);
	*place(fields, key) = new;
	return new;
}
