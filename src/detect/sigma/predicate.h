/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A predicate: one question about one field of an event, true or false, shared by all rules that
 * ask it. Questions after plain texts are answered for all rules at once (literals.h); the others
 * only when a rule needs the answer.
 */
#pragma once

#include "detect/sigma/cidr.h"
#include "detect/sigma/mandatory.h"
#include "detect/sigma/pattern.h"
#include "detect/sigma/regex.h"

enum operation {
	OPERATION_equal, /* the first four: plain texts, answered by literals_find */
	OPERATION_starts,
	OPERATION_ends,
	OPERATION_contains,
	OPERATION_pattern, /* with wildcards inside */
	OPERATION_regex,
	OPERATION_cidr,
	OPERATION_exists, /* there, be it null */
	OPERATION_null, /* absent or null */
	OPERATION_present, /* there and not null */
	OPERATION_empty, /* the empty text */
	OPERATION_number, /* compared as a number */
	OPERATION_time, /* a part of a time, compared as a number */
	OPERATION_reference, /* compared with another field */
};

enum comparison { COMPARE_equal, COMPARE_lt, COMPARE_lte, COMPARE_gt, COMPARE_gte };

enum time_part { PART_minute, PART_hour, PART_day, PART_week, PART_month, PART_year };

/* In which form a field's value is looked at. */
enum view { VIEW_raw, VIEW_folded, VIEW_raw_dash, VIEW_folded_dash, VIEWS };

struct predicate {
	enum operation operation;
	enum view view;
	enum comparison comparison;
	enum time_part part;
	uint32_t field, other; /* other: of OPERATION_reference */
	enum operation place; /* of OPERATION_reference: equal, starts, ends, contains */
	struct text text; /* plain text, pattern or regular expression, in the form of the view;
			     identity */
	struct text written; /* the same before case was folded */
	struct pattern pattern;
	struct regex *regex;
	struct cidr cidr;
	long double number;
	uint32_t hints[MANDATORY_MAX]; /* plain texts of which one must be there too, where that is
					  known */
	uint8_t hint_count;
	uint32_t uses; /* how often rules ask it */
	bool common; /* true of very many events: an event id, a kind */
	bool switched_off; /* a regular expression that met its limit */
};

struct predicates {
	struct predicate *at;
	uint32_t n, size;
	uint32_t *table, table_size;
	struct arena arena;
};

void predicates_init(struct predicates *predicates);
void predicates_clear(struct predicates *predicates);

/*
 * The number of a predicate that asks the same, a new one if there is none. Its texts are copied,
 * its regex is taken over in both cases.
 */
uint32_t predicates_intern(struct predicates *predicates, const struct predicate *wanted);

/*
 * For a set whose predicates are known to be different: makes room for `n`, adds an empty one, and
 * when all are there makes them known to predicates_intern.
 */
void predicates_reserve(struct predicates *predicates, uint32_t n);
struct predicate *predicates_append(struct predicates *predicates);
void predicates_index(struct predicates *predicates);

static inline bool operation_is_plain(enum operation operation)
{
	return operation <= OPERATION_contains;
}

/* A number written in decimal that fills the whole text. */
bool number_read(struct text text, long double *number);

/* The part of a time written as "2015-09-26T10:00:00...", as it stands there; -1 if it is none. */
int time_part_read(struct text text, enum time_part part);

struct row;

/*
 * Answers a predicate that is not plain. `limit` is set if a regular expression met its limit just
 * now.
 */
bool predicate_test(struct predicate *predicate, struct row *row, bool *limit);
