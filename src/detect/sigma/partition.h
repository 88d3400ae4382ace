/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition: the rules that one kind of event can meet, compiled for it. Rules hang on the
 * cheapest plain texts of which one must be there; only those whose text was found, and the few
 * without any, run their program.
 */
#pragma once

#include "detect/sigma/literals.h"
#include "detect/sigma/rule.h"

/* One field, looked at in one form. */
struct lane {
	uint32_t field;
	enum view view;
	struct literals *literals;
	size_t shortest; /* bytes of a value that can have any of them, at least */
};

struct partition {
	uint64_t *set; /* the logsources it is for */
	int64_t event_id; /* the rules ask for no other; NUMBER_NONE: for any id */
	uint32_t rule_count;
	uint32_t *global; /* predicate of each local number: the plain ones */
	uint32_t local_count;
	struct lane *lanes;
	uint32_t lane_count, lane_size;
	uint32_t *watch_start,
		*watch; /* rules that hang on local number i: watch[watch_start[i]] .. */
	uint32_t *always; /* rules that hang on nothing */
	uint32_t always_count;
	bool keywords; /* some rule asks for values of any field */
};

/* All that is known of a set of rules when it is compiled. */
struct rule_set {
	struct sigma_rule **at;
	size_t n, size;
	struct predicates predicates;
	struct fields names;
	struct sources sources;
	struct program *programs; /* of each rule, side by side */
	int least_level; /* rules below it are left out */
	uint64_t *ids_matter; /* logsources of which some rule matches certain event ids only */
};

/* Whether the rule is of the least level that is wanted; one of a level that nobody knows is. */
bool rule_is_severe(const struct rule_set *set, const struct sigma_rule *rule);

static inline bool has_source(const uint64_t *sources, uint32_t source)
{
	return sources[source / 64] >> source % 64 & 1;
}

struct partition *partition_new(const struct rule_set *set, const uint64_t *sources,
	int64_t event_id);

/* Whether some rule with one of the logsources matches events of certain ids only. */
bool source_asks_id(const struct rule_set *set, const uint64_t *sources);
void partition_free(struct partition **partition);
