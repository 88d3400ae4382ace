/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters: documents that narrow what other rules match, without changing their files (Sigma
 * specification 2.1, filters).
 */
#pragma once

#include "detect/sigma/partition.h"
#include "detect/sigma/rule.h"

struct filter {
	struct text title, file;
	unsigned line;
	struct logsource source; /* that the rules must have, where it says so */
	struct text_list rules; /* ids, names or titles; none: any of that source */
	struct expression *expression;
};

struct filters {
	struct filter **at;
	size_t n, size;
};

bool filter_is(const struct yaml *root);

/* Reads a document; mistakes are noted. */
void filter_read(struct reader *reader, struct filters *filters, const struct yaml *root);

/* Joins what each filter asks to what its rules ask; names the filters that have no rule here. */
void filters_apply(const struct filters *filters, const struct rule_set *set,
	struct problems *problems, struct arena *arena);

void filters_clear(struct filters *filters);
