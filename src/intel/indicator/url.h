/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs in the form in which they are compared (RFC 3986 section 6.2.2): scheme and host in lower
 * case, without user, default port and fragment; '/' where there is no path; %XX of unreserved
 * characters decoded, the digits of others in upper case. Their key begins at the host.
 */
#pragma once

#include "intel/indicators.h"

/* The host of a URL with or without a scheme, as it is written; no text if there is none. */
struct text url_host(struct text url);

struct url {
	char text[INDICATOR_VALUE_MAX];
	size_t n;
	size_t host; /* where the host begins: behind "://" */
};

/* False if it has no host, holds a blank or a control character, or is too long. */
bool url_normalise(struct text text, struct url *url);

/* Where the host begins in a normalised URL. */
size_t url_host_at(struct text normalised);

/* The key of a host in any case. */
uint64_t url_host_key(uint64_t seed, struct text host);
