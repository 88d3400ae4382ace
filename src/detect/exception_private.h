/* SPDX-License-Identifier: Apache-2.0 */
/* What the set of rules keeps of its exceptions. */
#pragma once

#include "detect/exception.h"
#include "detect/sigma/rule.h"

struct rule_exception {
	struct exception exception; /* first */
	struct program program;
	struct text_list rules; /* titles or ids; none: any */
	const struct yaml *rules_node;
};

/* Those of one rule. */
struct exception_link {
	const struct rule_exception *exception;
	struct exception_link *next;
};

struct exceptions {
	struct rule_exception **at;
	size_t n, size;
};

/* Whether the document is an exception. */
bool exception_is(const struct yaml *root);

/* Reads it; mistakes are noted. */
void exception_read(struct reader *reader, struct exceptions *exceptions, const struct yaml *root);

/* Hangs the exceptions on the rules they name; one that names no rule of the set is a problem. */
void exceptions_apply(struct exceptions *exceptions, struct sigma_rule **rules, size_t n,
	struct problems *problems, struct arena *arena);

void exceptions_clear(struct exceptions *exceptions);
