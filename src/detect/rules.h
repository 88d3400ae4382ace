/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of Sigma rules, compiled, and asked about one event after the other.
 *
 *	struct rules *rules = rules_new();
 *	rules_add(rules, "web/shell.yml", yaml);	// problems are kept, see rules_problem
 *	rules_compile(rules);
 *	struct matcher *matcher = matcher_new(rules);	// one for each thread
 *	n = matcher_event(matcher, event, hits, array_size(hits));
 *
 * Sources: Sigma specification 2.1 (sigma-rules-specification, sigma-modifiers-appendix); where it
 * is silent, the decisions of docs/sigma.md.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "event/record.h"

enum rule_action { ACTION_none, ACTION_deny, ACTION_kill };

/* What is known of a rule besides what it matches. All texts live as long as the rules. */
struct rule {
	struct text id, title, description, level, status, file;
	unsigned line; /* where its document begins in the file, from 1 */
	struct text product, category, service; /* of its logsource; no text where not given */
	struct text_list tags, techniques /* "T1059.004" */, tactics /* "execution" */, references,
		false_positives;
	enum rule_action action; /* saker: {action: ...} */
	bool names_protected; /* its conditions name init, sshd or a package manager by path or
				 name */
	unsigned number; /* index in the set */
};

/* A mistake in a rule: where, what, and what to write instead. */
struct rule_problem {
	struct text file;
	unsigned line, column; /* from 1 */
	bool fatal; /* the rule was refused; else a warning */
	struct text sentence; /* lower case, no full stop, with the remedy */
};

struct rules;

struct rules *rules_new(void);
/* Whether some rule can match events of that kind. */
bool rules_ask(const struct rules *rules, enum event_kind kind);
void rules_free(struct rules **rules);

/*
 * Reads all documents of one YAML file (at most 4 MiB). A broken document is refused, the others
 * load. `file` is how problems and rules name it. Returns the number of rules that were added.
 */
size_t rules_add(struct rules *rules, const char *file, struct text yaml);

/* Builds the matchers; after it rules_add must not be called. */
void rules_compile(struct rules *rules);

/*
 * What events of unknown source are taken for (any may be NULL). Without it they meet the rules
 * whose logsource stands in no table. Before the first matcher is made.
 */
void rules_assume(struct rules *rules, const char *product, const char *category,
	const char *service);

/*
 * Only rules of at least this level ("informational" to "critical"; a rule without one counts as
 * medium) match. Before rules_compile. -1 if there is no such level.
 */
int rules_least(struct rules *rules, const char *level);

size_t rules_count(const struct rules *rules);
const struct rule *rules_get(const struct rules *rules, size_t i);
size_t rules_problems(const struct rules *rules);
const struct rule_problem *rules_problem(const struct rules *rules, size_t i);

/*
 * One thread's way of asking a compiled set; the set may be asked through several at the same
 * time, and must outlive them.
 */
struct matcher;
struct matcher *matcher_new(struct rules *rules);
void matcher_free(struct matcher **matcher);

/*
 * Which rules match a typed event (live, or read by event_read) or a record: at most `max` are
 * written to `hits`, in the order of their numbers; the return value is how many matched. Nothing
 * is allocated per event once warm.
 */
size_t matcher_event(struct matcher *matcher, const struct event *event, const struct rule **hits,
	size_t max);
size_t matcher_record(struct matcher *matcher, const struct record *record,
	const struct rule **hits, size_t max);

/* The same for one recorded event as JSON text of any shape. -1 with a sentence if it is none. */
int64_t matcher_json(struct matcher *matcher, struct text json, const struct rule **hits,
	size_t max, struct error *err);

/* How many records said nothing of their source while none was assumed. */
uint64_t matcher_unrouted(const struct matcher *matcher);

/* The same with a matcher that the rules keep themselves, for a program of one thread. */
size_t rules_match(struct rules *rules, const struct event *event, const struct rule **hits,
	size_t max);
int64_t rules_match_json(struct rules *rules, struct text json, const struct rule **hits,
	size_t max, struct error *err);
uint64_t rules_unrouted(const struct rules *rules);
struct matcher *rules_matcher(struct rules *rules);

/*
 * Runs the examples a rule carries under `saker: {tests: {match: [...], no_match: [...]}}` and
 * reports each that went wrong through `report`. Returns the number of examples run.
 */
struct rule_test_result {
	const struct rule *rule;
	size_t index; /* of the example in its list, from 1 */
	bool wanted; /* should have matched */
	bool matched;
};
size_t rules_test(struct rules *rules,
	void (*report)(void *context, const struct rule_test_result *result), void *context);
