// SPDX-License-Identifier: Apache-2.0
// Events that are counted: a hash table of rows, each with the values that it stands for.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "hunt/field.h"
#include "hunt/table.h"

enum {
	SECOND = 1000000000,
	SPANS_SHOWN = 60, /* of a timeline whose span nobody chose */
	SPANS_MAX = 4096, /* before it is made coarser */
	EMPTY_MAX = 100000, /* spans without events that are shown */
};

static const int64_t spans[] = {1, 5, 10, 30, 60, 300, 600, 1800, 3600, 4 * 3600, 12 * 3600, 86400,
	7 * 86400, 28 * 86400};

struct row {
	const struct text *cells; /* as many as the stage has fields */
	event_time time; /* when the span begins */
	uint64_t hash, count;
};

struct table {
	const struct hunt_stage *stage;
	struct arena arena, scratch;
	struct row *rows;
	uint32_t *slots; /* row + 1 */
	size_t n, size; /* rows; slots: a power of two */
	int64_t span; /* ns */
	size_t rung; /* of `spans` */
};

struct table *table_new(const struct hunt_stage *stage)
{
	struct table *table = memory_new(sizeof *table);

	table->stage = stage;
	table->span = stage->n ? stage->n : spans[0] * SECOND;
	return table;
}

void table_free(struct table **at)
{
	struct table *table = give(*at);

	if (!table)
		return;
	arena_clear(&table->arena);
	arena_clear(&table->scratch);
	free(table->rows);
	free(table->slots);
	free(table);
}

static uint64_t hash_of(const struct text *cells, size_t n, event_time time)
{
	uint64_t hash = (uint64_t)time * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ text_hash(cells[i]) ^ (cells[i].at != NULL)) *
			UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 29;
}

static bool is_row(const struct row *row, const struct text *cells, size_t n, event_time time)
{
	if (row->time != time)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!row->cells[i].at != !cells[i].at || !text_equal(row->cells[i], cells[i]))
			return false;
	return true;
}

static void slots_make(struct table *table, size_t size)
{
	free(table->slots);
	table->slots = memory_new(size * sizeof *table->slots);
	table->size = size;
	for (size_t i = 0; i < table->n; i++) {
		size_t slot = table->rows[i].hash & (size - 1);

		while (table->slots[slot])
			slot = (slot + 1) & (size - 1);
		table->slots[slot] = (uint32_t)i + 1;
	}
}

/* The row of these values, made if there is none; `keep`: the cells are in the arena already. */
static struct row *row_get(
	struct table *table, const struct text *cells, event_time time, bool keep)
{
	size_t n = table->stage->field_count, slot;
	uint64_t hash = hash_of(cells, n, time);
	struct text *copies;

	if (2 * table->n >= table->size) {
		table->rows = memory_resize(table->rows, table->size ? 2 * table->size : 64,
			sizeof *table->rows);
		slots_make(table, table->size ? 2 * table->size : 64);
	}
	for (slot = hash & (table->size - 1); table->slots[slot];
		slot = (slot + 1) & (table->size - 1))
		if (is_row(&table->rows[table->slots[slot] - 1], cells, n, time))
			return &table->rows[table->slots[slot] - 1];
	copies = keep ? (struct text *)cells
		      : arena_zero(&table->arena, (n + 1) * sizeof *copies);
	for (size_t i = 0; !keep && i < n; i++)
		copies[i] = arena_copy(&table->arena, cells[i]);
	table->rows[table->n] = (struct row){copies, time, hash, 0};
	table->slots[slot] = (uint32_t)++table->n;
	return &table->rows[table->n - 1];
}

static event_time span_begin(event_time time, int64_t span)
{
	event_time rest = time % span;

	return time - (rest < 0 ? rest + span : rest);
}

/* The next coarser span; false if there is none. */
static bool coarsen(struct table *table)
{
	struct row *rows = table->rows;
	size_t n = table->n;

	if (table->stage->n || table->rung + 1 == array_size(spans))
		return false;
	table->span = spans[++table->rung] * SECOND;
	table->rows = NULL;
	table->n = table->size = 0;
	memory_free(&table->slots);
	for (size_t i = 0; i < n; i++)
		row_get(table, rows[i].cells, span_begin(rows[i].time, table->span), true)
			->count += rows[i].count;
	free(rows);
	return true;
}

int table_add(struct table *table, const struct event *event, struct error *err)
{
	bool timeline = table->stage->kind == STAGE_timeline;
	size_t n = table->stage->field_count;
	struct text cells[HUNT_FIELDS];

	for (size_t i = 0; i < n; i++)
		cells[i] = hunt_text(event, &table->stage->fields[i], &table->scratch);
	row_get(table, cells, timeline ? span_begin(event->time, table->span) : 0, false)->count++;
	arena_reset(&table->scratch);
	while (timeline && table->n > SPANS_MAX && coarsen(table))
		;
	if (table->n > HUNT_GROUPS)
		return fail(err, "the answer has more than %d rows; ask for less", HUNT_GROUPS);
	return 0;
}

static int cells_order(const struct row *a, const struct row *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct text x = a->cells[i], y = b->cells[i];
		size_t least = x.n < y.n ? x.n : y.n;
		int order = least ? memcmp(x.at, y.at, least) : 0;

		if (order || x.n != y.n)
			return order ? order : x.n < y.n ? -1 : 1;
	}
	return 0;
}

static int row_order(const void *a_, const void *b_, void *table_)
{
	const struct row *a = a_, *b = b_;
	const struct table *table = table_;

	if (table->stage->kind == STAGE_timeline && a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->count != b->count)
		return (a->count < b->count) == (table->stage->kind == STAGE_rare) ? -1 : 1;
	return cells_order(a, b, table->stage->field_count);
}

static void columns_give(const struct table *table, const struct hunt_sink *sink)
{
	struct text names[HUNT_FIELDS + 2];
	size_t n = 0;

	if (table->stage->kind == STAGE_timeline)
		names[n++] = TEXT("@timestamp");
	for (size_t i = 0; i < table->stage->field_count; i++)
		names[n++] = table->stage->fields[i].name;
	names[n++] = TEXT("count");
	sink->columns(sink->context, names, n);
}

static bool row_give(
	struct table *table, const struct row *row, const struct hunt_sink *sink)
{
	struct text cells[HUNT_FIELDS + 2];
	char time[FIELD_BUFFER];
	size_t n = 0;

	if (table->stage->kind == STAGE_timeline)
		cells[n++] = time_text(row->time, time);
	for (size_t i = 0; i < table->stage->field_count; i++)
		cells[n++] = row->cells[i];
	cells[n++] = arena_format(&table->scratch, "%llu", (unsigned long long)row->count);
	return sink->row(sink->context, cells, n);
}

/* Spans in which nothing happened are part of the picture where it is of one line. */
static bool gap_give(struct table *table, event_time from, event_time to,
	const struct hunt_sink *sink, int64_t *left)
{
	struct row row = {.time = from};

	if ((to - from) / table->span > EMPTY_MAX)
		return true;
	for (; row.time < to && *left; row.time += table->span, (*left)--)
		if (!row_give(table, &row, sink))
			return false;
	return true;
}

void table_give(struct table *table, int64_t limit, const struct hunt_sink *sink)
{
	bool timeline = table->stage->kind == STAGE_timeline;
	bool filled = timeline && !table->stage->field_count;
	int64_t left = limit ? limit : INT64_MAX;

	while (timeline && table->n > SPANS_SHOWN && coarsen(table))
		;
	if (table->n)
		qsort_r(table->rows, table->n, sizeof *table->rows, row_order, table);
	if (!timeline && table->stage->n && table->stage->n < left)
		left = table->stage->n;
	columns_give(table, sink);
	for (size_t i = 0; i < table->n && left; i++, left--) {
		if (filled && i && !gap_give(table, table->rows[i - 1].time + table->span,
				table->rows[i].time, sink, &left))
			return;
		if (left && !row_give(table, &table->rows[i], sink))
			return;
	}
	/* nothing was found: that is a number too */
	if (!table->n && table->stage->kind == STAGE_count && !table->stage->field_count)
		row_give(table, &(struct row){.count = 0}, sink);
}
