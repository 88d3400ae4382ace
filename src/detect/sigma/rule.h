/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One detection rule, read from its YAML document: what is known of it, what it asks for, the
 * examples it carries.
 */
#pragma once

#include "detect/rules.h"
#include "detect/sigma/detection.h"
#include "detect/sigma/ids.h"
#include "detect/sigma/route.h"

struct rule_example {
	struct rule_example *next;
	struct text json; /* an event; of a correlation several, each on a line */
	bool wanted; /* the rule must match it */
	size_t index; /* in its list, from 1 */
};

struct sigma_rule {
	struct rule rule; /* first, so that one can be made of the other */
	uint32_t source; /* its logsource, a number of struct sources */
	struct expression *expression;
	struct text name; /* by which correlations may call it */
	struct correlation *correlation; /* that it is; NULL: a rule about single events */
	struct membership *memberships; /* of correlations that it is a member of */
	bool told; /* though it is a member: some correlation generates it */
	struct exception_link *exceptions; /* that make its detections expected ones */
	struct id_list ids; /* the event ids it can match; none: any */
	struct rule_example *examples, *examples_last;
};

/*
 * Reads a document into a rule, which lives in the reader's arena. NULL if it was refused (the
 * mistakes were noted), or is no detection rule.
 */
struct sigma_rule *rule_read(struct reader *reader, struct sources *sources,
	const struct yaml *root);

/* 0 for "informational" to 4 for "critical"; one that is not given is "medium"; -1: no level. */
int rule_level(struct text level);

/* Title, id, level, tags and what else is said about a rule of any kind. */
void rule_about_read(struct reader *reader, struct sigma_rule *rule, const struct yaml *root);

/* Whether a correlation or a filter means it: by id, name or title. */
bool rule_is_named(const struct sigma_rule *rule, struct text name);

/* The text under a key, no text where there is none; and a list of texts, or one text. */
struct text yaml_text_get(struct reader *reader, const struct yaml *map, const char *key);
struct text_list yaml_texts_get(struct reader *reader, const struct yaml *map, const char *key);
struct text_list yaml_texts_of(struct reader *reader, const struct yaml *value, const char *key);

/* Doubts keys of a map that are none of those known, and proposes the nearest. */
void map_keys_check(struct reader *reader, const struct yaml *map, const char *where,
	const struct text *known, size_t n);

/* The `saker:` key of a rule (extension.c). */
void extension_read(struct reader *reader, struct sigma_rule *rule, const struct yaml *extension);

/*
 * Whether what the rule asks for names init, sshd or a package manager as the program
 * (extension.c).
 */
bool expression_names_protected(const struct expression *expression,
	const struct predicates *predicates, const struct fields *names);
