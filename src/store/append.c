// SPDX-License-Identifier: Apache-2.0
// Keeping events: one transaction for each call. Plain events go into batches; each call adds a
// small open batch, and when the open ones hold SEAL_BYTES they are replaced by a single one,
// which packs better. Detections and what saker says of itself lie in tables of their own, so that
// they are found without unpacking and outlive their surroundings.

#include <assert.h>

#include "store/store_private.h"

enum { SEAL_BYTES = 512 << 10, ANCESTORS_MAX = 64 };

static enum batch_rank rank_of(enum event_kind kind)
{
	switch (kind) {
	case EVENT_process_fork: return RANK_fork;
	case EVENT_process_running: return RANK_running;
	case EVENT_process_exec: return RANK_exec;
	default: return RANK_none;
	}
}

static int process_put(struct store *store, const struct store_record *record, int64_t number)
{
	sqlite3_stmt *statement = store_statement(store, SQL_process_put);

	if (!statement)
		return -1;
	store_bind_entity(statement, 1, record->entity);
	store_bind_entity(statement, 2, record->parent);
	sqlite3_bind_int64(statement, 3, record->time);
	sqlite3_bind_int(statement, 4, rank_of(record->kind));
	sqlite3_bind_int64(statement, 5, number);
	return store_finish(statement);
}

/*
 * Marks a process and its ancestors as named by a detection, up to the first that is marked
 * already.
 */
static int process_keep(struct store *store, struct entity entity)
{
	for (unsigned i = 0; i < ANCESTORS_MAX && !entity_is_none(entity); i++) {
		sqlite3_stmt *get = store_statement(store, SQL_process_get), *keep;
		struct entity parent;
		bool kept;

		if (!get)
			return -1;
		store_bind_entity(get, 1, entity);
		if (sqlite3_step(get) != SQLITE_ROW)
			return sqlite3_reset(get) == SQLITE_OK ? 0 : -1;
		parent = store_unkey(sqlite3_column_blob(get, 0), sqlite3_column_bytes(get, 0));
		kept = sqlite3_column_int(get, 3);
		sqlite3_reset(get);
		if (kept)
			return 0;
		keep = store_statement(store, SQL_process_keep);
		if (!keep)
			return -1;
		store_bind_entity(keep, 1, entity);
		if (store_finish(keep))
			return -1;
		entity = parent;
	}
	return 0;
}

/* Binds the row's own link of the chain. */
static int chain_bind(struct store *store, sqlite3_stmt *statement, int at,
	enum store_chain which, const struct store_link *link)
{
	unsigned char chain[STORE_CHAIN];

	if (!store_chain(store, which, link, chain))
		return -1;
	sqlite3_bind_blob(statement, at, chain, STORE_CHAIN, SQLITE_TRANSIENT);
	return 0;
}

/* What has a table of its own is kept as JSON. */
static struct text json_of(struct store *store, const struct store_record *record)
{
	return record->row.n ? store_row_json(store, (unsigned)store->schema, record->row)
			     : record->json;
}

static int detection_put(struct store *store, const struct store_record *record)
{
	sqlite3_stmt *statement = store_statement(store, SQL_detection_put);
	struct text json = json_of(store, record);
	unsigned char key[16];

	if (!statement)
		return -1;
	store_bind_text(statement, 1, record->id);
	sqlite3_bind_int64(statement, 2, record->time);
	store_bind_text(statement, 3, record->level);
	store_bind_entity(statement, 4, record->entity);
	sqlite3_bind_blob64(statement, 5, json.at, json.n, SQLITE_STATIC);
	store_key(record->entity, key);
	if (chain_bind(store, statement, 6, STORE_CHAIN_detection,
		    &(struct store_link){{record->time},
			    {record->id, record->level, {(const char *)key, sizeof key}, json}}) ||
		store_finish(statement))
		return -1;
	return process_keep(store, record->entity);
}

static int notice_put(struct store *store, const struct store_record *record)
{
	sqlite3_stmt *statement = store_statement(store, SQL_notice_put);
	struct text json = json_of(store, record), kind = text_of(kinds[record->kind].name);

	if (!statement)
		return -1;
	store_bind_text(statement, 1, kind);
	sqlite3_bind_int64(statement, 2, record->time);
	sqlite3_bind_blob64(statement, 3, json.at, json.n, SQLITE_STATIC);
	if (chain_bind(store, statement, 4, STORE_CHAIN_notice,
		    &(struct store_link){{record->time}, {kind, json}}))
		return -1;
	return store_finish(statement);
}

static void span_add(struct store_span *span, bool first, event_time time)
{
	if (first || time < span->t0)
		span->t0 = time;
	if (first || time > span->t1)
		span->t1 = time;
}

static int batch_put(struct store *store, int64_t first, int64_t n, struct store_span span,
	bool open, struct text raw)
{
	sqlite3_stmt *statement = store_statement(store, SQL_batch_put);

	if (!statement)
		return -1;
	batch_pack(store->pack, raw, &store->packed);
	sqlite3_bind_int64(statement, 1, first);
	sqlite3_bind_int64(statement, 2, n);
	sqlite3_bind_int64(statement, 3, span.t0);
	sqlite3_bind_int64(statement, 4, span.t1);
	sqlite3_bind_int(statement, 5, open);
	sqlite3_bind_blob64(statement, 6, store->packed.at, store->packed.n, SQLITE_STATIC);
	if (!open && chain_bind(store, statement, 7, STORE_CHAIN_batch,
			     &(struct store_link){{first, n, span.t0, span.t1},
				     {{store->packed.at, store->packed.n}}}))
		return -1;
	return store_finish(statement);
}

/* The tail becomes one batch in the place of the open ones. */
static int tail_seal(struct store *store)
{
	struct store_tail *tail = &store->tail;

	if (tail->open && store_run(store, SQL_batch_unopen, NULL, 0))
		return -1;
	if (batch_put(store, tail->first, tail->n, tail->span, false,
		    (struct text){ tail->raw.at, tail->raw.n }))
		return -1;
	tail->first += tail->n;
	tail->n = 0;
	tail->raw.n = 0;
	tail->open = false;
	if (tail->raw.size > 2 * SEAL_BYTES)
		batch_bytes_clear(&tail->raw);
	return 0;
}

/* What of the tail is not in the database yet. */
struct fresh {
	size_t at; /* offset in the tail */
	int64_t first, n;
	struct store_span span;
};

static int record_add(struct store *store, const struct store_record *record, struct fresh *fresh)
{
	struct store_tail *tail = &store->tail;
	struct batch_record plain = {
		.rank = rank_of(record->kind),
		.time = record->time,
		.entity = record->entity,
		.schema = record->row.n ? (uint8_t)store->schema : 0,
		.bytes = record->row.n ? record->row : record->json,
	};

	assert(plain.bytes.n <= STORE_JSON_MAX && (unsigned)record->kind < EVENT_KINDS);
	if (record->kind == EVENT_detection)
		return detection_put(store, record);
	if (kinds[record->kind].class_ == CLASS_self)
		return notice_put(store, record);
	if (plain.rank && process_put(store, record, tail->first + tail->n))
		return -1;
	batch_add(&tail->raw, &plain);
	span_add(&tail->span, !tail->n, record->time);
	span_add(&fresh->span, !fresh->n, record->time);
	tail->n++;
	fresh->n++;
	if (tail->raw.n < SEAL_BYTES)
		return 0;
	if (tail_seal(store))
		return -1;
	*fresh = (struct fresh){ .first = tail->first };
	return 0;
}

static int records_add(struct store *store, const struct store_record *records, size_t n)
{
	struct store_tail *tail = &store->tail;
	struct fresh fresh = { .at = tail->raw.n, .first = tail->first + tail->n };

	for (size_t i = 0; i < n; i++)
		if (record_add(store, &records[i], &fresh))
			return -1;
	if (!fresh.n)
		return 0;
	tail->open = true;
	return batch_put(store, fresh.first, fresh.n, fresh.span, true,
		(struct text){ tail->raw.at + fresh.at, tail->raw.n - fresh.at });
}

static bool has_detection(const struct store_record *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (records[i].kind == EVENT_detection)
			return true;
	return false;
}

/* Leaves out what was kept before its sender knew. The numbers grow, so that is the beginning. */
static size_t records_known(const struct store *store, const struct store_record *records,
	size_t n)
{
	size_t known = 0;

	while (known < n && store->run && records[known].sequence &&
		records[known].sequence <= store->sequence)
		known++;
	return known;
}

static int sequence_put(struct store *store, uint64_t sequence)
{
	if (!store->run || sequence <= store->sequence)
		return 0;
	return store_count(store, STORE_RUN, (int64_t)store->run) ||
			       store_count(store, STORE_SEQUENCE, (int64_t)sequence)
		       ? -1
		       : 0;
}

static int append_once(struct store *store, const struct store_record *records, size_t n,
	struct error *err)
{
	uint64_t last = records[n - 1].sequence;

	if (!store_begin(store, has_detection(records, n)) && !records_add(store, records, n) &&
		!sequence_put(store, last) && !store_commit(store)) {
		store->sequence = last > store->sequence ? last : store->sequence;
		return 0;
	}
	store_refuse(store, err, "keep events");
	return -1;
}

/*
 * Rolls back; the tail is again what the database has, or if even that cannot be read a new one.
 */
static void append_undo(struct store *store)
{
	store_undo(store);
	store_tail_load(store);
}

int store_append(struct store *store, const struct store_record *records, size_t n,
	struct error *err)
{
	size_t known = records_known(store, records, n);
	bool full;

	assert(store->mode == STORE_write);
	records += known;
	n -= known;
	if (!n || !append_once(store, records, n, err))
		return 0;
	full = sqlite3_errcode(store->db) == SQLITE_FULL;
	append_undo(store);
	/* what waits in -wal takes space twice: move it over and try once more */
	if (!full ||
		sqlite3_exec(store->db, "pragma wal_checkpoint(truncate)", NULL, NULL, NULL) ||
		append_once(store, records, n, err)) {
		if (full)
			append_undo(store);
		return -1;
	}
	if (err)
		err->text[0] = 0;
	return 0;
}

void store_continue(struct store *store, uint64_t run)
{
	bool same = store_counter(store, STORE_RUN, 0) == (int64_t)run;

	store->run = run;
	store->sequence = same ? (uint64_t)store_counter(store, STORE_SEQUENCE, 0) : 0;
}

static int tail_add(struct store *store, sqlite3_stmt *opened)
{
	struct store_tail *tail = &store->tail;
	struct store_span span = { sqlite3_column_int64(opened, 2),
		sqlite3_column_int64(opened, 3) };
	int64_t first = sqlite3_column_int64(opened, 0), n = sqlite3_column_int64(opened, 1);
	size_t was = tail->raw.n;

	if (tail->n && first != tail->first + tail->n)
		return -1;
	if (!batch_unpack(store->unpack, store_column(opened, 4), &tail->raw)) {
		tail->raw.n = was;
		return -1;
	}
	span_add(&tail->span, !tail->n, span.t0);
	span_add(&tail->span, false, span.t1);
	if (!tail->n)
		tail->first = first;
	tail->n += n;
	tail->open = true;
	return 0;
}

/* The number of the next record: never one that was in use, even if retention has deleted it. */
static int64_t number_next(struct store *store)
{
	int64_t last = store_number(store, SQL_batch_last, 1),
		dropped = store_counter(store, STORE_NEXT, 1);

	return last > dropped ? last : dropped;
}

int store_tail_load(struct store *store)
{
	struct store_tail *tail = &store->tail;
	sqlite3_stmt *opened = store_statement(store, SQL_batch_opened);
	bool whole = true;
	int code;

	tail->raw.n = 0;
	tail->n = 0;
	tail->open = false;
	if (!opened)
		return -1;
	while (whole && (code = sqlite3_step(opened)) == SQLITE_ROW)
		whole = !tail_add(store, opened);
	sqlite3_reset(opened);
	if (whole && code != SQLITE_DONE)
		return -1;
	if (whole && tail->n)
		return 0;
	/*
	 * a damaged open batch stays as it is, for whoever can mend it; a new tail begins behind
	 * it
	 */
	if (!whole && sqlite3_exec(store->db, "update batch set open = 0 where open = 1", NULL,
			      NULL, NULL) != SQLITE_OK)
		return -1;
	tail->raw.n = 0;
	tail->n = 0;
	tail->open = false;
	tail->first = number_next(store);
	return 0;
}
