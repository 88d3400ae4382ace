/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domains: the keys of all ends of a name in one pass from its end to its beginning, so that a
 * name is found with all that stands above it.
 */
#pragma once

#include "intel/indicators.h"

enum { DOMAIN_MAX = 253 };

struct domain {
	struct text name; /* as it was given, without a dot at the end */
	size_t probes;
	/* what is to be looked up: the last `lengths[i]` bytes, with their key; the whole name is
	   the last, shorter ones come before it */
	uint16_t lengths[DOMAIN_PROBES];
	uint64_t keys[DOMAIN_PROBES];
};

/*
 * Any text of at most DOMAIN_MAX bytes as a domain; false if it is empty or longer. Whether it is
 * one is not asked: what is none is not found.
 */
bool domain_split(struct text text, uint64_t seed, struct domain *domain);

/* The key of a whole name, at most DOMAIN_MAX bytes. */
uint64_t domain_key(uint64_t seed, struct text name);

/* Whether the last `n` bytes of a name are, in lower case, that one. */
bool domain_ends(const struct domain *domain, size_t n, struct text lower);

/*
 * Whether it may stand in a set: two labels or more, of 1 to 63 letters, digits, '-' and '_', the
 * last with a letter (RFC 1035, RFC 2181).
 */
bool domain_is_valid(struct text text);
