/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Correlations: what several events say together. A correlation is a rule of the set with its own
 * number, which no single event matches. Whoever asks about events takes from each match what the
 * correlations need of it (correlation_hits), and gives it, in the order of time, to a correlator
 * (correlator.h).
 */
#pragma once

#include "detect/rules.h"

enum correlation_type {
#define CORRELATION(name, field, sentence) CORRELATION_##name,
#include "detect/correlation/type.def"
#undef CORRELATION
	CORRELATIONS
};

enum { CORRELATION_BOUNDS = 2, CORRELATION_MEMBERS_MAX = 32, CORRELATION_FIELDS_MAX = 8 };

struct correlation;

/* One event that is a member of a correlation. */
struct correlation_hit {
	const struct correlation *correlation;
	unsigned member; /* which of its rules matched */
	event_time time;
	uint64_t event; /* by which the caller knows the event again */
	struct text key; /* the values it is grouped by, each behind its length */
	struct text value; /* of value_count: the values that are counted */
	double number; /* of the others with a field */
	bool goes_on; /* it begins nothing: it counts where its group is already */
};

/*
 * Whether this rule is a correlation, or is a member of one; and whether what it matches is to be
 * told: members are not, unless their correlation says so or they deny or kill; nor is what is
 * below rules_least.
 */
bool rule_is_correlation(const struct rule *rule);
bool rule_is_member(const struct rule *rule);
bool rule_is_told(const struct rules *rules, const struct rule *rule);

/* Whether there are any. */
bool rules_correlate(const struct rules *rules);

/*
 * For the last event that the matcher was asked about, which `rule` matched: calls `each` for
 * every correlation that it is a member of. An event without one of the values that are asked for
 * is in no group. Texts are valid until the matcher is asked again.
 */
void correlation_hits(struct matcher *matcher, const struct rule *rule, event_time time,
	uint64_t event, void (*each)(void *context, const struct correlation_hit *hit),
	void *context);

/* What it is about, for people: "event_count". */
const char *correlation_type_name(const struct correlation *correlation);

/* Calls `each` with name and value of what a key groups by, as "User" and "root". */
void correlation_key_each(const struct correlation *correlation, struct text key,
	void (*each)(void *context, struct text name, struct text value), void *context);

/* The same as "User=root, SourceIp=203.0.113.5", at most CORRELATION_SHOWN bytes. */
enum { CORRELATION_SHOWN = 400 };
struct text correlation_key_text(const struct correlation *correlation, struct text key,
	struct arena *arena);
