/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule in plain words: which events it sees, what it asks of them, by which texts it is found,
 * and whether the kernel can decide it.
 */
#pragma once

#include <stdio.h>

#include "detect/plan.h"
#include "detect/rules.h"

/* Writes the explanation of one rule of a compiled set. */
void rule_explain(const struct rules *rules, const struct rule *rule, const struct plan *plan,
	FILE *out);

/*
 * Writes why the rule matches the record, or not: each question with its answer and the values
 * that it was asked of. The record is taken for one of the rule's logsource; whether it would meet
 * the rule at all is said first.
 */
void rule_explain_record(struct matcher *matcher, const struct rule *rule,
	const struct record *record, FILE *out);

/*
 * Whether some plain text must be there for the rule to match; without one it is asked about every
 * event of its kind.
 */
bool rule_is_indexed(const struct rules *rules, const struct rule *rule);
