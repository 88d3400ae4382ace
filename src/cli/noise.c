// SPDX-License-Identifier: Apache-2.0
// saker rules noise: how much each rule says.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/look.h"
#include "cli/noise.h"
#include "intrusion/range.h"
#include "store/store.h"

enum { TITLE_COLUMNS = 60 };

#define DAY (INT64_C(86400) * 1000000000)

struct voice {
	struct text id, name, level;
	uint64_t n, expected;
	int64_t day; /* the one that was counted last, since 1970 */
	uint64_t today, busiest; /* of that day; of the busiest day */
	unsigned days; /* on which it spoke */
	event_time last;
};

struct noise {
	bool json;
	event_time since, first, last; /* of all detections */
	struct voice *at;
	size_t n, size;
	uint64_t detections;
	struct arena arena;
};

static struct voice *voice_of(struct noise *noise, const struct detection *detection)
{
	struct voice *voice;

	for (size_t i = 0; i < noise->n; i++)
		if (text_equal(noise->at[i].id, detection->rule_id) &&
		    text_equal(noise->at[i].name, detection->rule_name))
			return noise->at + i;
	if (noise->n == noise->size) {
		noise->size = noise->size ? noise->size * 2 : 64;
		noise->at = memory_resize(noise->at, noise->size, sizeof *noise->at);
	}
	voice = noise->at + noise->n++;
	*voice = (struct voice){
		.id = arena_copy(&noise->arena, detection->rule_id),
		.name = arena_copy(&noise->arena, detection->rule_name),
		.level = arena_copy(&noise->arena, detection->level),
		.day = -1,
	};
	return voice;
}

/* Detections come in the order of time. */
static bool detection_take(void *context, struct text json)
{
	until_return(arena_clear) struct arena scratch = {0};
	struct event *event = event_read(json, &scratch, NULL);
	struct noise *noise = context;
	struct voice *voice;

	if (!event || !event->detection)
		return true;
	voice = voice_of(noise, event->detection);
	if (event->time / DAY != voice->day) {
		voice->day = event->time / DAY;
		voice->days++;
		voice->today = 0;
	}
	voice->n++;
	voice->expected += event->detection->exception.n > 0;
	if (++voice->today > voice->busiest)
		voice->busiest = voice->today;
	voice->last = event->time;
	if (!noise->detections++)
		noise->first = event->time;
	noise->last = event->time;
	return true;
}

static int louder_first(const void *a, const void *b)
{
	const struct voice *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->name.n && y->name.n ? strcmp(x->name.at, y->name.at) : 0;
}

/* Days from the first detection to the last, at least one. */
static double days_of(const struct noise *noise)
{
	double days = (double)(noise->last - noise->first) / (double)DAY;

	return days > 1 ? days : 1;
}

static void line_json(const struct voice *voice, double days)
{
	until_return(json_writer_clear) struct json_writer json = {0};
	char time[FIELD_BUFFER], number[32];

	json_object_open(&json);
	json_key(&json, TEXT("rule.id"));
	json_string(&json, voice->id);
	json_key(&json, TEXT("rule.name"));
	json_string(&json, voice->name);
	json_key(&json, TEXT("rule.level"));
	json_string(&json, voice->level);
	json_key(&json, TEXT("detections"));
	json_number(&json, (int64_t)voice->n);
	json_key(&json, TEXT("expected"));
	json_number(&json, (int64_t)voice->expected);
	json_key(&json, TEXT("per_day"));
	snprintf(number, sizeof number, "%.4g", (double)voice->n / days);
	json_raw(&json, text_of(number));
	json_key(&json, TEXT("busiest_day"));
	json_number(&json, (int64_t)voice->busiest);
	json_key(&json, TEXT("days"));
	json_number(&json, voice->days);
	json_key(&json, TEXT("last"));
	time_text(voice->last, time);
	json_string(&json, text_of(time));
	json_object_close(&json);
	printf("%.*s\n", (int)json.n, json.at);
}

static void noise_print(struct noise *noise)
{
	double days = days_of(noise);

	qsort(noise->at, noise->n, sizeof *noise->at, louder_first);
	if (!noise->json && noise->n)
		printf("detections  expected  a day  busiest day  %-13s  rule\n", "level");
	for (size_t i = 0; i < noise->n; i++) {
		const struct voice *voice = noise->at + i;

		if (noise->json) {
			line_json(voice, days);
			continue;
		}
		printf("%10llu  %8llu  %5.*f  %11llu  %-13.*s  %.*s\n",
			(unsigned long long)voice->n, (unsigned long long)voice->expected,
			(double)voice->n < 10 * days, (double)voice->n / days,
			(unsigned long long)voice->busiest, TEXT_PRINT(voice->level),
			TEXT_PRINT(text_shorten(&noise->arena,
				text_printable(&noise->arena, voice->name), TITLE_COLUMNS)));
	}
	if (!noise->json)
		printf("%llu detection%s of %zu rule%s in %.1f days\n",
			(unsigned long long)noise->detections, noise->detections == 1 ? "" : "s",
			noise->n, noise->n == 1 ? "" : "s", days);
}

static void noise_clear(struct noise *noise)
{
	free(noise->at);
	arena_clear(&noise->arena);
}

int rules_noise(struct invocation *invocation)
{
	until_return(noise_clear) struct noise noise = {.json = invocation->json};
	until_return(store_close) struct store *store = NULL;
	struct store_query query = {.detections = true};
	struct error err;

	for (int i = 2; i < invocation->argc; i++) {
		const char *value = look_option(invocation, &i, "--since");

		if (!value)
			return usage(invocation);
		if (range_since(value, look_now(), &query.from, &err))
			return refuse(invocation, "%s", err.text);
	}
	store = store_open(invocation->store, STORE_read, &err);
	if (!store)
		return refuse(invocation, "%s", err.text);
	if (store_read(store, &query, detection_take, &noise, &err))
		return refuse(invocation, "%s", err.text);
	noise_print(&noise);
	return look_finish(invocation, stdout, "standard output");
}
