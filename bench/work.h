/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the workloads have in common: time taken by `n` repetitions of one operation, printed as a line.
 *
 *	struct work work = work_begin(n);
 *	for (long i = 0; i < n; i++)
 *		...
 *	return work_end(&work);
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

struct work {
	long n;
	double wall, cpu; /* seconds, at the beginning */
};

static inline double work_wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Processor time of this process and of those that it waited for. */
static inline double work_cpu(void)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec + children.ru_utime.tv_sec +
		       children.ru_stime.tv_sec) +
	       1e-6 * (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec +
			      children.ru_utime.tv_usec + children.ru_stime.tv_usec);
}

static inline struct work work_begin(long n)
{
	return (struct work){.n = n, .wall = work_wall(), .cpu = work_cpu()};
}

/* Prints the cost of one operation in nanoseconds. */
static inline int work_end(const struct work *work)
{
	double n = (double)work->n;

	printf("operations=%ld wall_ns=%.1f cpu_ns=%.1f\n", work->n,
		(work_wall() - work->wall) / n * 1e9, (work_cpu() - work->cpu) / n * 1e9);
	return 0;
}

/* The number of repetitions, the first argument of every workload. */
static inline long work_count(int argc, char **argv, int arguments, const char *usage)
{
	long n = argc > 1 ? atol(argv[1]) : 0;

	if (n > 0 && argc >= arguments)
		return n;
	fprintf(stderr, "usage: %s\n", usage);
	exit(2);
}
