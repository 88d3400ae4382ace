/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of the numbers of a condition at some place in it: for each the values it can
 * still have. A string of the rule is the number of its occurrences.
 */
#pragma once

#include "detect/yara/number.h"

struct fact {
	struct number number;
	struct values values;
};

struct facts {
	struct fact *at;
	size_t n, room;
	bool never; /* nothing can hold any more */
};

void facts_clear(struct facts *facts);

/* A copy, with its own memory. */
struct facts facts_copy(const struct facts *facts);

/* What is known of a number, NULL if nothing. */
struct fact *facts_find(const struct facts *facts, const struct number *number);

/* What the number can be as far as is known. */
const struct values *facts_values(const struct facts *facts, const struct number *number);

/* From now on the number is one of those; `never` if there are none left. */
void facts_restrict(struct facts *facts, const struct number *number, const struct values *values);

/* What is known if either holds: into the first. */
void facts_join(struct facts *facts, const struct facts *other);
