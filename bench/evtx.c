// SPDX-License-Identifier: Apache-2.0
// How fast EVTX is read, from bytes in memory to filled records, on one thread:
//
//	bench-evtx [-s] [-n SECONDS] FILE...
//	bench-evtx [-s] -p FILE...	prints the records instead, each a line of JSON: an array of
//				fields [part, name, kind, value], for tests/conformance/evtx
//
// -s reads what lies in slack space too. What is left out is printed to standard error.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/own.h"
#include "import/evtx/evtx.h"

struct log {
	const char *name;
	char *at;
	size_t n;
};

struct sum {
	uint64_t records, fields, bytes, skipped, damaged;
	const char *name;
	struct json_writer out;
	bool prints, slack;
};

static bool log_read(struct log *log, const char *name)
{
	until_return(file_close) FILE *file = fopen(name, "re");
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		return false;
	rewind(file);
	log->name = name;
	log->n = (size_t)size;
	log->at = memory_new(log->n + 1);
	return fread(log->at, 1, log->n, file) == log->n;
}

static void record_print(struct sum *sum, const struct record *record)
{
	static const struct text kind_texts[] = {
		[VALUE_text] = {"text", 4}, [VALUE_number] = {"number", 6},
		[VALUE_flag] = {"flag", 4}, [VALUE_null] = {"null", 4},
		[VALUE_object] = {"object", 6},
	};
	struct json_writer *out = &sum->out;

	json_writer_reset(out);
	json_array_open(out);
	for (size_t i = 0; i < record->n; i++) {
		const struct record_field *field = record->at + i;

		json_array_open(out);
		json_string(out, field->name->part == PART_system ? TEXT("system") : TEXT("data"));
		json_string(out, field->name->text);
		json_string(out, kind_texts[field->kind]);
		json_string(out, field->value);
		json_array_close(out);
	}
	json_array_close(out);
	printf("%.*s\n", (int)out->n, out->at);
}

static void record_count(void *context, struct record *record)
{
	struct sum *sum = context;

	sum->records++;
	sum->fields += record->n;
	sum->damaged += (record->marks & RECORD_damaged) != 0;
	if (sum->prints)
		record_print(sum, record);
}

static void skipped_print(void *context, struct text where, struct text why, uint64_t records)
{
	struct sum *sum = context;

	sum->skipped += records;
	fprintf(stderr, "%s: %.*s: %.*s\n", sum->name, (int)where.n, where.at, (int)why.n, why.at);
}

static void log_go(void *reader, const struct log *log, struct sum *sum)
{
	const struct record_sink sink = {record_count, skipped_print, sum};
	const struct log_file file = {.name = log->name, .modified = NUMBER_NONE, .size = log->n};
	size_t at = 0;

	sum->name = log->name;
	sum->bytes += log->n;
	while (at < log->n) {
		size_t left = log->n - at, n = left < BLOCK_BYTES ? left : BLOCK_BYTES;
		struct block block = {.file = &file, .offset = at,
			.slack = sum->slack};

		block.bytes = (struct text){log->at + at, n};
		block.bytes.n = format_evtx.cut(block.bytes, at, n == left);
		if (!block.bytes.n)
			break;
		format_evtx.read(reader, &block, &sink);
		at += block.bytes.n;
	}
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	void *reader = format_evtx.new();
	double least = 1, start, took;
	struct sum sum = {0};
	unsigned rounds = 0;
	struct log *logs;
	int count, option;

	while ((option = getopt(argc, argv, "n:ps")) > 0) {
		if (option == '?')
			return 2;
		sum.prints |= option == 'p';
		sum.slack |= option == 's';
		if (option == 'n')
			least = atof(optarg);
	}
	count = argc - optind;
	logs = memory_new((size_t)count * sizeof *logs + 1);
	for (int i = 0; i < count; i++)
		if (!log_read(logs + i, argv[optind + i])) {
			fprintf(stderr, "cannot read '%s'\n", argv[optind + i]);
			return 2;
		}
	start = seconds_now();
	do {
		for (int i = 0; i < count; i++)
			log_go(reader, logs + i, &sum);
		took = seconds_now() - start;
		rounds++;
	} while (!sum.prints && count && took < least);
	if (!sum.prints)
		printf("%llu records, %llu fields, %llu skipped, %llu damaged, read %u times in "
		       "%.3f s: %.0f records/s, %.1f MB/s\n",
			(unsigned long long)sum.records / rounds,
			(unsigned long long)sum.fields / rounds,
			(unsigned long long)sum.skipped / rounds,
			(unsigned long long)sum.damaged / rounds, rounds, took,
			(double)sum.records / took, (double)sum.bytes / took / 1e6);
	format_evtx.free(&reader);
	json_writer_clear(&sum.out);
	for (int i = 0; i < count; i++)
		free(logs[i].at);
	free(logs);
	return 0;
}
