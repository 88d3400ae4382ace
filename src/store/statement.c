// SPDX-License-Identifier: Apache-2.0
// The statements of statement.def: prepared when first asked for, run, and their refusals as
// sentences.

#include "base/own.h"
#include "store/store_private.h"

static const char *const sql[STORE_STATEMENTS] = {
#define STATEMENT(name, text) text,
#include "store/statement.def"
#undef STATEMENT
};

/* What SQLite's answer means for the user, and the remedy. */
static const struct refusal {
	int code; /* primary result code */
	const char *why;
} refusals[] = {
	{ SQLITE_FULL, "the disk is full; free some space or lower store_bytes (nothing that was "
		       "kept is lost)" },
	{ SQLITE_READONLY, "the folder or its file system is read-only; make it writable or give "
			   "another folder with --store" },
	{ SQLITE_IOERR,
		"the disk refused; see the kernel's log (what was kept before is untouched)" },
	{ SQLITE_CORRUPT, "the database is damaged; move the folder away and saker makes a new "
			  "one, or try sqlite3 saker.db .recover" },
	{ SQLITE_NOTADB,
		"saker.db is not a database; move it away or give another folder with --store" },
	{ SQLITE_CANTOPEN, "saker.db or a file beside it cannot be opened; run as root, or copy "
			   "the folder to a place you may write to" },
	{ SQLITE_PERM, "the rights do not suffice; run as root" },
	{ SQLITE_AUTH, "the rights do not suffice; run as root" },
	{ SQLITE_BUSY, "another process holds it for too long; try again" },
	{ SQLITE_LOCKED, "another process holds it for too long; try again" },
	{ SQLITE_NOMEM, "there is no memory" },
	{ SQLITE_TOOBIG, "it is too large" },
};

int store_refuse(struct store *store, struct error *err, const char *what)
{
	int code = store->db ? sqlite3_extended_errcode(store->db) : SQLITE_CANTOPEN;

	for (size_t i = 0; i < array_size(refusals); i++)
		if (refusals[i].code == (code & 0xff))
			return fail(err, "cannot %s in '%s': %s", what, store->folder,
				refusals[i].why);
	return fail(err, "cannot %s in '%s': %s", what, store->folder, sqlite3_errstr(code));
}

sqlite3_stmt *store_statement(struct store *store, enum store_sql at)
{
	sqlite3_stmt **statement = &store->statements[at];

	if (!*statement)
		sqlite3_prepare_v3(store->db, sql[at], -1, SQLITE_PREPARE_PERSISTENT, statement,
			NULL);
	if (*statement) {
		sqlite3_reset(*statement);
		sqlite3_clear_bindings(*statement);
	}
	return *statement;
}

int store_finish(sqlite3_stmt *statement)
{
	return sqlite3_step(statement) == SQLITE_DONE && sqlite3_reset(statement) == SQLITE_OK
		       ? 0
		       : -1;
}

int store_run(struct store *store, enum store_sql at, const int64_t *numbers, size_t n)
{
	sqlite3_stmt *statement = store_statement(store, at);
	int code;

	if (!statement)
		return -1;
	for (size_t i = 0; i < n; i++)
		sqlite3_bind_int64(statement, (int)i + 1, numbers[i]);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return sqlite3_reset(statement) == SQLITE_OK ? 0 : -1;
	/* not reset here: that would not lose the error, but the caller asks for it next */
	return -1;
}

int64_t store_number(struct store *store, enum store_sql at, int64_t otherwise)
{
	sqlite3_stmt *statement = store_statement(store, at);
	int64_t number = otherwise;

	if (!statement)
		return otherwise;
	if (sqlite3_step(statement) == SQLITE_ROW &&
		sqlite3_column_type(statement, 0) != SQLITE_NULL)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return number;
}

int store_begin(struct store *store, bool synced)
{
	if (synced != store->synced) {
		const char *pragma = synced ? "pragma synchronous = full"
					    : "pragma synchronous = normal";

		if (sqlite3_exec(store->db, pragma, NULL, NULL, NULL) != SQLITE_OK)
			return -1;
		store->synced = synced;
	}
	return store_run(store, SQL_begin, NULL, 0);
}

int store_commit(struct store *store)
{
	return store_run(store, SQL_commit, NULL, 0);
}

void store_undo(struct store *store)
{
	/* SQLite has rolled back itself after some errors, a full disk for one */
	if (!sqlite3_get_autocommit(store->db))
		store_run(store, SQL_rollback, NULL, 0);
}

void store_key(struct entity entity, unsigned char key[16])
{
	for (unsigned i = 0; i < 8; i++) {
		key[i] = (unsigned char)(entity.high >> (56 - 8 * i));
		key[8 + i] = (unsigned char)(entity.low >> (56 - 8 * i));
	}
}

struct entity store_unkey(const void *key, int n)
{
	const unsigned char *bytes = key;
	struct entity entity = { 0 };

	if (n != 16)
		return entity;
	for (unsigned i = 0; i < 8; i++) {
		entity.high = entity.high << 8 | bytes[i];
		entity.low = entity.low << 8 | bytes[8 + i];
	}
	return entity;
}

int store_bind_entity(sqlite3_stmt *statement, int at, struct entity entity)
{
	unsigned char key[16];

	store_key(entity, key);
	return sqlite3_bind_blob(statement, at, key, sizeof key, SQLITE_TRANSIENT);
}

/* The bytes must stay until the statement was run. */
int store_bind_text(sqlite3_stmt *statement, int at, struct text text)
{
	return sqlite3_bind_text64(statement, at, text.at ? text.at : "", text.n, SQLITE_STATIC,
		SQLITE_UTF8);
}

struct text store_column(sqlite3_stmt *statement, int column)
{
	const char *at = sqlite3_column_blob(statement, column);

	return (struct text){ at ? at : "", (size_t)sqlite3_column_bytes(statement, column) };
}
