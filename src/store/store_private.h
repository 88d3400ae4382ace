/* SPDX-License-Identifier: Apache-2.0 */
/* The store as its own files see it. */
#pragma once

#include <sqlite3.h>

#include "store/batch.h"
#include "store/store.h"

enum store_sql {
#define STATEMENT(name, sql) SQL_##name,
#include "store/statement.def"
#undef STATEMENT
	STORE_STATEMENTS
};

enum { STORE_SCHEMAS = 256 }; /* 0 is JSON */

/* What is chained, each for itself. */
enum store_chain { STORE_CHAIN_batch, STORE_CHAIN_detection, STORE_CHAIN_notice };

enum { STORE_LINK_NUMBERS = 4, STORE_LINK_BYTES = 4 };

/* What a row of the chain vouches for. */
struct store_link {
	int64_t numbers[STORE_LINK_NUMBERS];
	struct text bytes[STORE_LINK_BYTES];
};

/*
 * The chain of a row that is about to be put, behind those that are there. False if SQLite or
 * OpenSSL refuses.
 */
bool store_chain(struct store *store, enum store_chain which, const struct store_link *link,
	unsigned char chain[STORE_CHAIN]);

/* A row with that chain, the oldest, is about to go: the next one's rests on it all the same. */
int store_chain_base(struct store *store, enum store_chain which, struct text chain);

/* store_put inside of a transaction. */
int store_value(struct store *store, const char *name, struct text value);

/* Times of a batch. */
struct store_span {
	event_time t0, t1;
};

/*
 * The newest events, which lie in the database as several small batches marked open and are to
 * become one.
 */
struct store_tail {
	struct batch_bytes raw;
	int64_t first, n; /* number of the first record, how many */
	struct store_span span;
	bool open; /* there are open batches in the database */
};

struct store {
	sqlite3 *db;
	char *folder;
	enum store_mode mode;
	int lock; /* held by the one writer */
	sqlite3_stmt *statements[STORE_STATEMENTS];
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
	struct batch_bytes packed, raw; /* scratch */
	struct store_tail tail;
	uint64_t run; /* whose records come now, and the highest number kept of it; 0: not numbered
		       */
	uint64_t sequence;
	bool synced; /* commits wait for the disk */
	int schema; /* number of this program's own rows; of a writer */
	struct row_reader *readers[STORE_SCHEMAS]; /* by schema, made when they are asked for */
	bool reader_tried[STORE_SCHEMAS];
	struct json_writer json; /* scratch */
	struct batch_bytes cached; /* the batch from which store_process last read */
	int64_t cached_first, cached_n;
};

/*
 * The statement, reset and with nothing bound; NULL if SQLite refuses to prepare it (store_refuse
 * says why).
 */
sqlite3_stmt *store_statement(struct store *store, enum store_sql sql);

/* Runs a bound statement that gives no row. 0, or -1 if SQLite refused. */
int store_finish(sqlite3_stmt *statement);

/*
 * Runs a statement that gives no row, with numbers bound in order from ?1 on. 0, or -1 if SQLite
 * refused.
 */
int store_run(struct store *store, enum store_sql sql, const int64_t *numbers, size_t n);

/* The number in the first column of the only row; `otherwise` if there is none. */
int64_t store_number(struct store *store, enum store_sql sql, int64_t otherwise);

/* -1, with what SQLite last refused as a sentence: "cannot WHAT in 'folder': why; remedy". */
int store_refuse(struct store *store, struct error *err, const char *what);

/* Begins or ends a transaction; `synced`: its commit waits until it is on the disk. */
int store_begin(struct store *store, bool synced);
int store_commit(struct store *store);
void store_undo(struct store *store);

/* Our own counters among the named values. */
int64_t store_counter(struct store *store, const char *name, int64_t otherwise);
int store_count(struct store *store, const char *name, int64_t value);

/* Entities as keys: 16 bytes, most significant first, so that they sort. */
void store_key(struct entity entity, unsigned char key[16]);
struct entity store_unkey(const void *key, int n);
int store_bind_entity(sqlite3_stmt *statement, int at, struct entity entity);
int store_bind_text(sqlite3_stmt *statement, int at, struct text text);
struct text store_column(sqlite3_stmt *statement, int column);

enum { STORE_PATH_BYTES = 4096 };

/* Makes the folder (mode 0700) if it is missing. */
int store_folder_make(const char *folder, struct error *err);

/*
 * Only one process writes. The descriptor holds the lock, which goes with the process, however it
 * ends; -1 with a sentence that names the process that has it.
 */
int store_folder_lock(const char *folder, struct error *err);

/* A file of some MiB beside the database, for the work that makes room on a full disk. */
void store_reserve_make(struct store *store);
void store_reserve_drop(struct store *store);

/*
 * Finds the number of this program's schema among those that the database knows, or gives it a new
 * one. -1 if SQLite refuses, or there are too many.
 */
int store_schema_open(struct store *store);

/* How rows of that schema are read; NULL if it is not there. */
struct row_reader *store_reader(struct store *store, unsigned schema);

/*
 * A row, or a record of either form, as JSON, which lives until the next call; no text if it is
 * damaged or its schema is not there, which is counted.
 */
struct text store_row_json(struct store *store, unsigned schema, struct text row);
struct text store_record_json(
	struct store *store, const struct batch_record *record, unsigned *damaged);
void store_schemas_clear(struct store *store);

/* Takes the open batches of a database into the tail, when a writer begins. */
int store_tail_load(struct store *store);

#define STORE_RUN "store.run"
#define STORE_SEQUENCE "store.sequence"
#define STORE_NEXT "store.next"
#define STORE_DROPPED "store.dropped"
#define STORE_DROPPED_TO "store.dropped_to"
#define STORE_DROPPED_DETECTIONS "store.dropped_detections"
