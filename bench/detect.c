// SPDX-License-Identifier: Apache-2.0
// How fast rules are loaded, and how fast records are read and judged, by one thread. The log is
// taken into memory first; CPU time is what is printed, each time the least of several passes.
//
//	detect RULES LOG [PASSES]

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/image.h"
#include "import/blocks.h"

enum { PASSES = 5, LOADS = 3 };

/* A file's blocks, all of them in memory. */
struct log {
	const struct format *format;
	struct log_file file;
	struct block *blocks;
	struct block_buffer *buffers;
	size_t n, size;
	uint64_t bytes;
};

struct pass {
	struct matcher *matcher; /* NULL: only read */
	const struct rule **hits;
	size_t max;
	uint64_t records, matches, values;
};

static double cpu_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void die(const char *what, const struct error *err)
{
	fprintf(stderr, "detect: %s: %s\n", what, err->text);
	exit(2);
}

static double load_once(const char *path, const char *cache, struct rules **rules)
{
	double began = cpu_now();
	struct error err;

	*rules = rules_new();
	if (rules_add_cached(*rules, &path, 1, cache, &err) < 0)
		die(path, &err);
	rules_compile(*rules);
	return cpu_now() - began;
}

static double load_least(const char *path, const char *cache, int passes)
{
	double least = 1e9;

	for (int i = 0; i < passes; i++) {
		until_return(rules_free) struct rules *rules = NULL;
		double time = load_once(path, cache, &rules);

		least = time < least ? time : least;
	}
	return least;
}

static void log_load(const char *path, struct log *log)
{
	until_return(source_free) struct source *source = source_new();
	until_return(blocks_free) struct blocks *blocks = blocks_new(source, false);
	uint64_t too_long = 0;
	struct error err;

	if (source_add(source, path, &err) || source_next(source, &log->file, &err) <= 0 ||
	    blocks_begin(blocks, &log->file, NULL, &log->format, &err) <= 0)
		die(path, &err);
	for (;;) {
		if (log->n == log->size) {
			size_t size = log->size ? log->size * 2 : 64;

			log->blocks = memory_resize(log->blocks, size, sizeof *log->blocks);
			log->buffers = memory_resize(log->buffers, size, sizeof *log->buffers);
			log->size = size;
		}
		log->buffers[log->n] = (struct block_buffer){0};
		if (blocks_next(blocks, log->buffers + log->n, log->blocks + log->n, &too_long,
			&err) <= 0)
			break;
		log->bytes += log->blocks[log->n++].bytes.n;
	}
	log->file.name = path;
	for (size_t i = 0; i < log->n; i++)
		log->blocks[i].file = &log->file;
}

static void record_take(void *context, struct record *record)
{
	struct pass *pass = context;

	pass->records++;
	pass->values += record->n;
	if (pass->matcher)
		pass->matches += matcher_record(pass->matcher, record, pass->hits, pass->max);
}

static void skipped_take(void *context, struct text where, struct text why, uint64_t records)
{
	fprintf(stderr, "left out: %.*s: %.*s\n", (int)where.n, where.at, (int)why.n, why.at);
}

static double pass_least(const struct log *log, struct rules *rules, int passes,
	struct pass *last)
{
	void *reader = log->format->new();
	struct matcher *matcher = rules ? matcher_new(rules) : NULL;
	size_t max = rules ? rules_count(rules) : 0;
	const struct rule **hits = memory_new((max + 1) * sizeof *hits);
	double least = 1e9;

	/* the first pass warms up and does not count */
	for (int i = 0; i <= passes; i++) {
		struct pass pass = {matcher, hits, max, 0, 0, 0};
		const struct record_sink sink = {record_take, skipped_take, &pass};
		double began = cpu_now(), time;

		for (size_t b = 0; b < log->n; b++)
			log->format->read(reader, log->blocks + b, &sink);
		time = cpu_now() - began;
		least = i && time < least ? time : least;
		*last = pass;
	}
	log->format->free(&reader);
	matcher_free(&matcher);
	free(hits);
	return least;
}

static long resident_now(void)
{
	until_return(file_close) FILE *file = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		return 0;
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv)
{
	int passes = argc > 3 ? atoi(argv[3]) : PASSES;
	char cache[] = "/tmp/saker-bench-XXXXXX";
	struct rules *rules;
	struct log log = {0};
	struct pass read, judged;
	double yaml, cached, reading, judging;
	long before;

	if (argc < 3 || passes < 1) {
		fputs("usage: detect RULES LOG [PASSES]\n", stderr);
		return 2;
	}
	if (!mkdtemp(cache))
		return 2;
	yaml = load_least(argv[1], NULL, LOADS);
	load_least(argv[1], cache, 1);
	cached = load_least(argv[1], cache, LOADS);
	log_load(argv[2], &log);
	before = resident_now();
	load_once(argv[1], cache, &rules);
	reading = pass_least(&log, NULL, passes, &read);
	judging = pass_least(&log, rules, passes, &judged);
	printf("%zu rules: load %.0f ms from YAML, %.0f ms from the image, %.1f MB more in memory\n",
		rules_count(rules), yaml * 1e3, cached * 1e3,
		(double)(resident_now() - before) / 1024);
	printf("%llu records, %.1f MB, %.0f bytes and %.1f values each, %llu matches\n",
		(unsigned long long)read.records, (double)log.bytes / 1e6,
		(double)log.bytes / (double)read.records,
		(double)read.values / (double)read.records, (unsigned long long)judged.matches);
	printf("read            %9.0f /s  %6.0f MB/s\n", (double)read.records / reading,
		(double)log.bytes / 1e6 / reading);
	printf("read and judged %9.0f /s  %6.0f MB/s  %.0f %% of reading\n",
		(double)read.records / judging, (double)log.bytes / 1e6 / judging,
		100 * reading / judging);
	rules_free(&rules);
	return 0;
}
