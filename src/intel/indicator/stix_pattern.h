/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of STIX (STIX 2.1, section 9): which of their values can stand alone as indicators.
 * That is each comparison of a known property with '=' (or IN, ISSUBSET for addresses) that
 * nothing but OR joins with others. What must be true together with something else, in order, or
 * by likeness is left out, each by its name.
 */
#pragma once

#include "base/error.h"
#include "intel/indicator/feed.h"

enum { STIX_VALUES_MAX = 256 };

struct stix_value {
	enum indicator_type type;
	struct text text;
};

struct stix_pattern {
	struct stix_value values[STIX_VALUES_MAX];
	size_t n;
	struct text left_out[STIX_VALUES_MAX]; /* of each part what it is: "AND", "LIKE" */
	size_t left_out_count;
	struct arena *arena; /* the caller's; holds values that had to be unescaped */
};

/* -1 with a sentence if it is no pattern; then nothing is read or left out. */
int stix_pattern_read(struct stix_pattern *pattern, struct text text, struct error *err);
