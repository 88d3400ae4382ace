/* SPDX-License-Identifier: Apache-2.0 */
/* What `saker bench sensor` has the host do: each load in a process of its own, timed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum load { LOAD_call, LOAD_start, LOAD_true, LOAD_open, LOAD_connect, LOAD_shell, LOADS };

struct load_about {
	const char *name, *what;
	long count; /* operations of a full run */
	double goal; /* ratio of CPU time to that without a sensor (SENSOR.md, G1 to G6) */
};
extern const struct load_about loads[LOADS];

struct taken {
	double cpu, wall; /* ns for each operation */
};

/*
 * A folder with what the loads need: the smallest program there is, and a file whose opening is
 * an event. -1 with a sentence.
 */
int loads_prepare(const char *folder, struct error *err);

/* Does it once, `count` operations. -1 with a sentence if it could not be done. */
int load_run(enum load load, const char *folder, long count, struct taken *taken,
	struct error *err);

/* Starts of a copy of the smallest program called `name`, so many of them by two processes. */
int load_starts(const char *folder, const char *name, long count, struct error *err);

/* The same while a file whose opening is an event is opened so often. */
int load_flood(const char *folder, const char *name, long count, long opens, struct error *err);

/* Times: the least, and the middle. `n` > 0. */
double least(const double *values, size_t n);
double middle(double *values, size_t n);
