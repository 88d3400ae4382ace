/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exception: when some rules match and this is true too, the detection is expected. It is not
 * lost: it carries the exception's name, and whoever shows detections leaves it out or not.
 * Exceptions are documents among the rules:
 *
 *	exception: the nightly backup reads shadow
 *	rules: [Read of the password file]	# titles or ids; or any
 *	match: {Image: /usr/bin/borg, User: root}	# as in a detection, may be a list of maps
 *	ancestors: [/usr/sbin/cron]	# one of them above the process
 *	container: 0123456789ab
 *	owner: alice
 *	reason: the backup keeps permissions
 *	expires: 2026-12-31	# the last day, UTC
 */
#pragma once

#include "detect/rules.h"

struct exception {
	struct text name, owner, reason, file;
	unsigned line;
	event_time expires; /* the first moment after it; NUMBER_NONE: never */
	bool expired; /* when it was read */
	size_t rule_count; /* that it is for */
};

size_t rules_exceptions(const struct rules *rules);
const struct exception *rules_exception(const struct rules *rules, size_t i);

/*
 * Of the last event that the matcher was asked about: the exception that makes the detection by
 * this rule, which matched it, an expected one; NULL if none does. `time`: of the event, or
 * NUMBER_NONE.
 */
const struct exception *matcher_exception(struct matcher *matcher, const struct rule *rule,
	event_time time);
/* The same of the matcher that the rules keep themselves, after rules_match. */
const struct exception *rules_match_exception(struct rules *rules, const struct rule *rule,
	event_time time);
