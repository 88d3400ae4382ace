// SPDX-License-Identifier: Apache-2.0
// For tests: prints every event of a store as JSON, one per line, or counts those of one kind: events STORE [KIND]
// [EXECUTABLE]. With a kind, the number of events of that kind (of that executable) is all that is printed; the sum of
// the missing events for sensor_gap.

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "event/event.h"
#include "store/store.h"

struct count {
	enum event_kind kind;
	struct text executable;
	long long n;
};

static bool print(void *context, struct text json)
{
	printf("%.*s\n", (int)json.n, json.at);
	return true;
}

static bool count(void *context, struct text json)
{
	until_return(arena_clear) struct arena arena = {0};
	struct count *wanted = context;
	struct error err;
	const struct event *event = event_read(json, &arena, &err);

	if (!event || event->kind != wanted->kind)
		return true;
	if (event->kind == EVENT_sensor_gap)
		wanted->n += event->sensor->count;
	else if (!wanted->executable.n)
		wanted->n++;
	else if (event->process && text_equal(event->process->executable, wanted->executable))
		wanted->n++;
	return true;
}

int main(int argc, char **argv)
{
	struct store_query all = {0};
	struct count wanted = {.kind = EVENT_KINDS};
	struct error err;
	until_return(store_close) struct store *store = NULL;

	if (argc > 2)
		wanted.kind = kind_by_name(text_of(argv[2]));
	if (argc > 3)
		wanted.executable = text_of(argv[3]);
	if (argc < 2 || argc > 4 || (argc > 2 && wanted.kind == EVENT_KINDS)) {
		fprintf(stderr, "usage: events STORE [KIND] [EXECUTABLE]\n");
		return 2;
	}
	store = store_open(argv[1], STORE_read, &err);
	if (!store || store_read(store, &all, argc > 2 ? count : print, &wanted, &err)) {
		fprintf(stderr, "events: %s\n", err.text);
		return 2;
	}
	if (argc > 2)
		printf("%lld\n", wanted.n);
	return 0;
}
