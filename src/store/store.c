// SPDX-License-Identifier: Apache-2.0
// The folder and its database: made, opened, closed; its statements and transactions; its named
// values.

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "store/store_private.h"

enum {
	FORMAT = 1,
	APPLICATION = 0x73616b72 /* "sakr" */,
	PATH_BYTES = 4096,
	BUSY_MS = 5000,
	RESERVE = 2 << 20
};

static const char *const sql[STORE_STATEMENTS] = {
#define STATEMENT(name, text) text,
#include "store/statement.def"
#undef STATEMENT
};

static const char schema[] =
	"begin immediate;"
	"create table batch(first integer primary key, n integer not null, t0 integer not null,"
	" t1 integer not null, open integer not null, data blob not null);"
	"create index batch_time on batch(t0, t1, n);"
	"create index batch_open on batch(first) where open = 1;"
	"create table process(entity blob primary key, parent blob not null,"
	" time integer not null, rank integer not null, record integer not null,"
	" kept integer not null default 0, json blob) without rowid;"
	"create index process_parent on process(parent, entity);"
	"create table detection(number integer primary key, id text not null,"
	" time integer not null, level text not null, entity blob not null, json blob not null);"
	"create index detection_id on detection(id);"
	"create index detection_time on detection(time);"
	"create table notice(number integer primary key, kind text not null,"
	" time integer not null, json blob not null);"
	"create index notice_time on notice(time);"
	"create table value(name text primary key, text blob not null) without rowid;"
	"pragma application_id = 1935764338;"
	"pragma user_version = 1;"
	"commit;";
_Static_assert(APPLICATION == 1935764338 && FORMAT == 1, "the schema says so too");

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

static int folder_make(const char *folder, struct error *err)
{
	struct stat stat_;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return fail(err, "cannot make the store folder '%s': %m%s", folder,
			errno == ENOENT
				? "; make the folder above it first, or give another with --store"
				: "; give another with --store");
	if (stat(folder, &stat_))
		return fail(err, "cannot look at the store folder '%s': %m", folder);
	if (!S_ISDIR(stat_.st_mode))
		return fail(err, "'%s' is a file, not a folder; give a folder with --store",
			folder);
	return 0;
}

/* Only one process writes. The lock goes with the process, however it ends. */
static int writer_lock(const char *folder, struct error *err)
{
	until_return(fd_close) int fd = -1;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[PATH_BYTES], pid[24] = "";

	snprintf(path, sizeof path, "%s/saker.lock", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(err,
			"cannot write to the store folder '%s': %m; make it writable or give "
			"another with --store",
			folder);
	if (fcntl(fd, F_OFD_SETLK, &lock)) {
		ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

		if (errno != EAGAIN && errno != EACCES)
			return fail(err, "cannot lock '%s': %m", path);
		pid[n > 0 ? n : 0] = 0;
		pid[strspn(pid, "0123456789")] = 0;
		return fail(err,
			"another saker%s%s%s writes to '%s'; stop it or give another folder with "
			"--store",
			*pid ? ", process " : "", pid, *pid ? "," : "", folder);
	}
	snprintf(pid, sizeof pid, "%d\n", (int)getpid());
	/* the number is for the sentence above only; without it the lock is as good */
	if (!ftruncate(fd, 0) && pwrite(fd, pid, strlen(pid), 0) < 0)
		errno = 0;
	return give_fd(&fd);
}

static int reserve_open(const struct store *store, int flags)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof path, "%s/saker.reserve", store->folder);
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void store_reserve_make(struct store *store)
{
	until_return(fd_close) int fd = reserve_open(store, O_WRONLY | O_CREAT);

	/* without it saker works as well, until the disk is full */
	if (fd >= 0 && fallocate(fd, 0, 0, RESERVE) && ftruncate(fd, 0))
		errno = 0;
}

void store_reserve_drop(struct store *store)
{
	until_return(fd_close) int fd = reserve_open(store, O_WRONLY);

	if (fd >= 0 && ftruncate(fd, 0))
		errno = 0;
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
	if (version < 0 || (!version && schema_make(store, err)))
		return -1;
	if (store_tail_load(store))
		return store_refuse(store, err, "read the newest events");
	store_reserve_make(store);
	host_put(store);
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
	char wal[PATH_BYTES + 8];
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
	char uri[3 * PATH_BYTES];
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
	char path[PATH_BYTES];

	store->lock = -1;
	store->mode = mode;
	store->folder = memory_string(folder);
	store->unpack = ZSTD_createDCtx();
	if (snprintf(path, sizeof path, "%s/saker.db", folder) >= (int)sizeof path - 8)
		return fail_null(err, "the path of the store folder is too long");
	if (mode == STORE_read)
		return reader_open(store, path, err) || reader_begin(store, err) ? NULL
										 : give(store);
	if (folder_make(folder, err) || (store->lock = writer_lock(folder, err)) < 0)
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
	batch_bytes_clear(&store->packed);
	batch_bytes_clear(&store->raw);
	batch_bytes_clear(&store->cached);
	batch_bytes_clear(&store->tail.raw);
	fd_close(&store->lock);
	free(store->folder);
	free(store);
	*at = NULL;
}

static int value_write(struct store *store, const char *name, struct text value)
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
	if (!store_begin(store, false) && !value_write(store, name, value) && !store_commit(store))
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
	return value_write(store, name, text_of(text));
}
