/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of correlations, collected from all logs and put in the order of time, and what they say
 * together.
 *
 * At most COLLECT_MAX of them wait at a time: when there are more, the older half of them is
 * judged. Logs that go on before that time are then late; what is late counts only where windows
 * still stand, and its number is told.
 */
#pragma once

#include "cli/scan/finding.h"
#include "detect/correlation/correlator.h"
#include "import/format.h"

enum { COLLECT_MAX = 1 << 20 };

/* One member, as it was found in a log. */
struct member {
	struct member *next;
	struct correlation_hit hit; /* .event: the line or the record id */
	struct text host;
};

struct collection;

/* `found` is called with what is satisfied, as a finding about its last event. */
struct collection *collection_new(const struct rules *rules,
	void (*found)(void *context, const struct finding *finding), void *context);
void collection_free(struct collection **collection);

/* Copies what it keeps. */
void collection_take(struct collection *collection, const struct log_file *file,
	const struct member *member);

/* All logs were read: judges what waits. */
void collection_end(struct collection *collection);

/* What could not be judged fairly, since the beginning. */
struct collection_losses {
	uint64_t undated; /* members without a time */
	uint64_t late; /* older than what was judged before */
	uint64_t groups, events; /* see struct correlator_losses */
};
struct collection_losses collection_losses(const struct collection *collection);
