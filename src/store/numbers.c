// SPDX-License-Identifier: Apache-2.0
// What the store holds, counted; and what retention let go.

#include "base/own.h"
#include "store/store_private.h"

static int64_t number_between(struct store *store, enum store_sql sql, event_time from,
	event_time to)
{
	sqlite3_stmt *count = store_statement(store, sql);
	int64_t number = -1;

	if (!count)
		return -1;
	sqlite3_bind_int64(count, 1, from);
	sqlite3_bind_int64(count, 2, to);
	if (sqlite3_step(count) == SQLITE_ROW)
		number = sqlite3_column_int64(count, 0);
	sqlite3_reset(count);
	return number;
}

/* The events of those batches of which only a part lies between the times. */
static int64_t partly_count(struct store *store, event_time from, event_time to)
{
	sqlite3_stmt *partly = store_statement(store, SQL_batch_partly);
	int64_t number = 0;

	if (!partly)
		return -1;
	sqlite3_bind_int64(partly, 1, from);
	sqlite3_bind_int64(partly, 2, to);
	while (sqlite3_step(partly) == SQLITE_ROW) {
		struct batch_record record;
		size_t at = 0;

		store->raw.n = 0;
		if (!batch_unpack(store->unpack, store_column(partly, 0), &store->raw))
			continue;
		while (batch_next((struct text){ store->raw.at, store->raw.n }, &at, &record))
			number += record.time >= from && record.time <= to;
	}
	return sqlite3_reset(partly) == SQLITE_OK ? number : -1;
}

static void span_widen(struct store *store, enum store_sql sql, struct store_numbers *numbers)
{
	sqlite3_stmt *span = store_statement(store, sql);

	if (!span)
		return;
	if (sqlite3_step(span) == SQLITE_ROW && sqlite3_column_type(span, 0) != SQLITE_NULL) {
		event_time t0 = sqlite3_column_int64(span, 0), t1 = sqlite3_column_int64(span, 1);

		if (numbers->first == NUMBER_NONE || t0 < numbers->first)
			numbers->first = t0;
		if (numbers->last == NUMBER_NONE || t1 > numbers->last)
			numbers->last = t1;
	}
	sqlite3_reset(span);
}

int store_numbers(struct store *store, event_time from, event_time to,
	struct store_numbers *numbers, struct error *err)
{
	struct store_numbers found = { .first = NUMBER_NONE, .last = NUMBER_NONE };
	int64_t whole, partly;

	from = from ? from : INT64_MIN;
	to = to ? to : INT64_MAX;
	whole = number_between(store, SQL_batch_whole, from, to);
	partly = whole < 0 ? -1 : partly_count(store, from, to);
	found.detections = partly < 0 ? -1 : number_between(store, SQL_detection_count, from, to);
	found.notices = found.detections < 0 ? -1
					     : number_between(store, SQL_notice_count, from, to);
	if (found.notices < 0)
		return store_refuse(store, err, "count events");
	found.events = whole + partly + found.detections + found.notices;
	span_widen(store, SQL_batch_span, &found);
	span_widen(store, SQL_detection_span, &found);
	span_widen(store, SQL_notice_span, &found);
	found.dropped = store_counter(store, STORE_DROPPED, 0);
	found.dropped_detections = store_counter(store, STORE_DROPPED_DETECTIONS, 0);
	found.dropped_to = store_counter(store, STORE_DROPPED_TO, NUMBER_NONE);
	found.bytes = (store_number(store, SQL_page_count, 0) -
			      store_number(store, SQL_page_free, 0)) *
		      store_number(store, SQL_page_size, 0);
	*numbers = found;
	return 0;
}
