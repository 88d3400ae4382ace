// SPDX-License-Identifier: Apache-2.0
// How far a scan is.

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/scan/progress.h"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void progress_begin(struct progress *progress)
{
	*progress = (struct progress){.wanted = isatty(STDERR_FILENO), .began = now()};
	progress->last = progress->began;
}

double progress_seconds(const struct progress *progress)
{
	return now() - progress->began;
}

void progress_wipe(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total, uint64_t events)
{
	double time, passed;

	if (!progress->wanted)
		return;
	time = now();
	if (time - progress->last < 0.2)
		return;
	progress->last = time;
	passed = time - progress->began;
	fprintf(stderr, "\r\033[K%.0f MB", (double)done / 1e6);
	if (total)
		fprintf(stderr, " of %.0f MB (%.0f %%)", (double)total / 1e6,
			100.0 * (double)done / (double)total);
	fprintf(stderr, ", %llu events, %.0f/s", (unsigned long long)events,
		(double)events / passed);
	if (total > done && done)
		fprintf(stderr, ", %.0f s left",
			passed * (double)(total - done) / (double)done);
	progress->shown = true;
}
