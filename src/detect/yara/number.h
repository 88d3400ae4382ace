/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number of a condition that changes from file to file: the size, what is read at some place,
 * how often a string occurs, what a module says, and what is computed from these. Two that are
 * spelled alike are the same number as long as one file is scanned.
 */
#pragma once

#include "detect/yara/source.h"
#include "detect/yara/values.h"

struct number {
	const struct yara_pattern *pattern; /* the string whose occurrences it counts, or */
	struct text spelling; /* what is computed */
	struct values natural; /* what it can be at all */
	bool whole; /* no fraction */
	bool hexadecimal; /* how its values are told */
};

/* A comparison of a number with a constant, the constant on the right. */
struct question {
	struct number number;
	const char *operator;
	int64_t constant;
	struct text told; /* the constant as the author spelled it */
};

/* False for what is no number, or not the same each time (a call). */
bool number_of(const struct yara_rule *rule, const struct yara_node *node, struct arena *arena,
	struct number *number);

/* How often a string occurs; for $ and # in the body of a loop, the one at hand. */
struct number number_of_string(const struct yara_rule *rule, const struct yara_node *node,
	struct arena *arena);
struct number number_of_pattern(const struct yara_pattern *pattern);

/* Takes it that a file is scanned, not a process: there is a size. */
void number_of_file(struct number *number);

/* Whether it can have none of the values, whatever the file. */
bool number_is_never(const struct number *number, const struct values *values);

/* False if the node, a NODE_compare, compares something else. */
bool question_of(const struct yara_rule *rule, const struct yara_node *node, struct arena *arena,
	struct question *question);

/* The operator, as it is with its sides exchanged if `turned`; empty if it is none. */
const char *question_operator(struct text text, bool turned);

/*
 * The numbers for which the comparison holds, and those for which it does not. A number with a
 * fraction is held with its whole neighbours, so these sets may be too large, never too small.
 */
struct values question_values(const struct question *question);
struct values question_other(const struct question *question);
