/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A regular expression of a rule: PCRE2, compiled to machine code where the system lets it, with
 * limits on how long one search may take. One that meets its limit is switched off.
 */
#pragma once

#include "base/error.h"
#include "base/text.h"

struct regex;

/* What a search gave. */
enum regex_answer { REGEX_no, REGEX_yes, REGEX_limit };

/* NULL with a sentence (the mistake and its place in the pattern). */
struct regex *regex_new(struct text pattern, bool ignore_case, bool lines, bool dot_all,
	struct error *err);
void regex_free(struct regex **regex);

/* What a search needs while it runs: one for each thread, zeroed before the first. */
struct regex_room {
	void *found, *limits, *stack;
};
void regex_room_clear(struct regex_room *room);

enum regex_answer regex_search(struct regex *regex, struct text value, struct regex_room *room);
