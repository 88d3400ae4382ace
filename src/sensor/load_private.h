/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that implement load.h share. */
#pragma once

#include "sensor/load.h"
#include "sensor/sensor.skel.h"

enum { PROGRAMS_MAX = 256, PLACES_MAX = 1024, FAILURES_MAX = 8, CONNECT_PROGRAMS = 4 };

struct place {
	char *prefix;
	u64 bits;
	u32 flags;
};

struct sensor {
	struct sensor_bpf *bpf;
	struct sensor_options options;
	struct capability capabilities[CAPABILITIES_MAX];
	size_t capability_count;
	struct bpf_link *links[PROGRAMS_MAX];
	size_t link_count;
	struct failure {
		char via[64], why[160];
		const char *purpose;
	} failures[FAILURES_MAX]; /* programs that the kernel refused, the first of them */
	size_t failure_count;
	struct place places[PLACES_MAX];
	size_t place_count;
	bool connect_attached, has_hooks, has_lsm;
};

struct capability *capability_get(struct sensor *sensor, const char *about);
void capability_set(struct sensor *sensor, const char *about, const char *state, const char *via,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Attaches the connect rung to a cgroup folder; the link goes to the sensor, or to `links` if that
 * is not NULL. */
int connect_attach(struct sensor *sensor, const char *folder, struct bpf_link **links,
	struct error *err);
