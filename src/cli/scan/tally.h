/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a scan amounts to: which logs were read, what was found by rule, host, technique and time,
 * what was left out; and the report that says it on one screen.
 */
#pragma once

#include <stdio.h>

#include "cli/scan/counts.h"
#include "cli/scan/finding.h"
#include "cli/scan/histogram.h"
#include "import/format.h"

enum { TALLY_FORMATS = 32, TALLY_SHOWN = 8 };

struct rule_tally {
	const struct rule *rule;
	uint64_t n;
	event_time first, last; /* NUMBER_NONE: no time was known */
	struct text host; /* the first; */
	bool other_hosts; /* there are more */
};

/* Files or places of which something is to be said: the first few, and how many. */
struct mention {
	struct text texts[TALLY_SHOWN];
	uint64_t n;
};

struct tally {
	const struct rules *rules;
	struct rule_tally *by_rule; /* by number, those of indicators behind */
	size_t rule_count; /* of by_rule */
	struct counts hosts, techniques, levels;
	struct histogram when;
	uint64_t events, detections, events_hit, damaged;
	event_time first, last;
	struct {
		uint64_t files, events;
	} by_format[TALLY_FORMATS];
	char *last_file; /* that was read: for counting files */
	uint64_t unrouted, records_lost;
	uint64_t *expected; /* detections, by exception */
	struct mention unknown, lost, remarks, failed;
	struct arena arena;
};

void tally_init(struct tally *tally, const struct rules *rules);
void tally_clear(struct tally *tally);

void tally_read(struct tally *tally, const struct log_file *file, const struct format *format,
	uint64_t events);
void tally_finding(struct tally *tally, const struct finding *finding);
/* Something was left out, or is to be said. */
void tally_mention(struct tally *tally, struct mention *mention, struct text what);

/*
 * The whole report, of at most `rows` rules; `colour`: for a terminal that has it; `seconds`: how
 * long it took, negative if that is not to be said.
 */
void tally_report(struct tally *tally, FILE *out, size_t rows, bool colour, double seconds);

/* One line for the error channel: events, detections, what was left out. */
void tally_line(const struct tally *tally, FILE *out);
