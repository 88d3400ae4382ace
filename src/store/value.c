// SPDX-License-Identifier: Apache-2.0
// Small named values, among them the store's own counters.

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "store/store_private.h"

int store_value(struct store *store, const char *name, struct text value)
{
	sqlite3_stmt *statement = store_statement(store, SQL_value_put);

	if (!statement)
		return -1;
	store_bind_text(statement, 1, text_of(name));
	sqlite3_bind_blob64(statement, 2, value.at ? value.at : "", value.n, SQLITE_STATIC);
	return store_finish(statement);
}

int store_put(struct store *store, const char *name, struct text value, struct error *err)
{
	assert(store->mode == STORE_write);
	if (!store_begin(store, false) && !store_value(store, name, value) && !store_commit(store))
		return 0;
	store_refuse(store, err, "keep a value");
	store_undo(store);
	return -1;
}

struct text store_get(struct store *store, const char *name, struct arena *arena)
{
	sqlite3_stmt *statement = store_statement(store, SQL_value_get);
	struct text value = { 0 };

	if (!statement)
		return value;
	store_bind_text(statement, 1, text_of(name));
	if (sqlite3_step(statement) == SQLITE_ROW)
		value = arena_copy(arena, store_column(statement, 0));
	sqlite3_reset(statement);
	return value;
}

int64_t store_counter(struct store *store, const char *name, int64_t otherwise)
{
	sqlite3_stmt *statement = store_statement(store, SQL_value_get);
	int64_t number = otherwise;

	if (!statement)
		return otherwise;
	store_bind_text(statement, 1, text_of(name));
	if (sqlite3_step(statement) == SQLITE_ROW &&
		!text_number(store_column(statement, 0), &number))
		number = otherwise;
	sqlite3_reset(statement);
	return number;
}

int store_count(struct store *store, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, value);
	return store_value(store, name, text_of(text));
}
