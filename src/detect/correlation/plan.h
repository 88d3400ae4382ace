/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations as they were read. */
#pragma once

#include "detect/correlation/correlation.h"
#include "detect/sigma/rule.h"

enum { CORRELATION_TREE = 3 };

struct bound {
	enum { BOUND_gt, BOUND_gte, BOUND_lt, BOUND_lte, BOUND_eq, BOUND_neq } how;
	double value;
};

struct correlation {
	struct sigma_rule *rule; /* itself */
	enum correlation_type type;
	unsigned number; /* among the correlations of the set */
	bool generate; /* its members are told too */
	int64_t timespan; /* ns */
	struct text_list references; /* ids or names of its members */
	const struct sigma_rule **members;
	unsigned member_count;
	struct text_list groups; /* names it groups by */
	struct text_list fields; /* whose values count */
	uint32_t *group_fields; /* number of a field, or of a group of a member that is a
				   correlation: [member * groups.n + group] */
	uint32_t field_numbers[CORRELATION_FIELDS_MAX];
	size_t tree; /* which of the groups is "ProcessTree"; groups.n: none */
	uint32_t tree_fields[CORRELATION_TREE]; /* where processes are looked for: own and above */
	struct bound bounds[CORRELATION_BOUNDS];
	unsigned bound_count;
	double percentile; /* 0 to 100 */
	struct program condition; /* of temporal ones, over members */
	struct text written; /* the condition, where it is a text */
	uint32_t negated; /* bits: members that the condition does not want */
	struct text (*alias_rows)[3]; /* alias, reference, field */
	size_t alias_count;
	unsigned line, column;
};

/* A rule is a member of a correlation. */
struct membership {
	const struct correlation *correlation;
	unsigned member;
	struct membership *next;
};

struct correlations {
	struct correlation **at;
	size_t n, size;
};

bool correlation_is(const struct yaml *root);

/* Reads a document; mistakes are noted. */
void correlation_read(struct reader *reader, struct correlations *correlations,
	const struct yaml *root);

void correlations_clear(struct correlations *correlations);

/* The correlations of a compiled set. */
const struct correlations *rules_correlations(const struct rules *rules);
