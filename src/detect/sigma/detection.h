/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `detection:` of a rule as an expression: search identifiers (maps, lists, keywords), values
 * with their modifiers, and the condition over them.
 */
#pragma once

#include "detect/sigma/expression.h"
#include "detect/sigma/field.h"
#include "detect/sigma/problem.h"

struct placeholders;

/* What a rule is read into. */
struct reader {
	struct document document;
	struct fields *names;
	struct predicates *predicates;
	struct placeholders *placeholders;
	unsigned expanding; /* placeholders of one value */
	bool waits; /* some placeholder has no value yet: the document is to be read again */
};

/* One search identifier. */
struct selection {
	const struct yaml *key;
	struct expression *expression;
	bool used;
};

/* The expression of a detection, NULL after a mistake was noted. */
struct expression *detection_read(struct reader *reader, const struct yaml *detection);

/* One map, list or keyword (selection.c). */
struct expression *selection_read(struct reader *reader, const struct yaml *key);

/* One condition text over the selections (condition.c). */
struct expression *condition_read(struct reader *reader, const struct yaml *condition,
	struct selection *selections, size_t n);

/* One value of a field under the modifiers of its key (term.c). */
struct modifiers;
struct expression *term_read(struct reader *reader, const struct modifiers *modifiers,
	uint32_t field, const struct yaml *value);
