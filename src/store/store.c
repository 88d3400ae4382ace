// SPDX-License-Identifier: Apache-2.0
// A store: its database made, opened for the one writer or for readers, and closed.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "store/store_private.h"

enum { FORMAT = 2, APPLICATION = 0x73616b72 /* "sakr" */, BUSY_MS = 5000 };

static const char schema[] =
	"begin immediate;"
	"create table batch(first integer primary key, n integer not null, t0 integer not null,"
	" t1 integer not null, open integer not null, data blob not null, chain blob);"
	"create index batch_time on batch(t0, t1, n);"
	"create index batch_open on batch(first) where open = 1;"
	"create table process(entity blob primary key, parent blob not null,"
	" time integer not null, rank integer not null, record integer not null,"
	" kept integer not null default 0, json blob) without rowid;"
	"create index process_parent on process(parent, entity);"
	"create table detection(number integer primary key, id text not null,"
	" time integer not null, level text not null, entity blob not null, json blob not null,"
	" chain blob);"
	"create index detection_id on detection(id);"
	"create index detection_time on detection(time);"
	"create table notice(number integer primary key, kind text not null,"
	" time integer not null, json blob not null, chain blob);"
	"create index notice_time on notice(time);"
	"create table value(name text primary key, text blob not null) without rowid;"
	"pragma application_id = 1935764338;"
	"pragma user_version = 2;"
	"commit;";
_Static_assert(APPLICATION == 1935764338 && FORMAT == 2, "the schema says so too");

static int pragma_number(sqlite3 *db, const char *pragma, int *number)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, pragma, -1, &statement, NULL);

	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		*number = sqlite3_column_int(statement, 0);
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code == SQLITE_OK ? 0 : -1;
}

static int format_check(struct store *store, struct error *err)
{
	int version = 0, application = 0, tables = 0;

	if (pragma_number(store->db, "pragma user_version", &version) ||
		pragma_number(store->db, "pragma application_id", &application) ||
		pragma_number(store->db, "select count(*) from sqlite_master", &tables))
		return store_refuse(store, err, "read the database");
	if (application == APPLICATION && version > FORMAT)
		return fail(err,
			"the store in '%s' has format %d, made by a newer saker; this one knows "
			"format %d: "
			"update saker or give another folder with --store",
			store->folder, version, FORMAT);
	if (application == APPLICATION)
		return version;
	if (application || version || tables)
		return fail(err,
			"'%s/saker.db' is a database of another program; move it away or give "
			"another "
			"folder with --store",
			store->folder);
	return 0;
}

/* A store of format 1 has no chains yet; what it holds stays without. */
static int format_raise(struct store *store, struct error *err)
{
	static const char steps[] =
		"begin immediate;"
		"alter table batch add column chain blob;"
		"alter table detection add column chain blob;"
		"alter table notice add column chain blob;"
		"pragma user_version = 2;"
		"commit;";

	if (sqlite3_exec(store->db, steps, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	store_refuse(store, err, "bring the database up to date");
	store_undo(store);
	return -1;
}

static int schema_make(struct store *store, struct error *err)
{
	if (sqlite3_exec(store->db, schema, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	store_refuse(store, err, "make the database");
	store_undo(store);
	return -1;
}

/* The name of the host whose events these are, for whoever reads a copy elsewhere. */
static void host_put(struct store *store)
{
	until_return(arena_clear) struct arena arena = { 0 };
	struct utsname host;

	if (!uname(&host) && !text_is(store_get(store, "host", &arena), host.nodename))
		store_put(store, "host", text_of(host.nodename), NULL);
}

static int writer_prepare(struct store *store)
{
	/* the first two hold only for a database that has no pages yet */
	int code = sqlite3_exec(store->db,
		"pragma page_size = 4096; pragma auto_vacuum = incremental;"
		"pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = "
		"memory;"
		"pragma cache_size = -1024; pragma wal_autocheckpoint = 1000;"
		"pragma journal_size_limit = 8388608",
		NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : -1;
}

static int writer_begin(struct store *store, struct error *err)
{
	int persist = 1, version;

	if (writer_prepare(store)) {
		/* even to open takes space, in -shm */
		store_reserve_drop(store);
		if (sqlite3_errcode(store->db) != SQLITE_FULL || writer_prepare(store))
			return store_refuse(store, err, "open the database");
	}
	/* -wal and -shm stay when the last one closes, so that who may not write can still read */
	sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	version = format_check(store, err);
	if (version < 0 || (!version && schema_make(store, err)) ||
		(version == 1 && format_raise(store, err)))
		return -1;
	if (store_tail_load(store))
		return store_refuse(store, err, "read the newest events");
	store_reserve_make(store);
	host_put(store);
	if (store_schema_open(store))
		return store_refuse(store, err, "note the columns of events");
	return 0;
}

static int reader_begin(struct store *store, struct error *err)
{
	int version;

	sqlite3_exec(store->db, "pragma temp_store = memory; pragma cache_size = -8192", NULL,
		NULL, NULL);
	version = format_check(store, err);
	if (!version)
		return fail(err, "the store in '%s' is empty yet; start `saker run` first",
			store->folder);
	return version < 0 ? -1 : 0;
}

static bool is_without_rest(const char *path)
{
	char wal[STORE_PATH_BYTES + 8];
	struct stat stat_;

	snprintf(wal, sizeof wal, "%s-wal", path);
	return stat(wal, &stat_) ? errno == ENOENT : !stat_.st_size;
}

/* SQLite takes a path after "file:" as a URI: what has a meaning there is written as %XX. */
static void uri_write(char *uri, size_t size, const char *path, const char *rest)
{
	size_t n = (size_t)snprintf(uri, size, "file:");

	for (; *path && n + 4 < size; path++)
		n += (size_t)snprintf(uri + n, size - n, strchr("?#%", *path) ? "%%%02X" : "%c",
			(unsigned char)*path);
	snprintf(uri + n, size - n, "%s", rest);
}

static int database_open(struct store *store, const char *path, const char *rest, int flags)
{
	char uri[3 * STORE_PATH_BYTES];
	int number, code;

	sqlite3_close(store->db);
	store->db = NULL;
	uri_write(uri, sizeof uri, path, rest);
	code = sqlite3_open_v2(uri, &store->db,
		flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	if (code != SQLITE_OK)
		return -1;
	sqlite3_busy_timeout(store->db, BUSY_MS);
	if (flags & SQLITE_OPEN_READWRITE)
		return 0;
	return pragma_number(store->db, "pragma user_version", &number);
}

static int reader_open(struct store *store, const char *path, struct error *err)
{
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return fail(err,
			"there is no store in '%s'; start `saker run` first or give its folder "
			"with --store",
			store->folder);
	if (fd < 0)
		return fail(err, "cannot read '%s': %m%s", path,
			errno == EACCES ? "; run as root" : "");
	if (!database_open(store, path, "", SQLITE_OPEN_READONLY))
		return 0;
	if (sqlite3_errcode(store->db) != SQLITE_CANTOPEN &&
		sqlite3_errcode(store->db) != SQLITE_READONLY)
		return store_refuse(store, err, "read the database");
	/*
	 * a copy on a medium that cannot be written to, nothing waiting in -wal: nobody can change
	 * it either
	 */
	if (access(store->folder, W_OK) && is_without_rest(path) &&
		!database_open(store, path, "?immutable=1", SQLITE_OPEN_READONLY))
		return 0;
	return store_refuse(store, err, "read the database");
}

struct store *store_open(const char *folder, enum store_mode mode, struct error *err)
{
	until_return(store_close) struct store *store = memory_new(sizeof *store);
	char path[STORE_PATH_BYTES];

	store->lock = -1;
	store->mode = mode;
	store->folder = memory_string(folder);
	store->unpack = ZSTD_createDCtx();
	if (snprintf(path, sizeof path, "%s/saker.db", folder) >= (int)sizeof path - 8)
		return fail_null(err, "the path of the store folder is too long");
	if (mode == STORE_read)
		return reader_open(store, path, err) || reader_begin(store, err) ? NULL
										 : give(store);
	if (store_folder_make(folder, err) || (store->lock = store_folder_lock(folder, err)) < 0)
		return NULL;
	store->pack = ZSTD_createCCtx();
	if (database_open(store, path, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) {
		store_refuse(store, err, "open the database");
		return NULL;
	}
	return writer_begin(store, err) ? NULL : give(store);
}

void store_close(struct store **at)
{
	struct store *store = *at;

	if (!store)
		return;
	for (size_t i = 0; i < STORE_STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
	ZSTD_freeCCtx(store->pack);
	ZSTD_freeDCtx(store->unpack);
	store_schemas_clear(store);
	batch_bytes_clear(&store->packed);
	batch_bytes_clear(&store->raw);
	batch_bytes_clear(&store->cached);
	batch_bytes_clear(&store->tail.raw);
	fd_close(&store->lock);
	free(store->folder);
	free(store);
	*at = NULL;
}
