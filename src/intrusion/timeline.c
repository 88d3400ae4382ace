// SPDX-License-Identifier: Apache-2.0
// The chronicle, made from what a store holds.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "intrusion/sentence.h"
#include "intrusion/tactic.h"
#include "intrusion/timeline.h"

struct making {
	struct timeline *timeline;
	struct store *store;
	const struct timeline_query *query;
	size_t size; /* of the entries */
};

void timeline_free(struct timeline **at)
{
	struct timeline *timeline = *at;

	if (!timeline)
		return;
	tree_free(&timeline->tree);
	kin_free(&timeline->kin);
	free(timeline->entries);
	arena_clear(&timeline->arena);
	free(timeline);
	*at = NULL;
}

event_time timeline_begin(const struct timeline *timeline)
{
	return timeline->n ? timeline->entries[0].time : 0;
}

static bool is_named(const struct making *making, const struct event *event,
	const struct lineage *lineage)
{
	for (size_t i = 0; i < making->query->id_count; i++) {
		struct text id = making->query->ids[i];
		struct entity entity;

		if (text_equal(event->detection->id, id))
			return true;
		if (id.n >= STORE_ID_PREFIX && text_starts(event->detection->id, id))
			return true;
		for (size_t j = 0; entity_read(id, &entity) && j < lineage->n; j++)
			if (entity_equal(lineage->at[j]->entity, entity))
				return true;
	}
	return !making->query->id_count;
}

static struct timeline_entry *entry_add(struct making *making, enum timeline_what what,
	const struct event *event)
{
	struct timeline *timeline = making->timeline;

	if (timeline->n == making->size) {
		making->size = making->size ? 2 * making->size : 64;
		timeline->entries = memory_resize(timeline->entries, making->size,
			sizeof *timeline->entries);
	}
	timeline->entries[timeline->n] = (struct timeline_entry){
		.what = what,
		.event = event,
		.time = event->time,
		.until = event->time,
		.sentence = event_sentence(event, &timeline->arena),
	};
	return &timeline->entries[timeline->n++];
}

static void rule_count(struct timeline *timeline, const struct event *event, bool prevented)
{
	struct timeline_rule *rules = timeline->rules;
	size_t i = 0, n = timeline->rule_count;

	while (i < n && !text_equal(rules[i].event->detection->rule_id, event->detection->rule_id))
		i++;
	if (i == n) {
		if (!(n & (n - 1))) { /* at powers of two */
			rules = arena_alloc(&timeline->arena, (n ? 2 * n : 1) * sizeof *rules);
			if (n)
				memcpy(rules, timeline->rules, n * sizeof *rules);
			timeline->rules = rules;
		}
		rules[timeline->rule_count++] = (struct timeline_rule){ .event = event };
	}
	rules[i].count++;
	rules[i].prevented += prevented;
}

static void tactics_count(struct timeline *timeline, const struct detection *detection)
{
	struct timeline_tactic *tactics = timeline->tactics;

	for (size_t j = 0; j < detection->tactics.n; j++) {
		struct text name = detection->tactics.at[j];
		size_t i = 0, n = timeline->tactic_count;

		while (i < n && !text_equal(tactics[i].name, name))
			i++;
		if (i == n) {
			tactics = arena_alloc(&timeline->arena, (n + 1) * sizeof *tactics);
			if (n)
				memcpy(tactics, timeline->tactics, n * sizeof *tactics);
			tactics[n] = (struct timeline_tactic){ .name = name };
			timeline->tactics = tactics;
			timeline->tactic_count++;
		}
		tactics[i].count++;
	}
}

static bool is_same_text(struct text a, struct text b)
{
	return a.at ? b.at && text_equal(a, b) : !b.at;
}

static bool is_same_program(const struct process *a, const struct process *b)
{
	return a && b ? is_same_text(a->executable, b->executable) &&
				is_same_text(a->command_line, b->command_line) && a->uid == b->uid
		      : a == b;
}

static bool is_same_target(const struct event *a, const struct event *b)
{
	if (!a->file != !b->file || !a->network != !b->network)
		return false;
	if (a->file && !is_same_text(a->file->path, b->file->path))
		return false;
	return !a->network ||
	       (a->network->destination_port == b->network->destination_port &&
		       !memcmp(&a->network->destination_ip, &b->network->destination_ip,
			       sizeof a->network->destination_ip));
}

/* It says what the one before said. */
static bool is_again(const struct timeline_entry *first, const struct timeline_entry *entry)
{
	const struct event *a = first->event, *b = entry->event;

	if (first->what != entry->what)
		return false;
	if (entry->what == ENTRY_notice)
		return a->kind == b->kind && text_equal(first->sentence, entry->sentence);
	if (entry->what == ENTRY_gap)
		return a->sensor && b->sensor &&
		       is_same_text(a->sensor->class_, b->sensor->class_) &&
		       is_same_text(a->sensor->cause, b->sensor->cause);
	return text_equal(a->detection->rule_id, b->detection->rule_id) &&
	       text_equal(a->detection->result, b->detection->result) &&
	       text_equal(a->detection->event_kind, b->detection->event_kind) &&
	       is_same_program(a->process, b->process) && is_same_target(a, b);
}

/* What follows the same thing at once is told with it. */
static void repeats_find(struct timeline *timeline)
{
	struct timeline_entry *first = NULL;

	for (size_t i = 0; i < timeline->n; i++) {
		struct timeline_entry *entry = &timeline->entries[i];

		if (!first || !is_again(first, entry)) {
			first = entry;
			continue;
		}
		entry->again = true;
		first->repeats++;
		first->until = entry->time;
	}
}

/* Several gaps that are told as one: their sum. */
static void gaps_sum(struct timeline *timeline)
{
	struct arena *arena = &timeline->arena;

	for (size_t i = 0; i < timeline->n; i++) {
		struct timeline_entry *entry = &timeline->entries[i];
		struct event sum = *entry->event;
		struct sensor sensor;

		if (entry->what != ENTRY_gap || !entry->repeats || !sum.sensor)
			continue;
		sensor = *sum.sensor;
		for (size_t j = i + 1; j <= i + entry->repeats; j++)
			if (timeline->entries[j].event->sensor->count != NUMBER_NONE)
				sensor.count = sensor.count == NUMBER_NONE
						       ? timeline->entries[j].event->sensor->count
						       : sensor.count +
								 timeline->entries[j]
									 .event->sensor->count;
		sum.sensor = &sensor;
		entry->sentence = event_sentence(&sum, arena);
	}
}

static void detection_add(struct making *making, const struct event *event)
{
	struct timeline *timeline = making->timeline;
	struct timeline_entry *entry;
	struct lineage lineage;

	lineage_find(&lineage, timeline->kin, event->process);
	if (!is_named(making, event, &lineage))
		return;
	if (timeline->n >= TIMELINE_ENTRIES_MAX) {
		timeline->left_out++;
		return;
	}
	entry = entry_add(making, ENTRY_detection, event);
	entry->ancestry = lineage_words(&lineage, &timeline->arena);
	entry->done = prevention_words(event->detection, &timeline->arena);
	entry->prevented = detection_is_prevented(event->detection);
	timeline->detections++;
	timeline->prevented += entry->prevented;
	timeline->stopped_after += text_is(event->detection->result, "killed");
	timeline->levels[level_rank(event->detection->level)]++;
	rule_count(timeline, event, entry->prevented);
	tactics_count(timeline, event->detection);
	tree_add(timeline->tree, event);
}

/* Capabilities are told at their own place, all together. */
static void notice_add(struct making *making, const struct event *event)
{
	if (event->kind == EVENT_sensor_capability || making->timeline->n >= TIMELINE_ENTRIES_MAX)
		return;
	entry_add(making, event->kind == EVENT_sensor_gap ? ENTRY_gap : ENTRY_notice, event);
}

static bool event_take(void *making_, struct text json)
{
	struct making *making = making_;
	struct arena *arena = &making->timeline->arena;
	struct event *event = event_read(arena_copy(arena, json), arena, NULL);

	if (event && event->kind == EVENT_detection && event->detection)
		detection_add(making, event);
	else if (event && event->kind != EVENT_detection)
		notice_add(making, event);
	return true;
}

static int rule_order(const void *a_, const void *b_)
{
	const struct timeline_rule *a = a_, *b = b_;
	unsigned x = level_rank(a->event->detection->level),
		 y = level_rank(b->event->detection->level);

	if (x != y)
		return x > y ? -1 : 1;
	return a->event->time < b->event->time ? -1 : a->event->time > b->event->time;
}

static int tactic_order(const void *a_, const void *b_)
{
	const struct timeline_tactic *a = a_, *b = b_;

	return (int)tactic_rank(a->name) - (int)tactic_rank(b->name);
}

/*
 * Where single detections are asked for, only what was noted between them belongs to their story.
 */
static void notices_narrow(struct timeline *timeline)
{
	size_t first = 0, last = timeline->n, n = 0;

	while (first < timeline->n && timeline->entries[first].what != ENTRY_detection)
		first++;
	while (last > first && timeline->entries[last - 1].what != ENTRY_detection)
		last--;
	for (size_t i = first; i < last; i++)
		timeline->entries[n++] = timeline->entries[i];
	timeline->n = n;
	if (n) {
		timeline->from = timeline->entries[0].time;
		timeline->to = timeline->entries[n - 1].time;
	}
}

static event_time or_else(event_time time, event_time otherwise)
{
	return time == NUMBER_NONE ? otherwise : time;
}

static int fill(struct making *making, struct error *err)
{
	struct timeline *timeline = making->timeline;
	const struct timeline_query *query = making->query;
	struct store_query wanted = {
		.detections = true,
		.notices = true,
		.from = query->from,
		.to = query->to,
	};

	timeline->host = text_printable(&timeline->arena,
		store_get(making->store, "host", &timeline->arena));
	if (!timeline->host.n)
		timeline->host = TEXT("an unknown host");
	if (store_read(making->store, &wanted, event_take, making, err) ||
		store_numbers(making->store, query->from, query->to, &timeline->numbers, err))
		return -1;
	timeline->from = query->from ? query->from : or_else(timeline->numbers.first, 0);
	timeline->to = query->to ? query->to : or_else(timeline->numbers.last, timeline->from);
	if (timeline->to < timeline->from)
		timeline->to = timeline->from;
	if (query->id_count && !timeline->detections)
		return fail(err,
			"no detection in this stretch of time has the id '%.*s'; `saker "
			"detections` lists them",
			TEXT_PRINT(text_printable(&timeline->arena, query->ids[0])));
	if (query->id_count) {
		notices_narrow(timeline);
		if (store_numbers(making->store, timeline->from, timeline->to, &timeline->numbers,
			    err))
			return -1;
	}
	repeats_find(timeline);
	gaps_sum(timeline);
	if (timeline->rule_count)
		qsort(timeline->rules, timeline->rule_count, sizeof *timeline->rules, rule_order);
	if (timeline->tactic_count)
		qsort(timeline->tactics, timeline->tactic_count, sizeof *timeline->tactics,
			tactic_order);
	return completeness_find(&timeline->completeness, making->store, timeline->from,
		timeline->to, &timeline->arena, err);
}

struct timeline *timeline_new(struct store *store, const struct timeline_query *query,
	struct error *err)
{
	until_return(timeline_free) struct timeline *timeline = memory_new(sizeof *timeline);
	struct making making = { .timeline = timeline, .store = store, .query = query };

	timeline->kin = kin_new(store);
	timeline->tree = tree_new(timeline->kin);
	return fill(&making, err) ? NULL : give(timeline);
}
