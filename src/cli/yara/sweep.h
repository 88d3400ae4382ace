/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All files below some paths through YARA rules, on all cores: one thread walks, others look, and
 * what they found comes back in the order of the walk.
 */
#pragma once

#include "detect/yara/yara.h"

struct sweep_sink {
	/* a file was looked at, or not (result->left_out); by the thread that called sweep_run */
	void (*file)(void *context, const char *path, const struct yara_result *result);
	/* a folder or a file cannot be opened */
	void (*failed)(void *context, const char *sentence);
	void *context;
};

struct sweep_order {
	const struct yara_rules *rules;
	char *const *paths; /* NULL behind the last */
	unsigned threads, seconds; /* at least 1 */
	uint64_t size_max; /* larger files are left out */
	bool all_strings;
	/* once all threads are there, before the first file is opened; may end the program */
	void (*confine)(void);
	const volatile int *stop; /* becomes true: no more files */
};

/*
 * Symbolic links are not followed; what is no regular file, and file systems that the kernel makes
 * up (proc, sysfs and their like), are left out without a word.
 */
void sweep_run(const struct sweep_order *order, const struct sweep_sink *sink);
