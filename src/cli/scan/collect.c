// SPDX-License-Identifier: Apache-2.0
// Members of correlations in the order of time.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/scan/collect.h"

enum { FILE_SHIFT = 40, CORRELATOR_BYTES = 64 << 20 };

struct waiting {
	struct correlation_hit hit;
	struct text host;
	uint64_t order; /* in which they came */
};

struct collection {
	const struct rules *rules;
	struct correlator *correlator;
	struct waiting *at;
	size_t n, size;
	uint64_t taken;
	event_time judged; /* up to here */
	struct text host; /* of the one at hand */
	struct arena texts[2]; /* of those that wait; one is used at a time */
	unsigned side;
	struct log_file *files;
	size_t file_count, file_size;
	struct arena names;
	struct arena arena; /* of one finding */
	struct json_writer json;
	struct collection_losses losses;
	void (*found)(void *context, const struct finding *finding);
	void *context;
};

static void key_pair(void *context, struct text name, struct text value)
{
	struct json_writer *json = context;

	json_key(json, name);
	json_string(json, value);
}

static struct text span_text(struct arena *arena, int64_t span)
{
	int64_t seconds = span / 1000000000;

	if (seconds < 120)
		return arena_format(arena, "%lld s", (long long)seconds);
	if (seconds < 7200)
		return arena_format(arena, "%lld min", (long long)seconds / 60);
	return arena_format(arena, "%lld h", (long long)seconds / 3600);
}

static uint64_t number_of(uint64_t event)
{
	return event & ((UINT64_C(1) << FILE_SHIFT) - 1);
}

static const struct log_file *file_of(const struct collection *c, uint64_t event)
{
	return c->files + (event >> FILE_SHIFT);
}

/* The correlation as an object: its type, group, value, and its last events. */
static struct text fired_json(struct collection *c, const struct correlation_fired *fired)
{
	struct json_writer *json = &c->json;
	char time[FIELD_BUFFER];

	json_writer_reset(json);
	json_object_open(json);
	json_key(json, TEXT("correlation.type"));
	json_string(json, text_of(correlation_type_name(fired->correlation)));
	json_key(json, TEXT("correlation.group"));
	json_object_open(json);
	correlation_key_each(fired->correlation, fired->key, key_pair, json);
	json_object_close(json);
	json_key(json, TEXT("correlation.value"));
	json_raw(json, arena_format(&c->arena, "%.15g", fired->value));
	time_text(fired->first, time);
	json_key(json, TEXT("event.start"));
	json_string(json, text_of(time));
	time_text(fired->last, time);
	json_key(json, TEXT("event.end"));
	json_string(json, text_of(time));
	json_key(json, TEXT("correlation.events"));
	json_number(json, (int64_t)fired->events_total);
	json_key(json, TEXT("correlation.records"));
	json_array_open(json);
	for (size_t i = 0; i < fired->event_count; i++) {
		json_object_open(json);
		json_key(json, TEXT("log.file.path"));
		json_string(json, text_of(file_of(c, fired->events[i])->name));
		json_key(json, TEXT("log.line"));
		json_number(json, (int64_t)number_of(fired->events[i]));
		json_object_close(json);
	}
	json_array_close(json);
	json_object_close(json);
	return arena_copy(&c->arena, (struct text){json->at, json->n});
}

static void on_fired(void *context, const struct correlation_fired *fired)
{
	struct collection *c = context;
	struct text key;
	uint64_t last = fired->event_count ? fired->events[fired->event_count - 1] : 0;
	const struct exception *no_exception = NULL;
	struct finding_note note = {0};
	struct finding finding = {
		.notes = &note,
		.rules = (const struct rule *[]){fired->rule},
		.exceptions = &no_exception,
		.n = 1,
		.file = file_of(c, last),
		.number = number_of(last),
		.time = fired->last,
		.host = c->host,
		.event_id = NUMBER_NONE,
	};

	if (!rule_is_told(c->rules, fired->rule))
		return;
	key = correlation_key_text(fired->correlation, fired->key, &c->arena);
	note.sentence = arena_format(&c->arena, "%llu events in %.*s%s%.*s%s",
		(unsigned long long)fired->events_total,
		TEXT_PRINT(span_text(&c->arena, fired->last - fired->first)),
		key.n ? ", " : "", TEXT_PRINT(key),
		fired->incomplete ? " (the newest of more)" : "");
	finding.json = fired_json(c, fired);
	c->found(c->context, &finding);
	arena_reset(&c->arena);
}

struct collection *collection_new(const struct rules *rules,
	void (*found)(void *context, const struct finding *finding), void *context)
{
	struct collection *c = memory_new(sizeof *c);

	c->rules = rules;
	c->judged = INT64_MIN;
	c->found = found;
	c->context = context;
	c->correlator = correlator_new(rules, CORRELATOR_BYTES, on_fired, c);
	return c;
}

void collection_free(struct collection **collection)
{
	struct collection *c = *collection;

	if (!c)
		return;
	correlator_free(&c->correlator);
	free(c->at);
	free(c->files);
	arena_clear(c->texts);
	arena_clear(c->texts + 1);
	arena_clear(&c->names);
	arena_clear(&c->arena);
	json_writer_clear(&c->json);
	memory_free(collection);
}

static int waiting_order(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	if (x->hit.time != y->hit.time)
		return x->hit.time < y->hit.time ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Judges the `n` oldest of those that wait. */
static void oldest_judge(struct collection *c, size_t n)
{
	struct arena *next = c->texts + !c->side;

	qsort(c->at, c->n, sizeof *c->at, waiting_order);
	for (size_t i = 0; i < n; i++) {
		c->losses.late += c->at[i].hit.time < c->judged;
		if (c->at[i].hit.time > c->judged)
			c->judged = c->at[i].hit.time;
		c->host = c->at[i].host;
		correlator_take(c->correlator, &c->at[i].hit);
	}
	c->n -= n;
	memmove(c->at, c->at + n, c->n * sizeof *c->at);
	for (size_t i = 0; i < c->n; i++) {
		c->at[i].hit.key = arena_copy(next, c->at[i].hit.key);
		c->at[i].hit.value = arena_copy(next, c->at[i].hit.value);
		c->at[i].host = arena_copy(next, c->at[i].host);
	}
	c->host = (struct text){0};
	arena_reset(c->texts + c->side);
	c->side = !c->side;
}

/* Files come one after the other. */
static size_t file_number(struct collection *c, const struct log_file *file)
{
	if (c->file_count && !strcmp(c->files[c->file_count - 1].name, file->name))
		return c->file_count - 1;
	if (c->file_count == c->file_size) {
		c->file_size = c->file_size ? c->file_size * 2 : 16;
		c->files = memory_resize(c->files, c->file_size, sizeof *c->files);
	}
	c->files[c->file_count] = *file;
	c->files[c->file_count].name = arena_copy(&c->names, text_of(file->name)).at;
	return c->file_count++;
}

void collection_take(struct collection *c, const struct log_file *file,
	const struct member *member)
{
	struct waiting *waiting;

	if (member->hit.time == NUMBER_NONE) {
		c->losses.undated++;
		return;
	}
	if (c->n == COLLECT_MAX)
		oldest_judge(c, c->n / 2);
	if (c->n == c->size) {
		c->size = c->size ? c->size * 2 : 256;
		c->at = memory_resize(c->at, c->size, sizeof *c->at);
	}
	waiting = c->at + c->n++;
	waiting->hit = member->hit;
	waiting->hit.event = number_of(member->hit.event) |
		(uint64_t)file_number(c, file) << FILE_SHIFT;
	waiting->hit.key = arena_copy(c->texts + c->side, member->hit.key);
	waiting->hit.value = arena_copy(c->texts + c->side, member->hit.value);
	waiting->host = arena_copy(c->texts + c->side, member->host);
	waiting->order = c->taken++;
}

void collection_end(struct collection *c)
{
	oldest_judge(c, c->n);
	correlator_end(c->correlator);
}

struct collection_losses collection_losses(const struct collection *c)
{
	struct correlator_losses lost = correlator_losses(c->correlator);
	struct collection_losses losses = c->losses;

	losses.groups = lost.groups;
	losses.events = lost.events;
	return losses;
}
