/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a YARA source text, one after the other: name, strings, condition. What stands
 * between rules (import, include) is passed over, meta too.
 *
 *	while ((rule = yara_rule_next(&scanner, &arena)))
 */
#pragma once

#include "detect/yara/condition.h"

enum yara_modifier {
	YARA_nocase = 1,
	YARA_wide = 2,
	YARA_ascii = 4,
	YARA_base64 = 8, /* base64wide too */
};

struct yara_pattern {
	struct yara_token name; /* $a */
	struct yara_token value; /* YARA_text, YARA_regex or YARA_hex */
	unsigned modifiers; /* of enum yara_modifier */
	bool used;
	struct yara_pattern *next;
	struct yara_pattern *same; /* another one whose name has the same hash */
};

/* YARA allows no more strings in a rule; what comes after is left out. */
enum { YARA_STRINGS_MAX = 10000, YARA_NAMES = 256 };

struct yara_rule {
	struct yara_token name;
	struct yara_pattern *strings;
	struct yara_pattern *named[YARA_NAMES]; /* by the hash of the name */
	size_t n; /* strings, at most YARA_STRINGS_MAX */
	struct yara_node *condition; /* NULL if it was not understood, or there is none */
	struct yara_member *sets; /* each $x* that the condition names */
};

/* The next rule, NULL when there is none. The scanner is left behind it. */
struct yara_rule *yara_rule_next(struct yara_scanner *scanner, struct arena *arena);

/* The string of that name ($a, #a, @a, !a), NULL if there is none. */
struct yara_pattern *yara_pattern_find(const struct yara_rule *rule, struct text name);

/* Whether a member of a set ($a, $a*) means the string. */
bool yara_member_fits(struct text member, struct text string);
