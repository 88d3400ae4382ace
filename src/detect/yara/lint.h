/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A linter of YARA rules: conditions that can never be true, or always are, strings nobody uses,
 * and what makes a scan slow.
 *
 *	rule.yar:7:13: uint32(0) never equals 0x4464c457f, which has more than 32 bits; write
 *	0x464c457f if the head of an ELF program is meant
 *
 * It errs to silence: what it does not understand it passes over, and "never" is said only where
 * it follows from the ranges of the numbers. It does not say what libyara says: whether a rule
 * compiles.
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum yara_lint_kind {
#define LINT(name, shown, misses, sentence) YARA_LINT_##name,
#include "detect/yara/lint.def"
#undef LINT
	YARA_LINT_count,
};

struct yara_finding {
	struct text rule; /* its name, in the source */
	unsigned line, column; /* from 1, in bytes */
	enum yara_lint_kind kind;
	struct text sentence; /* in the arena */
};

/* The kind as the user sees it ("short-string"), its sentence, and whether the rule misses what it
 * means (else it is only slow, or says more than it needs to). */
const char *yara_lint_name(enum yara_lint_kind kind);
const char *yara_lint_sentence(enum yara_lint_kind kind);
bool yara_lint_misses(enum yara_lint_kind kind);

/*
 * Calls `each` for each finding in a source text, rule by rule. Any bytes are allowed; what is no
 * YARA gives no findings. Findings stay valid as long as the source and the arena.
 */
void yara_lint(struct text source, struct arena *arena,
	void (*each)(void *context, const struct yara_finding *finding), void *context);
