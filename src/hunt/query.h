/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question about events that are kept, as people write it (docs/hunt.md says how), and as a
 * tree that every executor understands.
 *
 *	struct hunt_query *query = query_parse(text, now, &arena, &mistake);
 *
 *	process.name = curl and destination.ip cidr 192.0.2.0/24 and last 2h | count by user.name
 *
 * Names are those of an event's JSON, or their Sigma names. The words are those of KQL and EQL
 * where these have one; `:` compares as KQL does (without case, with * and ?).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "event/event.h"

enum {
	HUNT_DEPTH = 64, /* parentheses, brackets and `not` inside of each other */
	HUNT_TERMS = 4096, /* comparisons in one question */
	HUNT_VALUES = 4096, /* values of one `in` */
	HUNT_STEPS = 8, /* events of a sequence */
	HUNT_KEYS = 8, /* fields of `by` */
	HUNT_FIELDS = 32, /* of `fields` */
	HUNT_SETS = 16, /* `descendant of`, `ancestor of` */
};

/* Whose value is meant. */
enum hunt_owner {
	OWNER_time, /* @timestamp */
	OWNER_kind, /* event.kind */
	OWNER_action, /* event.action */
	OWNER_sequence, /* event.sequence */
	OWNER_source, /* event.source */
	OWNER_via, /* event.via */
	OWNER_truncated, /* event.truncated */
	OWNER_event, /* a field of one of its objects */
	OWNER_parent, /* the same of the parent */
	OWNER_ancestors, /* the same of each of those above; any of them counts */
};

struct hunt_field {
	enum hunt_owner owner;
	const struct field *field; /* NULL where the owner says it all */
	enum field_type type; /* of its value, or of each of them */
	struct text name; /* as the JSON has it */
};

enum hunt_op {
	OP_equal, /* the same bytes; of a number its value */
	OP_unequal, /* everything else, and what has no value */
	OP_less,
	OP_at_most,
	OP_more,
	OP_at_least,
	OP_like, /* without case, * and ? are wildcards */
	OP_contains, /* without case, likewise the next two */
	OP_starts,
	OP_ends,
	OP_matches, /* a regular expression (PCRE2) is found in it */
	OP_in, /* equal to one of them */
	OP_cidr, /* an address in one of the networks */
	OP_exists, /* it has a value */
};

struct hunt_value {
	struct text text; /* without case where the operator is */
	int64_t number; /* of a number, a time, a flag */
	const void *made; /* struct pattern, struct regex, struct cidr; NULL where there is none */
};

enum hunt_kind { EXPR_and, EXPR_or, EXPR_not, EXPR_compare, EXPR_descendant, EXPR_ancestor };

struct hunt_expr {
	enum hunt_kind kind;
	struct hunt_expr *first, *next; /* operands; the next operand of the one above */
	/* of EXPR_compare */
	struct hunt_field field;
	enum hunt_op op;
	const struct hunt_value *values;
	size_t count;
	/* of EXPR_descendant and EXPR_ancestor: the number of its set; `first`: who is meant */
	unsigned set;
};

struct hunt_sequence {
	struct hunt_field by[HUNT_KEYS]; /* their values are the same in all steps */
	size_t by_count;
	int64_t within; /* ns from the first to the last; 0: any time */
	const struct hunt_expr *steps[HUNT_STEPS];
	size_t step_count;
	const struct hunt_expr *until; /* ends what has begun; NULL: nothing does */
};

enum hunt_stage_kind {
	STAGE_first, /* n events; behind a table, rows */
	STAGE_last,
	STAGE_fields, /* only these, as a table */
	STAGE_count, /* how many, by the values of fields */
	STAGE_top, /* the n most frequent values of a field */
	STAGE_rare, /* the n least frequent */
	STAGE_timeline, /* how many in each span of time */
};

struct hunt_stage {
	enum hunt_stage_kind kind;
	struct hunt_stage *next;
	int64_t n; /* of events or rows; ns of a span, 0: chosen by what there is */
	struct hunt_field fields[HUNT_FIELDS];
	size_t field_count;
};

struct hunt_query {
	event_time from, to; /* both included; 0: open */
	const struct hunt_expr *filter; /* NULL: all events */
	const struct hunt_sequence *sequence; /* NULL: none; there is no filter beside it */
	const struct hunt_stage *stages;
	const struct hunt_expr *sets[HUNT_SETS]; /* EXPR_descendant, EXPR_ancestor, by number */
	unsigned set_count;
	struct regex **regexes; /* all of them, for query_clear */
	size_t regex_count;
};

/* Where a question is not understood: byte and length in its text, and what to write instead. */
struct hunt_mistake {
	size_t at, n;
	char sentence[256];
};

/*
 * Reads a question. Everything lives in the arena, but for the regular expressions, which
 * query_clear gives back. NULL with a mistake.
 */
struct hunt_query *query_parse(
	struct text text, event_time now, struct arena *arena, struct hunt_mistake *mistake);
void query_clear(struct hunt_query *query);

/* The field of that name; false if there is none. */
bool hunt_field_find(struct text name, struct hunt_field *field);

/*
 * "30s", "5m", "2h", "1d", "2w": nanoseconds; false if it is none of these, or more than 100
 * years.
 */
bool hunt_duration(struct text text, int64_t *duration);
