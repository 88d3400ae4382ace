/* SPDX-License-Identifier: Apache-2.0 */
/* The paths of rule files, for those who need them without their contents. */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct listing {
	char **at;
	size_t n, size;
};

/* The rule file or all rule files below the folder, sorted; -1 with a sentence. */
int rule_files_list(const char *path, struct listing *listing, struct error *err);
void listing_clear(struct listing *listing);
