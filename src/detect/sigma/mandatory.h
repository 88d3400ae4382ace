/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be in whatever a regular expression fits: some plain texts of which one is there for
 * certain, so that the search itself is only made where one of them was found.
 *
 *	mandatory_find(TEXT("(curl|wget) .*-o"), &arena, &mandatory);	// "curl", "wget"
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum { MANDATORY_MAX = 16, MANDATORY_BYTES_MIN = 3 };

struct mandatory {
	struct text
		at[MANDATORY_MAX]; /* ASCII, of at least MANDATORY_BYTES_MIN bytes, case aside */
	size_t n; /* 0: nothing is certain */
};

void mandatory_find(struct text regex, struct arena *arena, struct mandatory *mandatory);
