// SPDX-License-Identifier: Apache-2.0
// Reading events in order of time. Batches overlap a little in time, and detections and notices
// lie in tables of their own; so what was read waits in a queue until nothing older can come from
// any of them.

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "store/store_private.h"

enum source { SOURCE_batch, SOURCE_detection, SOURCE_notice, SOURCES };

/* Slack for a process that is reported as running after its first events were. */
static const event_time RUNNING_SLACK = 60 * (event_time)1000000000;

struct waiting {
	event_time time;
	enum source source; /* at equal times a detection comes after the event that caused it */
	int64_t order; /* in its source */
	struct row_reader *reader; /* of a row; NULL: it is JSON */
	char *bytes;
	size_t n;
};

struct reading {
	struct store *store;
	const struct store_query *query;
	event_time from, to;
	int sign; /* 1: oldest first; -1: newest first */
	sqlite3_stmt *rows[SOURCES]; /* NULL: not asked or at the end */
	bool refused; /* SQLite gave an error */
	unsigned damaged; /* batches that could not be read */
	struct waiting *queue;
	size_t n, size;
	size_t given;
	bool stopped, last; /* `last`: nothing more comes from the batches */
	bool (*each)(void *context, const struct store_item *item);
	void *context;
};

static void reading_clear(struct reading *reading)
{
	for (size_t i = 0; i < reading->n; i++)
		free(reading->queue[i].bytes);
	free(reading->queue);
	for (size_t i = 0; i < SOURCES; i++)
		if (reading->rows[i])
			sqlite3_reset(reading->rows[i]);
}

static int waiting_order(const void *a_, const void *b_, void *sign_)
{
	const struct waiting *a = a_, *b = b_;
	const int *sign = sign_;
	int order = (a->time > b->time) - (a->time < b->time);

	if (!order)
		order = (a->source > b->source) - (a->source < b->source);
	if (!order)
		order = (a->order > b->order) - (a->order < b->order);
	return *sign * order;
}

static void queue_add(struct reading *reading, enum source source, event_time time, int64_t order,
	struct row_reader *reader, struct text bytes)
{
	struct waiting *waiting;

	if (reading->n == reading->size) {
		reading->size = reading->size ? 2 * reading->size : 64;
		reading->queue = memory_resize(reading->queue, reading->size,
			sizeof *reading->queue);
	}
	waiting = &reading->queue[reading->n++];
	*waiting = (struct waiting){ time, source, order, reader,
		memory_resize(NULL, bytes.n, 1), bytes.n };
	memcpy(waiting->bytes, bytes.at, bytes.n);
}

static bool is_asked(const struct reading *reading, event_time time)
{
	return time >= reading->from && time <= reading->to;
}

static bool is_before(const struct reading *reading, event_time time, event_time bound)
{
	return reading->last || (reading->sign > 0 ? time < bound : time > bound);
}

/* Steps a source on; false, and the source is gone, at its end. */
static bool row_next(struct reading *reading, enum source source)
{
	int code = sqlite3_step(reading->rows[source]);

	if (code == SQLITE_ROW)
		return true;
	if (sqlite3_reset(reading->rows[source]) != SQLITE_OK)
		reading->refused = true;
	reading->rows[source] = NULL;
	return false;
}

static bool entity_fits(const struct reading *reading, struct entity entity)
{
	return entity_is_none(reading->query->entity) ||
	       entity_equal(reading->query->entity, entity);
}

/*
 * Takes the current row of detections or notices; then the rows that follow, up to the time
 * `bound`.
 */
static void kept_take(struct reading *reading, enum source source, event_time bound)
{
	while (reading->rows[source]) {
		sqlite3_stmt *row = reading->rows[source];
		event_time time = sqlite3_column_int64(row, 0);
		struct entity entity = { 0 };

		if (!is_before(reading, time, bound))
			return;
		if (source == SOURCE_detection)
			entity = store_unkey(sqlite3_column_blob(row, 3),
				sqlite3_column_bytes(row, 3));
		if (entity_fits(reading, entity) && is_asked(reading, time))
			queue_add(reading, source, time, sqlite3_column_int64(row, 2), NULL,
				store_column(row, 1));
		row_next(reading, source);
	}
}

/* Hands on what waits and lies before `bound`. */
static void queue_give(struct reading *reading, event_time bound)
{
	size_t done = 0;

	kept_take(reading, SOURCE_detection, bound);
	kept_take(reading, SOURCE_notice, bound);
	if (reading->n)
		qsort_r(reading->queue, reading->n, sizeof *reading->queue, waiting_order,
			&reading->sign);
	while (!reading->stopped && done < reading->n &&
		is_before(reading, reading->queue[done].time, bound)) {
		struct waiting *waiting = &reading->queue[done++];
		struct text bytes = { waiting->bytes, waiting->n };
		struct store_item item = { .reader = waiting->reader };

		if (item.reader)
			item.row = bytes;
		else
			item.json = bytes;
		reading->stopped = !reading->each(reading->context, &item) ||
				   ++reading->given == reading->query->limit;
		free(waiting->bytes);
	}
	if (done)
		memmove(reading->queue, reading->queue + done,
			(reading->n - done) * sizeof *reading->queue);
	reading->n -= done;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_at(const char *at, struct text needle)
{
	for (size_t i = 0; i < needle.n; i++)
		if (lower(at[i]) != needle.at[i])
			return false;
	return true;
}

/* Where a byte stands in the needle that has no case, by which it is looked for; 0 if none has. */
static size_t anchor_of(struct text needle)
{
	for (size_t i = 0; i < needle.n; i++)
		if (needle.at[i] >= '0' && needle.at[i] <= '9')
			return i;
	return 0;
}

static bool holds(struct text bytes, struct text needle, size_t anchor)
{
	char first = needle.at[anchor];
	bool cased = first >= 'a' && first <= 'z';
	const char *end;

	if (needle.n > bytes.n)
		return false;
	end = bytes.at + bytes.n - (needle.n - anchor) + 1;
	for (const char *at = bytes.at + anchor; at < end; at++) {
		if (!cased) {
			at = memchr(at, first, (size_t)(end - at));
			if (!at)
				return false;
		}
		if (lower(*at) == first && is_at(at - anchor, needle))
			return true;
	}
	return false;
}

static void record_add(
	struct reading *reading, const struct batch_record *record, int64_t order)
{
	struct row_reader *reader =
		record->schema ? store_reader(reading->store, record->schema) : NULL;

	if (record->schema && !reader)
		reading->damaged++;
	else
		queue_add(reading, SOURCE_batch, record->time, order, reader, record->bytes);
}

static void batch_take(struct reading *reading, sqlite3_stmt *row)
{
	struct store *store = reading->store;
	int64_t order = sqlite3_column_int64(row, 2);
	struct text needle = reading->query->holds;
	size_t at = 0, anchor = anchor_of(needle);
	struct batch_record record;

	store->raw.n = 0;
	if (!batch_unpack(store->unpack, store_column(row, 1), &store->raw)) {
		reading->damaged++;
		return;
	}
	while (batch_next((struct text){ store->raw.at, store->raw.n }, &at, &record)) {
		if (entity_fits(reading, record.entity) && is_asked(reading, record.time) &&
			(!needle.n || holds(record.bytes, needle, anchor)))
			record_add(reading, &record, order);
		order++;
	}
	reading->damaged += at != store->raw.n;
	if (store->raw.size > (4 << 20))
		batch_bytes_clear(&store->raw);
}

static bool source_open(struct reading *reading, enum source source, enum store_sql forward,
	enum store_sql backward)
{
	sqlite3_stmt *row = store_statement(reading->store,
		reading->sign > 0 ? forward : backward);

	if (!row)
		return false;
	sqlite3_bind_int64(row, 1, reading->from);
	sqlite3_bind_int64(row, 2, reading->to);
	reading->rows[source] = row;
	row_next(reading, source);
	return !reading->refused;
}

/* The whole id for an id or the beginning of one; no text if there is none. */
static int id_complete(struct store *store, struct text id, struct arena *arena,
	struct text *whole, struct error *err)
{
	sqlite3_stmt *like = store_statement(store, SQL_detection_like);
	char *after = arena_alloc(arena, id.n);
	unsigned found = 0;

	*whole = (struct text){ 0 };
	if (!like)
		return store_refuse(store, err, "look for a detection");
	/* the texts from `id` up to, not including, the first one that does not begin with it */
	memcpy(after, id.at, id.n);
	after[id.n - 1]++;
	store_bind_text(like, 1, id);
	store_bind_text(like, 2, (struct text){ after, id.n });
	while (found < 2 && sqlite3_step(like) == SQLITE_ROW) {
		struct text is = store_column(like, 0);
		bool exact = text_equal(is, id);

		if (!exact && id.n < STORE_ID_PREFIX)
			break;
		*whole = arena_copy(arena, is);
		found++;
		if (exact) /* sorts first */
			break;
	}
	if (sqlite3_reset(like) != SQLITE_OK)
		return store_refuse(store, err, "look for a detection");
	if (found < 2)
		return 0;
	return fail(err, "several detections begin with '%.*s'; give more of its digits",
		(int)id.n, id.at);
}

static int named_open(struct reading *reading, struct arena *arena, struct error *err)
{
	struct text whole = { 0 };
	sqlite3_stmt *named;

	if (!reading->query->id.n)
		return 0;
	if (id_complete(reading->store, reading->query->id, arena, &whole, err))
		return -1;
	if (!whole.at)
		return 0;
	named = store_statement(reading->store, SQL_detection_named);
	if (!named)
		return store_refuse(reading->store, err, "look for a detection");
	store_bind_text(named, 1, whole);
	reading->rows[SOURCE_detection] = named;
	row_next(reading, SOURCE_detection);
	return 0;
}

static int sources_open(struct reading *reading, struct arena *arena, struct error *err)
{
	const struct store_query *query = reading->query;
	bool all = !query->detections && !query->notices;

	if (query->id.at)
		return named_open(reading, arena, err);
	if ((all && !source_open(reading, SOURCE_batch, SQL_batch_forward, SQL_batch_backward)) ||
		((all || query->detections) &&
			!source_open(reading, SOURCE_detection, SQL_detection_forward,
				SQL_detection_backward)) ||
		((all || query->notices) && !source_open(reading, SOURCE_notice,
						    SQL_notice_forward, SQL_notice_backward)))
		return store_refuse(reading->store, err, "read events");
	return 0;
}

/* A process has no events before it began. */
static event_time entity_from(struct store *store, struct entity entity, event_time from)
{
	sqlite3_stmt *get = entity_is_none(entity) ? NULL
						   : store_statement(store, SQL_process_get);
	event_time began;

	if (!get)
		return from;
	store_bind_entity(get, 1, entity);
	if (sqlite3_step(get) == SQLITE_ROW) {
		began = sqlite3_column_int64(get, 4);
		if (began > INT64_MIN + RUNNING_SLACK && began - RUNNING_SLACK > from)
			from = began - RUNNING_SLACK;
	}
	sqlite3_reset(get);
	return from;
}

int store_read_items(struct store *store, const struct store_query *query,
	bool (*each)(void *context, const struct store_item *item), void *context,
	struct error *err)
{
	until_return(reading_clear) struct reading reading = {
		.store = store,
		.query = query,
		.sign = query->newest_first ? -1 : 1,
		.each = each,
		.context = context,
		.from = query->from ? query->from : INT64_MIN,
		.to = query->to ? query->to : INT64_MAX,
	};
	until_return(arena_clear) struct arena arena = { 0 };

	reading.from = entity_from(store, query->entity, reading.from);
	if (sources_open(&reading, &arena, err))
		return -1;
	while (reading.rows[SOURCE_batch] && !reading.stopped) {
		queue_give(&reading, sqlite3_column_int64(reading.rows[SOURCE_batch], 0));
		if (reading.stopped)
			break;
		batch_take(&reading, reading.rows[SOURCE_batch]);
		row_next(&reading, SOURCE_batch);
	}
	reading.last = true;
	if (!reading.stopped)
		queue_give(&reading, 0);
	if (reading.refused)
		return store_refuse(store, err, "read events");
	if (reading.damaged)
		return fail(err,
			"%u blocks of events in '%s' are damaged and were left out; the others "
			"are shown",
			reading.damaged, store->folder);
	return 0;
}

/* Those who want JSON. */
struct wanting {
	struct store *store;
	bool (*each)(void *context, struct text json);
	void *context;
	unsigned damaged;
};

static bool as_json(void *context, const struct store_item *item)
{
	struct wanting *wanting = context;
	struct json_writer *out = &wanting->store->json;

	if (!item->reader)
		return wanting->each(wanting->context, item->json);
	json_writer_reset(out);
	if (row_json(item->reader, item->row, out))
		return wanting->each(wanting->context, (struct text){ out->at, out->n });
	wanting->damaged++;
	return true;
}

int store_read(struct store *store, const struct store_query *query,
	bool (*each)(void *context, struct text json), void *context, struct error *err)
{
	struct wanting wanting = { store, each, context, 0 };

	if (store_read_items(store, query, as_json, &wanting, err))
		return -1;
	if (wanting.damaged)
		return fail(err, "%u events in '%s' are damaged and were left out",
			wanting.damaged, store->folder);
	return 0;
}

/* The batch that holds the record, unpacked into the cache. */
static bool cache_fill(struct store *store, int64_t record)
{
	sqlite3_stmt *with = store_statement(store, SQL_batch_with);
	int64_t first, n;
	bool found;

	if (!with)
		return false;
	sqlite3_bind_int64(with, 1, record);
	found = sqlite3_step(with) == SQLITE_ROW;
	if (found) {
		first = sqlite3_column_int64(with, 0);
		n = sqlite3_column_int64(with, 1);
		if (first != store->cached_first || n != store->cached_n || !store->cached.n) {
			store->cached.n = 0;
			found = batch_unpack(store->unpack, store_column(with, 2), &store->cached);
			store->cached_first = first;
			store->cached_n = n;
		}
	}
	sqlite3_reset(with);
	return found && record - store->cached_first < store->cached_n;
}

static struct text record_find(struct store *store, int64_t number, struct entity entity,
	struct arena *arena)
{
	struct batch_record record;
	unsigned damaged = 0;
	size_t at = 0;

	if (number <= 0 || !cache_fill(store, number))
		return (struct text){ 0 };
	for (int64_t i = store->cached_first;
		batch_next((struct text){ store->cached.at, store->cached.n }, &at, &record); i++)
		if (i == number)
			return entity_equal(record.entity, entity)
				? arena_copy(arena, store_record_json(store, &record, &damaged))
				: (struct text){ 0 };
	return (struct text){ 0 };
}

struct text store_process(struct store *store, struct entity entity, struct arena *arena)
{
	sqlite3_stmt *get = store_statement(store, SQL_process_get);
	struct text json = { 0 };
	int64_t number = 0;

	if (!get)
		return json;
	store_bind_entity(get, 1, entity);
	if (sqlite3_step(get) == SQLITE_ROW) {
		number = sqlite3_column_int64(get, 1);
		if (sqlite3_column_type(get, 2) != SQLITE_NULL)
			json = arena_copy(arena, store_column(get, 2));
	}
	sqlite3_reset(get);
	return json.at ? json : record_find(store, number, entity, arena);
}

struct entity store_parent(struct store *store, struct entity entity)
{
	sqlite3_stmt *get = store_statement(store, SQL_process_get);
	struct entity parent = { 0 };

	if (!get)
		return parent;
	store_bind_entity(get, 1, entity);
	if (sqlite3_step(get) == SQLITE_ROW)
		parent = store_unkey(sqlite3_column_blob(get, 0), sqlite3_column_bytes(get, 0));
	sqlite3_reset(get);
	return parent;
}

int store_children(struct store *store, struct entity entity,
	bool (*each)(void *context, struct entity child), void *context, struct error *err)
{
	enum { PAGE = 256 };
	struct entity page[PAGE], last = { 0 };
	size_t n;

	/* page by page, so that `each` may ask the store again */
	do {
		sqlite3_stmt *children = store_statement(store, SQL_children);

		if (!children)
			return store_refuse(store, err, "read processes");
		store_bind_entity(children, 1, entity);
		store_bind_entity(children, 2, last);
		for (n = 0; n < PAGE && sqlite3_step(children) == SQLITE_ROW; n++)
			page[n] = store_unkey(sqlite3_column_blob(children, 0),
				sqlite3_column_bytes(children, 0));
		if (sqlite3_reset(children) != SQLITE_OK)
			return store_refuse(store, err, "read processes");
		for (size_t i = 0; i < n; i++) {
			if (!each(context, page[i]))
				return 0;
			last = page[i];
		}
	} while (n == PAGE);
	return 0;
}
