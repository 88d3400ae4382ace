/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routing: which rules an event meets. Rules are grouped by their logsource; the answer is a set
 * of those groups, as bits. Windows events go by channel and id (logsource.def), typed events by
 * their kind (event/kind.def), others by the logsource they state; an event whose source nobody
 * knows meets the rules whose logsource stands in no table.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "event/record.h"

enum { SOURCES_MAX = 4096 };

struct sources {
	struct logsource *at;
	uint32_t n, size;
	struct arena arena;
};

void sources_clear(struct sources *sources);

/*
 * The number of a rule's logsource, a new one if it is not known yet; UINT32_MAX if there are too
 * many.
 */
uint32_t sources_intern(struct sources *sources, const struct logsource *source);

/* Words of a set of sources. */
static inline uint32_t source_words(const struct sources *sources)
{
	return (sources->n + 63) / 64;
}

/* The sets are zeroed by the caller; each of these adds what an event meets. */
void route_stated(const struct sources *sources, const struct logsource *event, uint64_t *set);
void route_kind(const struct sources *sources, enum event_kind kind, uint64_t *set);
/* Of rules for the Linux audit daemon and nothing else. */
void route_audit(const struct sources *sources, uint64_t *set);
void route_unknown(const struct sources *sources, uint64_t *set);

/* `has` tells whether the event has that value in that field. */
void route_windows(const struct sources *sources, struct text channel, int64_t id,
	bool (*has)(void *context, struct text field, struct text value), void *context,
	uint64_t *set);

/* The fields that have other names in an event of that channel and id: calls `each` for them. */
void route_renames(struct text channel, int64_t id,
	void (*each)(void *context, struct text to, struct text from), void *context);

/* Names that some Windows source asks or renames, to be known as fields. */
void route_fields(void (*each)(void *context, struct text name), void *context);
