/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that names which are listed as hostile stood for, as DNS answers said. */
#pragma once

#include <stdbool.h>

#include "event/event.h"
#include "intel/indicators.h"

enum { RESOLVED_MAX = 512 };

struct resolved {
	struct resolved_address {
		struct address address; /* family 0: free */
		event_time until;
		struct indicator_hit hit; /* of the name */
	} at[RESOLVED_MAX];
	event_time looked; /* for what has ended */
};

/* Whether the address stands for a listed name now; `hit` gets the name's indicator. */
bool resolved_find(const struct resolved *resolved, const struct address *address, event_time now,
	struct indicator_hit *hit);

/*
 * Keeps an address until `until`. A place that another one had, which then must be allowed again,
 * is given in `left` (family 0: none). False if it was known already.
 */
bool resolved_keep(struct resolved *resolved, const struct address *address, event_time until,
	struct indicator_hit hit, struct address *left);
