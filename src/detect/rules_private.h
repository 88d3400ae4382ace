/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that implement rules.h share. */
#pragma once

#include "detect/sigma/binding.h"
#include "detect/sigma/match.h"

struct rules {
	struct arena arena, scratch;
	struct problems problems;
	struct rule_set set;
	struct matcher matcher;
	struct row row;
	struct binding *bindings; /* for each field name */
	/*
	 * other names of a field in recorded events: aliases[alias_start[i]] ..
	 * aliases[alias_start[i + 1] - 1]
	 */
	uint32_t *alias_start, *aliases, alias_fields, alias_count, alias_size;
	struct partition *kinds[EVENT_KINDS]; /* NULL: no rule can match */
	bool keywords; /* some rule asks for values of any field */
	struct source assumed; /* of events of unknown source */
	bool assumes, compiled;
	uint64_t unrouted;
	bool kind_known; /* of the record at hand: what is not set in it, is false */
};

/* Empties the set of logsources of the event at hand. */
static inline void sources_forget(struct rules *rules)
{
	memset(rules->matcher.sources, 0,
		source_words(&rules->set.sources) * sizeof *rules->matcher.sources);
}
