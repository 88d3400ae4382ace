/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is probably not meant so in YARA rules that compile: conditions that can never be true, or
 * always are, and what makes a scan slow. It claims that a condition can never be true only where
 * that is certain; what it does not understand it passes over.
 *
 *	yara_lint(source, &arena, on_finding, context);
 */
#pragma once

#include "base/arena.h"

enum yara_lint_kind {
#define LINT(name, ...) LINT_##name,
#include "detect/yara/lint.def"
#undef LINT
	LINTS
};

struct yara_finding {
	struct text rule;
	unsigned line, column;
	enum yara_lint_kind kind;
	struct text sentence; /* lower case, no full stop, with the remedy */
};

extern const char *const yara_lint_names[LINTS];

/* Calls `each` for every finding, in the order of the source. Texts live in the arena. */
void yara_lint(struct text source, struct arena *arena,
	void (*each)(void *context, const struct yara_finding *finding), void *context);
