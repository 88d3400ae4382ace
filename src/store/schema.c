// SPDX-License-Identifier: Apache-2.0
// Which columns rows have: a named value for each program that wrote some, so that a later one
// reads them by their names.

#include <stdio.h>

#include "base/own.h"
#include "store/store_private.h"

static void name_print(char *name, size_t size, unsigned schema)
{
	snprintf(name, size, "store.schema.%u", schema);
}

int store_schema_open(struct store *store)
{
	until_return(arena_clear) struct arena arena = {0};
	struct text own = row_schema();
	char name[32];

	for (unsigned schema = 1; schema < STORE_SCHEMAS; schema++) {
		struct text known;

		name_print(name, sizeof name, schema);
		known = store_get(store, name, &arena);
		if (known.at && !text_equal(known, own))
			continue;
		store->schema = (int)schema;
		return known.at ? 0 : store_put(store, name, own, NULL);
	}
	return -1;
}

struct row_reader *store_reader(struct store *store, unsigned schema)
{
	until_return(arena_clear) struct arena arena = {0};
	char name[32];

	if (schema >= STORE_SCHEMAS)
		return NULL;
	if (!store->reader_tried[schema]) {
		name_print(name, sizeof name, schema);
		store->readers[schema] = row_reader_new(store_get(store, name, &arena));
		store->reader_tried[schema] = true;
	}
	return store->readers[schema];
}

struct text store_row_json(struct store *store, unsigned schema, struct text row)
{
	struct row_reader *reader = store_reader(store, schema);

	json_writer_reset(&store->json);
	if (!reader || !row_json(reader, row, &store->json))
		return (struct text){0};
	return (struct text){store->json.at, store->json.n};
}

struct text store_record_json(
	struct store *store, const struct batch_record *record, unsigned *damaged)
{
	struct text json = record->schema
		? store_row_json(store, record->schema, record->bytes)
		: record->bytes;

	*damaged += !json.at;
	return json;
}

void store_schemas_clear(struct store *store)
{
	for (unsigned i = 0; i < STORE_SCHEMAS; i++)
		row_reader_free(&store->readers[i]);
	json_writer_clear(&store->json);
}
