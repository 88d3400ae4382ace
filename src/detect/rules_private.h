/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that implement rules.h share. */
#pragma once

#include "detect/correlation/plan.h"
#include "detect/exception_private.h"
#include "detect/filter_private.h"
#include "detect/sigma/audit.h"
#include "detect/sigma/binding.h"
#include "detect/sigma/match.h"
#include "detect/sigma/placeholder.h"
#include "detect/sigma/routes.h"

struct mapping {
	char *at; /* NULL: none */
	size_t n;
};

/* A document that changes what rules do, or a rule that waits: kept as written. */
struct other_document {
	struct text file, yaml;
	unsigned line;
	size_t first_problem, problems; /* that it has */
	bool waits; /* for values of placeholders: it is read again before compiling */
};

struct other_documents {
	struct other_document *at;
	size_t n, size;
};

struct rules {
	struct arena arena, scratch;
	struct problems problems;
	struct rule_set set;
	struct exceptions exceptions;
	struct correlations correlations;
	struct filters filters;
	struct placeholders placeholders;
	struct other_documents others;
	struct mapping image; /* that texts lie in, if they were read from one */
	struct partitions partitions;
	struct binding *bindings; /* for each field name */
	struct audit_field *audit_fields; /* likewise, in records of the audit daemon */
	const struct partition *audit; /* of rules about those; NULL: there is none */
	/*
	 * other names of a field in recorded events: aliases[alias_start[i]] ..
	 * aliases[alias_start[i + 1] - 1]
	 */
	uint32_t *alias_start, *aliases, alias_fields, alias_count, alias_size;
	const struct partition *kinds[EVENT_KINDS]; /* NULL: no rule can match */
	bool keywords; /* some rule asks for values of any field */
	bool compiled;
	struct logsource assumed; /* of records of unknown source */
	bool assumes;
	struct matcher *own; /* of whoever asks without one */
};

/* Takes a rule into the set. */
void rule_keep(struct rules *rules, struct sigma_rule *rule);

/* Reads a document that others[] had. */
void document_again(struct rules *rules, const struct other_document *document);

/*
 * Finds the members of the correlations, which become rules of the set; those that lack one are
 * refused.
 */
void correlations_resolve(struct rules *rules);

/* Empties the set. */
void rules_restart(struct rules *rules);

const struct rules *matcher_rules(const struct matcher *matcher);
struct row *matcher_row(struct matcher *matcher);

/* Takes the record in without asking, and tells whether it would meet the rule. */
bool matcher_meets(struct matcher *matcher, const struct record *record,
	const struct sigma_rule *rule);

/* Runs a program about the last event of a matcher, whether its texts were looked for or not. */
bool matcher_asks(struct matcher *matcher, const struct program *program);
