/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs through rules, on all cores: one thread cuts files into blocks, others read and judge them,
 * and what they found comes back in the order of the logs, whatever the number of threads.
 */
#pragma once

#include "cli/scan/collect.h"
#include "import/blocks.h"

/* What is done with what comes back; all are called by the thread that called pipeline_run. */
struct pipeline_sink {
	void (*finding)(void *context, const struct finding *finding);
	/* a block of `events` records was read */
	void (*read)(void *context, const struct log_file *file, const struct format *format,
		uint64_t events);
	/* an event that counts in a correlation; NULL: there are none */
	void (*member)(void *context, const struct log_file *file, const struct member *member);
	/* so many detections were expected ones, by that exception of the set */
	void (*expected)(void *context, size_t exception, uint64_t detections);
	/* something of a file was left out: where, why, and how many records (0: a remark) */
	void (*skipped)(void *context, const char *file, struct text where, struct text why,
		uint64_t records);
	/* no format fits; `named`: the user asked for this very file */
	void (*unknown)(void *context, const struct log_file *file, bool named);
	/* a file cannot be opened or read */
	void (*failed)(void *context, const char *sentence);
	/* every now and then: bytes read from disk of how many (0: unknown), records so far */
	void (*progress)(void *context, uint64_t done, uint64_t total, uint64_t events);
	void *context;
};

struct pipeline_order {
	struct rules *rules; /* compiled */
	struct source *source;
	const struct format *format; /* of all files; NULL: by content */
	unsigned threads; /* at least 1 */
	const struct indicators *indicators; /* NULL: none are asked for */
	event_time now; /* when it is, for records that do not say when they were */
	bool slack, with_json;
	bool with_expected; /* detections that an exception makes expected ones are wanted too */
	/* once all threads are there, before the first byte is read; may end the program */
	void (*confine)(void);
	const volatile int *stop; /* becomes true: what was found so far, and no more */
};

/* Reads everything. Returns how many records said nothing of their source. */
uint64_t pipeline_run(const struct pipeline_order *order, const struct pipeline_sink *sink);
