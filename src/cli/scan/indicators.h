/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records asked for indicators: the values of all fields of a recorded event that look like a
 * hash, an address, a domain, a URL, a path or an e-mail address, and those whose field says what
 * they are (user agents).
 *
 *	struct record_hit hits[8];
 *	size_t n = indicators_scan_record(set, record, now, hits, 8);
 */
#pragma once

#include "detect/rules.h"
#include "intel/indicators.h"

struct record_hit {
	const struct record_name *field;
	struct text value; /* the part of the field's value that the indicator is about */
	struct indicator_hit hit;
	struct indicator indicator; /* its texts live as long as the set */
};

/*
 * What matches at the record's time, or at `now` (nanoseconds since 1970) if it does not say when
 * it was; at most `max`, each indicator once. Allocates nothing; a set may be asked by any number
 * of threads.
 */
size_t indicators_scan_record(const struct indicators *set, const struct record *record,
	int64_t now, struct record_hit *hits, size_t max);

/*
 * How a hit is told: as a detection by a rule of its own for each type, whose number is behind
 * those of the rules. The pointers live as long as the program.
 */
void indicator_rules_init(const struct rules *rules);
const struct rule *indicator_rule(enum indicator_type type);
