/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics of ATT&CK: their order and their names for people. */
#pragma once

#include "base/arena.h"
#include "base/text.h"

/* Place in the order of an intrusion; unknown ones come last. '-', '_' and ' ' are the same. */
unsigned tactic_rank(struct text name);

/* The name for people: "Command and control"; an unknown one as it is, made printable. */
struct text tactic_words(struct text name, struct arena *arena);
