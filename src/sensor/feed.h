/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sensor's half that has no rights: reads the rings it was handed, keeps the process table,
 * and gives one event after the other.
 *
 *	struct feed *feed = feed_new(&handover, on_sighting, context, &err);
 *	feed_running(feed, iterator_fd);
 *	for (;;) { sleep 10 ms; feed_read(feed); }
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "event/event.h"
#include "sensor/bpf/wire.h"

/*
 * An event, and what the kernel has already done about it. Valid until the handler returns, but
 * its processes (which live in the process table) until the next feed_read.
 */
struct sighting {
	struct event *event;
	struct wire_verdict verdict; /* rung WIRE_RUNG_none: nothing */
	bool in_scope;
};

typedef void feed_handler(void *context, const struct sighting *sighting);

struct feed_handover {
	int rings[WIRE_RINGS]; /* descriptors of the ring maps, mapped in feed_new; -1: none */
	unsigned char boot_id[16]; /* of /proc/sys/kernel/random/boot_id */
	int64_t boot_time; /* CLOCK_REALTIME - CLOCK_BOOTTIME at start, ns */
	const char *users; /* text of /etc/passwd, NUL ended; may be NULL */
	size_t memory_max; /* bytes for the process table; 0: 16 MiB */
};

struct feed;

/*
 * Needs mmap(2) and epoll_create(2), never bpf(2). Everything in `handover` is copied or mapped.
 * NULL with a sentence.
 */
struct feed *feed_new(const struct feed_handover *handover, feed_handler *handler, void *context,
	struct error *err);
void feed_free(struct feed **feed);

/*
 * Takes in the processes that were there before, from a descriptor of sensor_iterate. May be
 * called again: idempotent.
 */
int feed_running(struct feed *feed, int fd, struct error *err);

/*
 * Empties the rings, lifecycle first, then network, then file, up to the time at which it began;
 * hands on an event for each record, and sensor_gap events for what is missing. Returns the
 * number of records.
 */
size_t feed_read(struct feed *feed);

/*
 * A descriptor that polls readable when a ring is past half full (for epoll); valid as long as
 * the feed.
 */
int feed_wakeup(const struct feed *feed);

/* The living process with that pid, NULL if none is known. */
const struct process *feed_process(const struct feed *feed, uint32_t pid);

/* The same; if it has ended, it as it was. */
const struct process *feed_process_last(const struct feed *feed, uint32_t pid);

/* Start since boot of a process in ns, as in its entity id; for verbs that name pid and start. */
uint64_t entity_start(struct entity entity);

struct feed_numbers {
	uint64_t records, events, gaps, missing; /* gap events, and events they report missing */
	uint64_t processes, evicted; /* in the table now; thrown out for want of memory */
	size_t memory; /* bytes of the process table */
};
struct feed_numbers feed_numbers(const struct feed *feed);
