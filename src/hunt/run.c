// SPDX-License-Identifier: Apache-2.0
// Questions are answered by going through the events one by one: first for the processes that
// `descendant of` and `ancestor of` mean, then for the answer.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "hunt/entities.h"
#include "hunt/evaluate.h"
#include "hunt/field.h"
#include "hunt/run.h"
#include "hunt/sequence.h"
#include "hunt/table.h"

enum { HOLDS_MIN = 3, CHAIN = 256, MARK_no = 1, MARK_yes = 2 };

/* Events that are kept back: the last ones. */
struct kept {
	struct text *at; /* copies, a ring */
	size_t n, next;
};

struct hunting {
	const struct hunt_query *query;
	const struct hunt_source *source;
	const struct hunt_sink *sink;
	struct hunt_numbers *numbers;
	struct error *err;
	bool failed, done;
	struct hunt_asking asking;
	struct entities members[HUNT_SETS]; /* processes that are meant, or those above them */
	struct entities below[HUNT_SETS]; /* what is known of others: MARK_* */
	unsigned set; /* that is looked for */
	struct sequences *sequences;
	struct table *table; /* NULL: there is none */
	int64_t *seen; /* events at each stage */
	struct kept *kept; /* of each stage */
	struct arena arena; /* of the event at hand */
	struct json_writer json; /* likewise */
};

static void kept_clear(struct kept *kept)
{
	for (size_t i = 0; i < kept->n; i++)
		free((char *)kept->at[i].at);
	free(kept->at);
}

static size_t stage_count(const struct hunt_query *query)
{
	size_t n = 0;

	for (const struct hunt_stage *stage = query->stages; stage; stage = stage->next)
		n++;
	return n;
}

static void hunting_clear(struct hunting *h)
{
	for (unsigned i = 0; i < HUNT_SETS; i++) {
		entities_clear(&h->members[i]);
		entities_clear(&h->below[i]);
	}
	for (size_t i = 0; h->kept && i < stage_count(h->query); i++)
		kept_clear(&h->kept[i]);
	sequences_free(&h->sequences);
	table_free(&h->table);
	regex_room_clear(&h->asking.room);
	free(h->asking.folded);
	free(h->seen);
	free(h->kept);
	json_writer_clear(&h->json);
	arena_clear(&h->arena);
}

/* Strictly below one that is meant; what is found out on the way is kept. */
static bool is_below(struct hunting *h, unsigned set, struct entity entity)
{
	struct entity way[CHAIN];
	unsigned char *mark;
	bool found = false;
	size_t n = 0;

	while (n < CHAIN && !entity_is_none(entity)) {
		mark = entities_find(&h->below[set], entity);
		if (mark) {
			found = *mark == MARK_yes;
			break;
		}
		way[n++] = entity;
		entity = h->source->above(h->source->context, entity);
		if (entities_find(&h->members[set], entity)) {
			found = true;
			break;
		}
	}
	while (n--)
		*entities_add(&h->below[set], way[n]) = found ? MARK_yes : MARK_no;
	return found;
}

static bool is_in(void *context, const struct hunt_expr *expr, struct entity entity)
{
	struct hunting *h = context;

	if (expr->kind == EXPR_ancestor)
		return entities_find(&h->members[expr->set], entity);
	return is_below(h, expr->set, entity);
}

static struct event *event_of(struct hunting *h, const struct store_item *item)
{
	struct event *event = item->reader ? row_event(item->reader, item->row, &h->arena)
					   : event_read(item->json, &h->arena, NULL);

	h->numbers->read++;
	h->numbers->unreadable += !event;
	return event;
}

/* Processes that are meant; for `ancestor of` all those above them. */
static bool member_take(void *context, const struct store_item *item)
{
	struct hunting *h = context;
	const struct hunt_expr *expr = h->query->sets[h->set];
	struct event *event = event_of(h, item);
	struct entity entity;

	if (event && event->process && !entity_is_none(event->process->entity) &&
		hunt_fits(expr->first, event, &h->asking)) {
		entity = event->process->entity;
		if (expr->kind == EXPR_descendant)
			entities_add(&h->members[h->set], entity);
		for (int i = 0; expr->kind == EXPR_ancestor && i < CHAIN; i++) {
			entity = h->source->above(h->source->context, entity);
			if (entity_is_none(entity) || entities_find(&h->members[h->set], entity))
				break;
			entities_add(&h->members[h->set], entity);
		}
	}
	arena_reset(&h->arena);
	return true;
}

/*
 * The longest part of a value that stands in the bytes of an event as it is, but for the case of
 * ASCII letters; k and s are also what signs outside of ASCII are folded to.
 */
static struct text plain_part(struct text value)
{
	struct text longest = {NULL, 0};
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.at[i];
		bool plain = (c >= 'a' && c <= 'z' && c != 'k' && c != 's') ||
			(c >= '0' && c <= '9') || (c && strchr(" _/.:-=+,;@%()[]{}#!?*~^|&$", c));

		n = plain ? n + 1 : 0;
		if (n > longest.n)
			longest = (struct text){value.at + i + 1 - n, n};
	}
	return longest;
}

/* A comparison by which a text must be somewhere in the event. */
static void narrow_text(const struct hunt_expr *expr, struct store_query *query)
{
	bool is_part = expr->op == OP_contains || expr->op == OP_starts || expr->op == OP_ends ||
		expr->op == OP_equal;
	struct text part;

	if (!is_part || expr->count != 1 || expr->field.owner != OWNER_event ||
		expr->field.type != FIELD_text)
		return;
	part = plain_part(expr->values->text);
	if (part.n > query->holds.n && part.n >= HOLDS_MIN)
		query->holds = part;
}

/* What every event of the answer must be, as far as a store can leave out others by itself. */
static void narrow(const struct hunt_expr *expr, struct store_query *query)
{
	if (!expr || expr->kind == EXPR_or || expr->kind == EXPR_not)
		return;
	if (expr->kind == EXPR_and)
		for (expr = expr->first; expr; expr = expr->next)
			narrow(expr, query);
	else if (expr->kind == EXPR_compare && expr->op == OP_equal &&
		expr->field.owner == OWNER_kind && text_is(expr->values->text, "detection"))
		query->detections = true;
	else if (expr->kind == EXPR_compare && expr->op == OP_equal &&
		expr->field.owner == OWNER_event && expr->field.field->object == OBJECT_process &&
		expr->field.type == FIELD_id)
		entity_read(expr->values->text, &query->entity);
	else if (expr->kind == EXPR_compare)
		narrow_text(expr, query);
}

static int sets_fill(struct hunting *h)
{
	/* who is meant may have been seen before the time that is asked about */
	for (h->set = 0; h->set < h->query->set_count; h->set++) {
		struct store_query query = {.to = h->query->to};

		narrow(h->query->sets[h->set]->first, &query);
		if (h->source->read(h->source->context, &query, member_take, h, h->err))
			return -1;
	}
	return 0;
}

/* Stages */

static void keep(struct kept *kept, size_t max, struct text json)
{
	if (kept->n < max) {
		kept->at = memory_resize(kept->at, kept->n + 1, sizeof *kept->at);
		kept->at[kept->n++] = memory_text(json);
		return;
	}
	free((char *)kept->at[kept->next].at);
	kept->at[kept->next] = memory_text(json);
	kept->next = (kept->next + 1) % max;
}

static bool fields_give(
	struct hunting *h, const struct hunt_stage *stage, const struct event *event)
{
	struct text cells[HUNT_FIELDS];

	for (size_t i = 0; i < stage->field_count; i++)
		cells[i] = hunt_text(event, &stage->fields[i], &h->arena);
	return h->sink->row(h->sink->context, cells, stage->field_count);
}

/*
 * One event at a stage; `sequence` has all of its sequence where it is the last of one. False:
 * no more are wanted.
 */
static bool push(struct hunting *h, const struct hunt_stage *stage, size_t at,
	const struct event *event, const struct text *sequence, size_t n)
{
	struct text json = sequence[n - 1];

	if (!stage)
		return n > 1 ? h->sink->sequence(h->sink->context, sequence, n)
			     : h->sink->event(h->sink->context, event, json);
	switch (stage->kind) {
	case STAGE_first:
		if (h->seen[at]++ >= stage->n)
			return false;
		return push(h, stage->next, at + 1, event, sequence, n) &&
			h->seen[at] < stage->n;
	case STAGE_last: keep(&h->kept[at], (size_t)stage->n, json); return true;
	case STAGE_fields:
		if (stage->next && h->seen[at]++ >= stage->next->n)
			return false;
		return fields_give(h, stage, event);
	default:
		if (!h->table)
			h->table = table_new(stage);
		if (!table_add(h->table, event, h->err))
			return true;
		h->failed = true;
		return false;
	}
}

/* What was kept back goes on to the next stage; a table gives its rows. */
static void finish(struct hunting *h)
{
	const struct hunt_stage *stage = h->query->stages;

	for (size_t at = 0; stage; stage = stage->next, at++) {
		struct kept *kept = &h->kept[at];
		bool more = true;

		for (size_t i = 0; stage->kind == STAGE_last && more && i < kept->n; i++) {
			struct text json = kept->at[(kept->next + i) % kept->n];
			struct event *event = event_read(json, &h->arena, NULL);

			more = push(h, stage->next, at + 1, event, &json, 1);
			arena_reset(&h->arena);
		}
		if (stage->kind < STAGE_count)
			continue;
		if (!h->table)
			h->table = table_new(stage);
		table_give(h->table, stage->next ? stage->next->n : 0, h->sink);
		return;
	}
}

/* Whether an event goes into a table at once, for which it needs no JSON. */
static bool is_counted(const struct hunt_stage *stage)
{
	return stage && stage->kind >= STAGE_fields;
}

/* The event at hand as JSON, made when it is wanted; lives until the next event. */
struct jsoning {
	struct hunting *h;
	const struct store_item *item;
};

static struct text json_of(void *context)
{
	const struct jsoning *jsoning = context;
	const struct store_item *item = jsoning->item;
	struct json_writer *out = &jsoning->h->json;

	if (!item->reader)
		return item->json;
	json_writer_reset(out);
	row_json(item->reader, item->row, out);
	return (struct text){out->at, out->n};
}

static bool answer_take(void *context, const struct store_item *item)
{
	struct hunting *h = context;
	struct text json = {NULL, 0};
	const struct text *found = &json;
	struct event *event = event_of(h, item);
	struct jsoning jsoning = {h, item};
	int n = 0;

	if (event && h->sequences) {
		n = sequences_take(h->sequences,
			&(struct sequence_event){event, json_of, &jsoning}, &h->asking, &found,
			h->err);
		h->failed |= n < 0;
	} else if (event) {
		n = hunt_fits(h->query->filter, event, &h->asking);
		if (n > 0 && !is_counted(h->query->stages))
			json = json_of(&jsoning);
	}
	if (n > 0) {
		h->numbers->found++;
		h->done |= !push(h, h->query->stages, 0, event, found, (size_t)n);
	}
	arena_reset(&h->arena);
	return !h->failed && !h->done;
}

static int answer(struct hunting *h)
{
	struct store_query query = {.from = h->query->from, .to = h->query->to};
	const struct hunt_stage *stage = h->query->stages;
	int status;

	narrow(h->query->filter, &query);
	while (stage && stage->kind != STAGE_fields)
		stage = stage->next;
	if (stage) {
		struct text names[HUNT_FIELDS];

		for (size_t i = 0; i < stage->field_count; i++)
			names[i] = stage->fields[i].name;
		h->sink->columns(h->sink->context, names, stage->field_count);
	}
	status = h->source->read(h->source->context, &query, answer_take, h, h->err);
	if (!h->failed)
		finish(h);
	return h->failed ? -1 : status;
}

int hunt_run(const struct hunt_query *query, const struct hunt_source *source,
	const struct hunt_sink *sink, struct hunt_numbers *numbers, struct error *err)
{
	until_return(hunting_clear) struct hunting h = {.query = query, .source = source,
		.sink = sink, .numbers = numbers, .err = err};
	int status;

	*numbers = (struct hunt_numbers){0};
	h.asking.is_in = is_in;
	h.asking.context = &h;
	h.seen = memory_new((stage_count(query) + 1) * sizeof *h.seen);
	h.kept = memory_new((stage_count(query) + 1) * sizeof *h.kept);
	if (query->sequence)
		h.sequences = sequences_new(query->sequence);
	status = sets_fill(&h) ? -1 : answer(&h);
	numbers->limited = h.asking.limited;
	return status;
}

static int store_source_read(void *context, const struct store_query *query,
	bool (*each)(void *each_context, const struct store_item *item), void *each_context,
	struct error *err)
{
	return store_read_items(context, query, each, each_context, err);
}

static struct entity store_source_above(void *context, struct entity entity)
{
	return store_parent(context, entity);
}

struct hunt_source hunt_store(struct store *store)
{
	return (struct hunt_source){store, store_source_read, store_source_above};
}
