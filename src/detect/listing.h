/* SPDX-License-Identifier: Apache-2.0 */
/* The paths of rule files. */
#pragma once

#include <stddef.h>

#include "base/error.h"

enum { LISTING_MAX = 20000 };

struct listing {
	char **at;
	size_t n, size;
};

/* What the names of Sigma rules end in; NULL behind the last. */
extern const char *const rule_endings[];

/*
 * Adds the file, or all files below the folder whose names end so, sorted; what begins with a dot
 * is left out. -1 with a sentence if it cannot be read or there is none.
 */
int files_list(const char *path, const char *const *endings, struct listing *listing,
	struct error *err);
void listing_clear(struct listing *listing);
