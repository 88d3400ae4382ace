/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that no program of this host should talk to. A file holds one value per line, '#'
 * begins a comment; values are IPv4 and IPv6 addresses.
 *
 *	indicators_add(indicators, name, bytes, on_problem, context);
 *	indicators_ready(indicators);
 *	const struct indicator *known = indicators_find(indicators, address);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "event/event.h"

enum { INDICATORS_MAX = 65536 };

struct indicator {
	struct address address;
	struct text file, comment; /* what the line says behind '#' */
	unsigned line;
};

struct indicators {
	struct indicator *at;
	size_t n, size;
	struct arena arena;
};

/*
 * Reads one file; each bad line goes to `problem` as a sentence with file and line, and is
 * skipped.
 */
void indicators_add(struct indicators *indicators, struct text file, struct text bytes,
	void (*problem)(void *context, const char *sentence), void *context);

/* Sorts; after it indicators_add must not be called. */
void indicators_ready(struct indicators *indicators);

const struct indicator *indicators_find(
	const struct indicators *indicators, struct address address);
void indicators_clear(struct indicators *indicators);
