/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a store in a scratch folder, filled from a file of events. */
#pragma once

#include "base/memory.h"
#include "base/printable.h"
#include "store/scratch.h"

static inline struct store_record story_record(const struct event *event, struct text json)
{
	const struct process *up = event->process ? event->process->parent : NULL;

	return (struct store_record){
		.kind = event->kind,
		.time = event->time,
		.entity = event->process ? event->process->entity : (struct entity){ 0 },
		.parent = up ? up->entity : (struct entity){ 0 },
		.level = event->detection ? event->detection->level : (struct text){ 0 },
		.id = event->detection ? event->detection->id : (struct text){ 0 },
		.json = json,
	};
}

/* Appends every line of the file as an event. Ends the test if it cannot. */
static inline void story_append(struct store *store, const char *path)
{
	until_return(file_close) FILE *file = fopen(path, "re");
	until_return(arena_clear) struct arena arena = { 0 };
	until_return(memory_free) char *line = NULL;
	struct error err = { 0 };
	size_t size = 0;
	ssize_t n;

	while (file && (n = getline(&line, &size, file)) > 0) {
		struct text json = { line, (size_t)n - (line[n - 1] == '\n') };
		struct event *event = event_read(json, &arena, &err);
		struct store_record record;

		if (event)
			record = story_record(event, json);
		if (!event || store_append(store, &record, 1, &err)) {
			fprintf(stderr, "%s: %s\n", path, err.text);
			abort();
		}
	}
	if (!file) {
		fprintf(stderr, "cannot open '%s': %m\n", path);
		abort();
	}
}

/* A store in the folder, on the host "web1", with the story in it. */
static inline struct store *story_open(const char *folder, const char *path)
{
	struct error err = { 0 };
	struct store *store = store_open(folder, STORE_write, &err);

	if (!store || store_put(store, "host", TEXT("web1"), &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	story_append(store, path);
	return store;
}
