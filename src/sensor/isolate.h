/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Isolation of this host, or of a control group, from all but the addresses that are allowed. It
 * is the kernel's from then on: it lasts until isolate_end, whatever becomes of saker's processes;
 * a reboot ends it unless `saker run` begins it again. Packet sockets, which only root may open,
 * pass below its hooks: they are told of (network_raw), not refused.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "sensor/bpf/isolate.h"

/* One address or network that stays reachable, and on which ports of it. */
struct isolate_allowed {
	struct isolate_key key;
	u16 port; /* 0: all */
};

/*
 * "192.0.2.1", "192.0.2.0/24", "192.0.2.1:443", "2001:db8::/32", "[2001:db8::1]:443". -1 with a
 * sentence.
 */
int isolate_read(struct text text, struct isolate_allowed *allowed, struct error *err);

struct isolate_options {
	const char *cgroup; /* folder of a control group; NULL: the root of the unified tree */
	const struct isolate_allowed *allowed;
	size_t count;
	bool dry; /* count what would be refused; ends with the process that asked for it */
};

struct isolate;

/*
 * Begins. Where it is kept is named by the cgroup's path, so that several groups can be isolated.
 * NULL with a sentence if it is isolated already, or the kernel refuses it: then nothing has
 * changed.
 */
struct isolate *isolate_begin(const struct isolate_options *options, struct error *err);

/* What is isolated now; NULL with a sentence if nothing is. */
struct isolate *isolate_find(const char *cgroup, struct error *err);

/* How often something was refused, by enum isolate_reason. */
void isolate_counts(const struct isolate *isolate, u64 counts[ISOLATE_REASONS]);

/* Those that were refused most, at most `max`; how many. */
struct isolate_refused {
	struct isolate_peer peer;
	u64 n;
};
size_t isolate_peers(const struct isolate *isolate, struct isolate_refused *most, size_t max);

/* Lets go of the handle; the isolation stays, unless it was a dry run. */
void isolate_close(struct isolate **isolate);

/*
 * Where the isolation of the whole host is noted, so that it can begin again after a reboot: one
 * allowed address in each line, as it was written.
 */
#define ISOLATION_FILE "/etc/saker/isolation"

/*
 * Begins what is noted there, unless it is in force already. 1 if it began, 0 if there was nothing
 * to do; -1 with a sentence.
 */
int isolate_restore(const char *file, struct error *err);

/* Ends the isolation. -1 with a sentence. */
int isolate_end(const char *cgroup, struct error *err);
