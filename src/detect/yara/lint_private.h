/* SPDX-License-Identifier: Apache-2.0 */
/* For the files that find something in a rule: the rule at hand and the way to tell. */
#pragma once

#include "detect/yara/lint.h"
#include "detect/yara/source.h"

struct lint {
	struct arena *arena;
	void (*each)(void *context, const struct yara_finding *finding);
	void *context;
	const struct yara_rule *rule;
};

void lint_find(struct lint *lint, const struct yara_token *place, enum yara_lint_kind kind,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What can and cannot hold in the condition. */
void lint_truth(struct lint *lint);

/* What each comparison and set by itself cannot have. */
void lint_ranges(struct lint *lint, const struct yara_node *node);

/* What makes the strings and the loops slow. */
void lint_strings(struct lint *lint);
void lint_loops(struct lint *lint, const struct yara_node *node);
