/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stamp: what a file was when something was found out about it. A small cache keeps findings by
 * stamp, so that they hold until the file changes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum { STAMP_FINDING = 32, STAMPS = 4096 };

struct stamp {
	uint64_t device, inode, size;
	int64_t mtime, ctime; /* ns */
};

struct stamp stamp_of(const struct stat *file);

/*
 * Zero at first, and so takes little room; direct mapped: a newer finding may take an older one's
 * place.
 */
struct stamp_cache {
	struct stamp_entry {
		struct stamp stamp;
		unsigned char finding[STAMP_FINDING];
	} at[STAMPS];
};

/* What is known of that file, NULL if nothing is. */
const unsigned char *stamp_find(const struct stamp_cache *cache, const struct stamp *stamp);

/*
 * Keeps a finding of STAMP_FINDING bytes; not for a file that changed less than a second before
 * `now` (ns since 1970), whose times could hide another change.
 */
void stamp_keep(
	struct stamp_cache *cache, const struct stamp *stamp, const void *finding, int64_t now);
