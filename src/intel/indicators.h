/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indicators: values that are known to belong to intrusions (hashes, addresses, domains, URLs,
 * paths), each with who says so and until when. A set of them is one piece of memory without
 * pointers, made by feeds.h: a file that is mapped, however large, or bytes in memory.
 *
 *	until_return(indicators_close) struct indicators *set = indicators_open(path, &err);
 *	struct indicator_hit hits[4];
 *	size_t n = indicator_find_domain(set, TEXT("www.example.org"), event->time, hits, 4);
 *
 *	for (size_t i = 0; i < n; i++)
 *		indicator_read(set, hits[i], &indicator);
 *
 * To find: no function here allocates or fails; a set may be asked by any number of threads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum indicator_type {
#define INDICATOR(name, ...) INDICATOR_##name,
#include "intel/indicator.def"
#undef INDICATOR
	INDICATOR_TYPES
};

enum tlp {
#define TLP(name, ...) TLP_##name,
#include "intel/tlp.def"
#undef TLP
	TLP_unknown
};

/* "sha256", "ipv4_range"; and what that is. */
extern const char *const indicator_names[INDICATOR_TYPES];
extern const char *const indicator_sentences[INDICATOR_TYPES];
extern const char *const tlp_names[TLP_unknown + 1];

/* A time that is not known, or that does not matter; else nanoseconds since 1970. */
#define INDICATOR_NO_TIME INT64_MIN

enum {
	INDICATOR_TEXT = 128, /* bytes for the text of a value that is no text itself */
	INDICATOR_VALUE_MAX = 4096, /* bytes of a value that is a text */
	DOMAIN_PROBES = 8,
};

struct indicators;

/* One indicator of a set. */
struct indicator_hit {
	enum indicator_type type;
	uint32_t number; /* from 0, below indicators_count(set, type) */
};

/* All that is known of one. Texts live as long as the set; those not known have no text. */
struct indicator {
	struct text source; /* who says so: as the feed says, else the feed's name */
	struct text file; /* where it was read, with its line (0: not known) */
	unsigned line;
	struct text label; /* the threat: a name of malware, of a campaign */
	struct text reference, comment;
	int confidence; /* 0 to 100, -1: not known */
	enum tlp tlp;
	int64_t valid_from, expires; /* INDICATOR_NO_TIME: not known, never; exact to the second */
};

/*
 * Maps a set that feeds_compile wrote. What its head says is checked against its size; what is
 * behind, where it is used: a damaged set finds wrong things or nothing, and harms nobody. The
 * file must not be cut while it is mapped. NULL with a sentence.
 */
struct indicators *indicators_open(const char *path, struct error *err);

/*
 * The same of bytes that were allocated with malloc; the set owns them, also where it refuses
 * them.
 */
struct indicators *indicators_from_memory(void *bytes, size_t n, struct error *err);
void indicators_close(struct indicators **set);

/* True if the bytes, or those of the file, begin as a compiled set does. */
bool indicators_are_compiled(struct text head);
bool indicators_file_is_compiled(const char *path);

/* Reads all of it and compares with the sum that was written with it. -1 with a sentence. */
int indicators_verify(const struct indicators *set, struct error *err);

size_t indicators_count(const struct indicators *set, enum indicator_type type);
size_t indicators_bytes(const struct indicators *set);

/* How many of a type have expired at that time. Reads all of them. */
size_t indicators_expired(const struct indicators *set, enum indicator_type type, int64_t now);

void indicator_read(const struct indicators *set, struct indicator_hit hit,
	struct indicator *indicator);

/* Its value, written into `buffer` (INDICATOR_TEXT bytes) where it is no text itself. */
struct text indicator_value(const struct indicators *set, struct indicator_hit hit, char *buffer);

/* Its value in binary, as indicator.def says: a range is an address and a length. */
const uint8_t *indicator_bytes(const struct indicators *set, struct indicator_hit hit);

/*
 * Those that match the value, at most `max`; returns how many. Those that have expired at `now`
 * never match: that is the event's time if it is known, else the present; with INDICATOR_NO_TIME
 * nothing has expired. When an indicator became valid is not asked, since intrusions are older
 * than what is written about them.
 */

/* An address of family 4 or 6 in network order: itself, and the ranges around it, narrow first. */
size_t indicator_find_address(const struct indicators *set, int family, const uint8_t *bytes,
	int64_t now, struct indicator_hit *hits, size_t max);

/* The bytes of a hash of that type, as many as it has. */
size_t indicator_find_hash(const struct indicators *set, enum indicator_type type,
	const uint8_t *bytes, int64_t now, struct indicator_hit *hits, size_t max);

/*
 * A domain and those above it by label: the whole name, then its last 2 to 8 labels, longest
 * first, at most DOMAIN_PROBES in all. Case does not count, nor does a dot at the end.
 */
size_t indicator_find_domain(const struct indicators *set, struct text domain, int64_t now,
	struct indicator_hit *hits, size_t max);

/*
 * A URL, compared in the form that url.h gives it. Scheme against scheme, unless one of them has
 * none.
 */
size_t indicator_find_url(const struct indicators *set, struct text url, int64_t now,
	struct indicator_hit *hits, size_t max);

/*
 * A path: itself, then its last component by name. Names, and paths of Windows, whatever their
 * case and their slashes.
 */
size_t indicator_find_path(const struct indicators *set, struct text path, int64_t now,
	struct indicator_hit *hits, size_t max);

/* An e-mail address (caseless) or a user agent (exact). */
size_t indicator_find_text(const struct indicators *set, enum indicator_type type,
	struct text text, int64_t now, struct indicator_hit *hits, size_t max);
