/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events on their way from the engine to the store: numbered, written as rows, kept here until
 * the store says that it has them, so that a store that dies and comes back gets what it had not
 * acknowledged. Bounded: past 8 MiB new records are dropped and counted, and the count becomes an
 * event when there is room again.
 */
#pragma once

#include <stdbool.h>

#include "daemon/message.h"
#include "daemon/numbers.h"
#include "event/row.h"

struct records {
	struct numbers *numbers;
	struct channel *store; /* NULL while there is none */
	char *at; /* whole messages, each behind its length */
	size_t n, size, sent, acked; /* offsets in `at` */
	uint64_t acked_count, kept_here, refused_here; /* what this store has said */
	struct row_bytes row;
	struct row_process process; /* of the last event, until one happens to a process */
	char sentence[256]; /* why the store refused last; "" if it did not */
	bool refuses;
};

void records_clear(struct records *records);

/* Gives the event its number and queues it; or the one after the other. */
void records_add(struct records *records, struct event *event);
void records_number(struct records *records, struct event *event);
void records_put(struct records *records, const struct event *event);

/* A store is there (again): takes over its socket and sends what waits. */
void records_store(struct records *records, int fd);

/*
 * Reads acknowledgements and sends what waits, as far as the store takes it. Call at least every
 * 10 ms.
 */
void records_run(struct records *records);

/* All is acknowledged, or no store is there. */
bool records_settled(const struct records *records);
