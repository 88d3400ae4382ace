/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that implement rules.h share. */
#pragma once

#include "detect/sigma/binding.h"
#include "detect/sigma/match.h"
#include "detect/sigma/routes.h"

struct rules {
	struct arena arena, scratch;
	struct problems problems;
	struct rule_set set;
	struct partitions partitions;
	struct binding *bindings; /* for each field name */
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
