/* SPDX-License-Identifier: Apache-2.0 */
/* How far a scan is, on one line of a terminal that is written over again and again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool wanted; /* the error channel is a terminal */
	bool shown; /* there is a line to be wiped */
	double began, last; /* seconds */
};

void progress_begin(struct progress *progress);

/* Bytes done of how many (0: unknown), and records; writes at most five times a second. */
void progress_show(struct progress *progress, uint64_t done, uint64_t total, uint64_t events);

/* Wipes the line, before something else is written. */
void progress_wipe(struct progress *progress);

/* Seconds since progress_begin. */
double progress_seconds(const struct progress *progress);
