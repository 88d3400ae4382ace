/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the feed, for feed.c and running.c, and the seams at which tests and fuzzers put
 * recorded bytes in.
 */
#pragma once

#include "sensor/assemble.h"
#include "sensor/feed.h"
#include "sensor/containers.h"
#include "sensor/gap.h"
#include "sensor/processes.h"
#include "sensor/ring.h"

struct feed {
	struct ring rings[WIRE_RINGS];
	struct gaps gaps[WIRE_RINGS];
	struct processes *processes;
	struct containers *containers;
	struct users *users;
	struct arena arena; /* of the event that is being made */
	feed_handler *handler;
	void *context;
	struct feed_numbers numbers;
	uint64_t now, lifecycle_time; /* boot ns: of this round, of the newest lifecycle record */
	uint64_t evicted_told, evicted_time;
	int64_t boot_time;
	int wakeup;
};

struct assembly feed_assembly(struct feed *feed);

/* Hands an event on; the arena is empty afterwards. `verdict` may be NULL. */
void feed_tell(struct feed *feed, struct event *event, const struct wire_verdict *verdict,
	bool in_scope);

/* Takes one record as it comes from a ring; any bytes do. */
void feed_record(struct feed *feed, enum wire_ring ring, const void *bytes, size_t n);

/*
 * feed_read at a given time (boot ns). A ring whose descriptor is negative in the handover is not
 * there.
 */
size_t feed_round(struct feed *feed, uint64_t now);

/*
 * The iterator's records: a pass over all that run, then an event for each that is new to the
 * feed.
 */
void feed_running_begin(struct feed *feed);
int feed_running_record(struct feed *feed, const void *bytes, size_t n, struct error *err);
void feed_running_end(struct feed *feed, uint64_t now);

/* The time since boot, ns. */
uint64_t boot_now(void);
