/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a value of a recorded event may be, where nobody says it: told by its letters in one look,
 * so that all values of all events can be asked for indicators.
 */
#pragma once

#include "intel/indicators.h"

enum { GUESS_MAX = 65536 }; /* bytes of a value that are looked at */

/*
 * The type of indicator that the whole text looks like (a hash by its length, an address, a
 * domain, a URL, a path, an e-mail address), INDICATOR_TYPES if none. A name like "cmd.exe" is a
 * path, one like "example.sh" a domain.
 */
enum indicator_type indicator_guess(struct text text);

/* A part of a value, and what it looks like. */
struct indicator_part {
	enum indicator_type type;
	struct text text;
};

/*
 * Takes the next part out of `rest`; false if there is none. Hashes by their names
 * ("SHA1=...,MD5=...,IMPHASH=..."), an address with its port, the URLs in a command line or in
 * any other text; else the whole value.
 */
bool indicator_part(struct text *rest, struct indicator_part *part);

/*
 * Finds all parts of a value, and of a URL its host too; as the functions of indicators.h.
 */
size_t indicator_find(const struct indicators *set, struct text value, int64_t now,
	struct indicator_hit *hits, size_t max);

/* The part that the hit was found with goes to `found[i]`; may be NULL. */
size_t indicator_find_parts(const struct indicators *set, struct text value, int64_t now,
	struct indicator_hit *hits, struct text *found, size_t max);

/* A value whose type is known. */
size_t indicator_find_typed(const struct indicators *set, enum indicator_type type,
	struct text value, int64_t now, struct indicator_hit *hits, size_t max);
