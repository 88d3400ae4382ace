/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions are answered: this executor goes through the events one by one. Another one may stand
 * in its place (columns, a server) if it gives the same answers; tests/hunt compares.
 *
 *	hunt_run(query, &source, &sink, &numbers, &err);
 */
#pragma once

#include "base/error.h"
#include "hunt/query.h"
#include "store/store.h"

enum {
	HUNT_GROUPS = 1000000, /* rows of a table at most */
	HUNT_PARTIAL = 100000, /* sequences that have begun, at the same time */
};

/* Where the events are. */
struct hunt_source {
	void *context;
	/* as store_read_items */
	int (*read)(void *context, const struct store_query *query,
		bool (*each)(void *each_context, const struct store_item *item),
		void *each_context, struct error *err);
	/* as store_parent */
	struct entity (*above)(void *context, struct entity entity);
};

/* A store as a source. */
struct hunt_source hunt_store(struct store *store);

/* Who gets the answer. What is given lives for the call; false ends it. */
struct hunt_sink {
	void *context;
	bool (*event)(void *context, const struct event *event, struct text json);
	/* the events of one sequence, in the order of its steps */
	bool (*sequence)(void *context, const struct text *json, size_t n);
	/* a table: the names of its columns, then its rows; no text where there is no value */
	void (*columns)(void *context, const struct text *names, size_t n);
	bool (*row)(void *context, const struct text *cells, size_t n);
};

struct hunt_numbers {
	uint64_t read, found; /* events */
	uint64_t limited; /* comparisons that a regular expression's limit ended */
	uint64_t unreadable; /* events that could not be read */
};

/*
 * -1 with a sentence: the store cannot be read, or the answer is too large. `numbers` is filled
 * in any case.
 */
int hunt_run(const struct hunt_query *query, const struct hunt_source *source,
	const struct hunt_sink *sink, struct hunt_numbers *numbers, struct error *err);
