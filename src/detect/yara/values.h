/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values that a number of a condition can still have: up to eight intervals in order, and
 * "undefined", which is what YARA gives for a place behind the file's end. Where eight are not
 * enough, the two that stand nearest become one: a set may grow by what it should not hold, and
 * never loses what it should. So an empty set is a proof, a set that is not empty is none.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum { VALUES_MAX = 8 };

struct interval {
	int64_t low, high; /* both within */
};

struct values {
	struct interval at[VALUES_MAX];
	unsigned n;
	bool undefined;
};

struct values values_between(int64_t low, int64_t high);
struct values values_all(void);

static inline bool values_none(const struct values *set)
{
	return !set->n && !set->undefined;
}

struct values values_both(const struct values *a, const struct values *b);
struct values values_either(const struct values *a, const struct values *b);

/* All other numbers, for a set that never had to grow; whether undefined is among them is the
 * caller's to say. */
struct values values_other(const struct values *set);

/* Whether each number of `inner` is one of `outer`. */
bool values_within(const struct values *inner, const struct values *outer);

/* "0x5a4d", "at most 9", "1 to 5", "anything but 3", "something else". */
struct text values_told(const struct values *set, bool hexadecimal, struct arena *arena);
