// SPDX-License-Identifier: Apache-2.0
// Letting the oldest events go. Batches go first; the processes that detections name are copied
// out of them before. Only when there is no batch left to give, the oldest detections and notices
// go too.

#include <assert.h>

#include "base/own.h"
#include "store/store_private.h"

enum { ROUND = 16 /* batches in one transaction */, KEPT_ROUND = 256 };

static int64_t bytes_used(struct store *store)
{
	return (store_number(store, SQL_page_count, 0) - store_number(store, SQL_page_free, 0)) *
	       store_number(store, SQL_page_size, 0);
}

static int process_copy(struct store *store, const struct batch_record *record, int64_t number)
{
	sqlite3_stmt *copy = store_statement(store, SQL_process_copy), *drop;
	unsigned damaged = 0;
	struct text json;

	if (!copy)
		return -1;
	json = store_record_json(store, record, &damaged);
	store_bind_entity(copy, 1, record->entity);
	sqlite3_bind_blob64(copy, 2, json.at, json.n, SQLITE_STATIC);
	sqlite3_bind_int64(copy, 3, number);
	if (store_finish(copy))
		return -1;
	drop = store_statement(store, SQL_process_drop);
	if (!drop)
		return -1;
	store_bind_entity(drop, 1, record->entity);
	sqlite3_bind_int64(drop, 2, number);
	return store_finish(drop);
}

static int processes_copy(struct store *store, int64_t first)
{
	struct batch_record record;
	size_t at = 0;

	for (int64_t number = first;
		batch_next((struct text){ store->raw.at, store->raw.n }, &at, &record); number++)
		if (record.rank && process_copy(store, &record, number))
			return -1;
	return 0;
}

struct dropped {
	int64_t n;
	event_time to;
};

/*
 * Drops the oldest batch if it is to go: 1 if it went, 0 if not or there is none, -1 if SQLite
 * refuses.
 */
static int batch_drop(struct store *store, bool space, event_time oldest, struct dropped *dropped)
{
	sqlite3_stmt *row = store_statement(store, SQL_batch_oldest);
	until_return(arena_clear) struct arena arena = { 0 };
	struct text chain;
	int64_t first, n;
	event_time t1;

	if (!row)
		return -1;
	if (sqlite3_step(row) != SQLITE_ROW)
		return sqlite3_reset(row) == SQLITE_OK ? 0 : -1;
	first = sqlite3_column_int64(row, 0);
	n = sqlite3_column_int64(row, 1);
	t1 = sqlite3_column_int64(row, 3);
	chain = arena_copy(&arena, store_column(row, 5));
	store->raw.n = 0;
	/* a damaged batch goes without its processes, which store_process then does not find */
	if (space || t1 < oldest)
		batch_unpack(store->unpack, store_column(row, 4), &store->raw);
	sqlite3_reset(row);
	if (!space && t1 >= oldest)
		return 0;
	if (store_chain_base(store, STORE_CHAIN_batch, chain) || processes_copy(store, first) ||
		store_run(store, SQL_batch_drop, &first, 1) ||
		store_count(store, STORE_NEXT, first + n))
		return -1;
	dropped->n += n;
	if (t1 > dropped->to)
		dropped->to = t1;
	return 1;
}

static int dropped_count(struct store *store, const struct dropped *dropped)
{
	event_time to = store_counter(store, STORE_DROPPED_TO, NUMBER_NONE);

	return store_count(store, STORE_DROPPED,
		       store_counter(store, STORE_DROPPED, 0) + dropped->n) ||
			       store_count(store, STORE_DROPPED_TO,
				       dropped->to > to ? dropped->to : to)
		       ? -1
		       : 0;
}

/* One transaction: at most `round` batches. The number that went, -1 if SQLite refuses. */
static int batches_drop(struct store *store, int64_t bytes_max, event_time oldest, int round)
{
	struct dropped dropped = { 0, NUMBER_NONE };
	int went = 1, n = 0;

	if (store_begin(store, false))
		return -1;
	while (n < round &&
		(went = batch_drop(store, bytes_used(store) > bytes_max, oldest, &dropped)) > 0)
		n++;
	if (went < 0 || (n && dropped_count(store, &dropped)) || store_commit(store))
		return -1;
	return n;
}

/* The number and time of the oldest row of a table; false if it is empty. */
static bool kept_oldest(struct store *store, enum store_sql sql, int64_t *number, event_time *time,
	struct text *chain, struct arena *arena)
{
	sqlite3_stmt *row = store_statement(store, sql);
	bool found = row && sqlite3_step(row) == SQLITE_ROW;

	if (found) {
		*number = sqlite3_column_int64(row, 0);
		*time = sqlite3_column_int64(row, 1);
		*chain = arena_copy(arena, store_column(row, 2));
	}
	if (row)
		sqlite3_reset(row);
	return found;
}

/*
 * Drops the older of the oldest detection and the oldest notice: 1, 0 if there is none, -1 if
 * SQLite refuses.
 */
static int kept_drop_one(struct store *store, int64_t *detections)
{
	int64_t detection, notice;
	event_time detection_time, notice_time;
	until_return(arena_clear) struct arena arena = { 0 };
	struct text detection_chain, notice_chain;
	bool detected = kept_oldest(store, SQL_detection_oldest, &detection, &detection_time,
		&detection_chain, &arena);
	bool noticed = kept_oldest(
		store, SQL_notice_oldest, &notice, &notice_time, &notice_chain, &arena);

	if (!detected && !noticed)
		return 0;
	if (noticed && (!detected || notice_time <= detection_time))
		return store_chain_base(store, STORE_CHAIN_notice, notice_chain) ||
				store_run(store, SQL_notice_drop, &notice, 1)
			? -1
			: 1;
	++*detections;
	return store_chain_base(store, STORE_CHAIN_detection, detection_chain) ||
			store_run(store, SQL_detection_drop, &detection, 1)
		? -1
		: 1;
}

static int kept_drop(struct store *store, int64_t bytes_max)
{
	int64_t detections = store_counter(store, STORE_DROPPED_DETECTIONS, 0);
	int went = 1, n = 0;

	if (store_begin(store, false))
		return -1;
	while (n < KEPT_ROUND && bytes_used(store) > bytes_max &&
		(went = kept_drop_one(store, &detections)) > 0)
		n++;
	if (went < 0 || store_count(store, STORE_DROPPED_DETECTIONS, detections) ||
		store_run(store, SQL_process_tidy, NULL, 0) || store_commit(store))
		return -1;
	return n;
}

/* Free pages go back to the file system only when the file is larger than it may be. */
static int file_shrink(struct store *store, int64_t bytes_max)
{
	int64_t size = store_number(store, SQL_page_size, 1);

	if (store_number(store, SQL_page_count, 0) * size <= bytes_max)
		return 0;
	return sqlite3_exec(store->db, "pragma incremental_vacuum; pragma wal_checkpoint(passive)",
		       NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : -1;
}

static int drop(struct store *store, int64_t bytes_max, event_time oldest)
{
	int n;

	while ((n = batches_drop(store, bytes_max, oldest, ROUND)) > 0)
		;
	while (!n && bytes_used(store) > bytes_max && (n = kept_drop(store, bytes_max)) > 0)
		n = 0;
	return n < 0 ? -1 : file_shrink(store, bytes_max);
}

static int checkpoint(struct store *store)
{
	return sqlite3_exec(store->db, "pragma wal_checkpoint(truncate)", NULL, NULL, NULL) ==
			       SQLITE_OK
		       ? 0
		       : -1;
}

/* Deleting takes space as well, in -wal: on a full disk that of the reserve, a batch at a time. */
static int drop_on_full_disk(struct store *store, int64_t bytes_max, event_time oldest)
{
	int n;

	store_reserve_drop(store);
	do
		n = checkpoint(store) ? -1 : batches_drop(store, bytes_max, oldest, 1);
	while (n > 0);
	return n < 0 || checkpoint(store) ? -1 : drop(store, bytes_max, oldest);
}

int store_retain(struct store *store, int64_t bytes_max, event_time oldest, struct error *err)
{
	int refused;

	assert(store->mode == STORE_write);
	refused = drop(store, bytes_max, oldest);
	if (refused && sqlite3_errcode(store->db) == SQLITE_FULL) {
		store_undo(store);
		refused = drop_on_full_disk(store, bytes_max, oldest);
	}
	if (refused) {
		store_refuse(store, err, "delete old events");
		store_undo(store);
	}
	store_reserve_make(store);
	/* the tail may have been among what went */
	if (store_tail_load(store) && !refused)
		refused = store_refuse(store, err, "read the newest events");
	return refused ? -1 : 0;
}
