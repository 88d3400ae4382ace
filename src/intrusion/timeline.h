/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chronicle of what was found on a host: detections in order of time, each as a sentence with
 * its ancestry and what was done about it, and between them, at their place, what saker could not
 * see. The reports (report/report.h) only write down what is here.
 *
 *	struct timeline_query query = { .from = since };
 *	until_return(timeline_free) struct timeline *timeline = timeline_new(store, &query, &err);
 *	report_text(timeline, stdout);
 */
#pragma once

#include "intrusion/completeness.h"
#include "intrusion/tree.h"
#include "intrusion/words.h"

enum { TIMELINE_ENTRIES_MAX = 50000 };

enum timeline_what { ENTRY_detection, ENTRY_gap, ENTRY_notice };

struct timeline_entry {
	enum timeline_what what;
	const struct event *event;
	event_time time;
	struct text sentence; /* who did what, where; or what saker says */
	struct text ancestry; /* "systemd > apache2 > sh"; no text for what is no detection */
	struct text done; /* what was done about it; likewise */
	bool prevented;
	/*
	 * Entries that follow at once and say the same (rule, program, arguments, file, outcome)
	 * are told once in reports for people: the first has how many and until when, the others
	 * are `again`.
	 */
	size_t repeats;
	event_time until;
	bool again;
};

/* A rule that matched. */
struct timeline_rule {
	const struct event *event; /* of its first detection */
	size_t count, prevented;
};

/* An ATT&CK tactic that a detection names. */
struct timeline_tactic {
	struct text name;
	size_t count;
};

struct timeline {
	struct arena arena;
	struct text host; /* "an unknown host" where the store does not say */
	event_time from, to; /* what it covers: of the events that are there, or as asked */
	struct store_numbers numbers;
	struct completeness completeness;
	struct timeline_entry *entries;
	size_t n, detections, prevented, stopped_after /* killed after the act */;
	size_t left_out; /* detections beyond TIMELINE_ENTRIES_MAX */
	size_t levels[LEVEL_COUNT];
	struct timeline_rule
		*rules; /* most severe first, then in order of their first detection */
	size_t rule_count;
	struct timeline_tactic *tactics; /* in the order of an intrusion */
	size_t tactic_count;
	struct kin *kin;
	struct tree *tree; /* the paths to the detections */
};

struct timeline_query {
	event_time from, to; /* 0: open */
	const struct text *ids; /* only these: ids of detections (or their beginnings) or entity
				   ids; none: all */
	size_t id_count;
};

/* NULL with a sentence: the store refuses, or an id names nothing. `store` must outlive it. */
struct timeline *timeline_new(struct store *store, const struct timeline_query *query,
	struct error *err);
void timeline_free(struct timeline **timeline);

/* The first entry; 0 if there is none: times since the beginning are counted from there. */
event_time timeline_begin(const struct timeline *timeline);
