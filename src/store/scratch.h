/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: a scratch folder, a shorter way to write records, and a pile in which what was read
 * is collected.
 */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/own.h"
#include "store/store.h"

/* A fresh folder below $TMPDIR; free with scratch_remove. */
static inline char *scratch_make(void)
{
	const char *above = getenv("TMPDIR");
	char *folder;

	if (asprintf(&folder, "%s/saker-test-XXXXXX", above ? above : "/tmp") < 0 ||
		!mkdtemp(folder))
		abort();
	return folder;
}

/* Removes the folder with the files in it (no folders are expected there). */
static inline void scratch_remove(char **folder)
{
	DIR *dir = opendir(*folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(*folder);
	free(*folder);
	*folder = NULL;
}

static inline struct store_record scratch_record(enum event_kind kind, event_time time,
	uint64_t entity, uint64_t parent, const char *json)
{
	return (struct store_record){
		.kind = kind,
		.time = time,
		.entity = { entity, entity ? 1 : 0 },
		.parent = { parent, parent ? 1 : 0 },
		.json = text_of(json),
	};
}

static inline struct store_record scratch_detection(event_time time, uint64_t entity,
	const char *id, const char *json)
{
	struct store_record record = scratch_record(EVENT_detection, time, entity, 0, json);

	record.id = text_of(id);
	record.level = TEXT("high");
	return record;
}

/* What was read, each followed by a blank. */
struct scratch_pile {
	char text[4096];
	size_t n, count;
};

static inline bool scratch_collect(void *pile_, struct text json)
{
	struct scratch_pile *pile = pile_;

	pile->count++;
	if (pile->n + json.n + 2 < sizeof pile->text) {
		memcpy(pile->text + pile->n, json.at, json.n);
		pile->n += json.n;
		pile->text[pile->n++] = ' ';
		pile->text[pile->n] = 0;
	}
	return true;
}
