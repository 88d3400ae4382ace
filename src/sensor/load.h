/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sensor's half that has rights: loads and attaches the BPF programs, finds out what this
 *kernel gives, and is told what to refuse. Parses nothing hostile. The other half (feed.h) reads
 *the rings and has no rights.
 *
 *	struct sensor *sensor = sensor_open(&options, &err);
 *	sensor_ring(sensor, WIRE_RING_lifecycle);	// a descriptor to hand over
 *	sensor_close(&sensor);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "sensor/bpf/wire.h"

struct sensor_options {
	enum wire_scope_kind scope;
	const char *scope_path; /* folder of the cgroup, or folder; absolute */
	pid_t scope_pid;
	bool prevent; /* attach what refuses: lsm, connect; without it nothing can be refused
			 whatever the maps say */
	const char *const
		*watched; /* absolute folders (ending in '/') and files whose changes are events */
	size_t watched_count;
	const char *const
		*sensitive; /* file names whose opening for reading is an event, e.g. "shadow" */
	size_t sensitive_count;
	const char *const
		*logs; /* folders and files of which only what takes away is told */
	size_t log_count;
	bool protect; /* with `prevent`: saker's processes and files are refused to others */
	const char *own_folder; /* the store: what others take from it is told, or refused */
	bool ia32; /* system calls of 32 bits too, where only a program at every call sees them */
	bool no_hooks; /* only tracepoints, even where trampolines work */
	uint64_t rates[WIRE_RINGS]; /* records in a second at most; 0: any number */
	size_t ring_bytes[WIRE_RINGS]; /* powers of two; 0: the defaults, 4, 1 and 2 MiB */
};

/* What this kernel gives for one kind of event or one rung. */
struct capability {
	char about[32]; /* "process_exec", "file_create" ...; for rungs "rung_lsm", "rung_hold",
			   "rung_signal", "rung_connect", "rung_kill" */
	char state[16]; /* "works", "absent", "failed", "off" (not asked for) */
	char via[64]; /* "tp_btf/sched_process_exec", "lsm/bprm_check_security" ... */
	char message[256]; /* why not, and the remedy; "" where it works */
};

enum { CAPABILITIES_MAX = 96 };

struct sensor;

/*
 * Loads and attaches everything that this kernel gives. NULL with a sentence if not root, if the
 * kernel has no BTF, is older than 5.18, or refuses the lifecycle programs; anything else that is
 * refused becomes a capability "absent" or "failed" and is left out. Raises RLIMIT_MEMLOCK where
 * needed; mounts nothing on the host (tracefs is mounted in a private place if it is not there).
 * The caller and its future children are marked as saker's own: no rung touches them.
 */
struct sensor *sensor_open(const struct sensor_options *options, struct error *err);
void sensor_close(struct sensor **sensor);

/* What was found, one after the other; valid until sensor_close. */
size_t sensor_capabilities(const struct sensor *sensor, const struct capability **all);

/* Descriptors to hand to the process that reads: the ring of a class; the sensor keeps owning it.
 */
int sensor_ring(const struct sensor *sensor, enum wire_ring ring);

/*
 * A fresh descriptor from which read(2) gives one WIRE_running record after the other, for every
 * process alive, parents not necessarily first; as a side effect gives every running task its
 * storage (image and ancestor bits). Call after the verdict maps are filled. -1 with a sentence.
 * The caller closes it.
 */
int sensor_iterate(struct sensor *sensor, struct error *err);

/* Attempts and losses of a ring, all processors together. */
struct wire_loss sensor_losses(const struct sensor *sensor, enum wire_ring ring);

/* What the kernel shall know and refuse. Bits accumulate. -1 with a sentence if the map is full or
 * refuses. */
int sensor_image(struct sensor *sensor, const struct wire_image_key *key, u64 bits,
	struct error *err);
int sensor_place(struct sensor *sensor, const char *prefix, u64 bits, u32 flags,
	struct error *err);
int sensor_clause(struct sensor *sensor, unsigned index, const struct wire_clause *clause,
	struct error *err);
int sensor_deny_address(struct sensor *sensor, const struct wire_address_key *key, u32 rule,
	struct error *err);
void sensor_allow_address(struct sensor *sensor, const struct wire_address_key *key);

/*
 * Which kinds of events somebody asks for (bit of enum event_kind in each of the two words). The
 * life of processes is told in any case.
 */
void sensor_wanted(struct sensor *sensor, const uint64_t kinds[2]);

/* Lets the clauses act (true) or only watch (false); needs options.prevent. Off at first. */
void sensor_arm(struct sensor *sensor, bool armed);

/*
 * Tries each rung on children and a cgroup of its own and rewrites its capability with what really
 * happened. Takes less than a second; touches nothing else. Needs options.prevent; call before
 * sensor_arm.
 */
void sensor_prove(struct sensor *sensor);
