/* SPDX-License-Identifier: Apache-2.0 */
/* The strings that `of` speaks about, and how many of them it asks for. */
#pragma once

#include "detect/yara/source.h"

enum { SET_MAX = 8192 };

/*
 * Puts the strings of the set, each as often as it is meant, into an array of SET_MAX; 0 if they
 * are not known: a set of rules, a name that no string has, too many. `work` is how many strings
 * may still be looked at; below 0 nothing is.
 */
size_t set_strings(const struct yara_rule *rule, const struct yara_node *node,
	const struct yara_pattern **strings, int64_t *work);

/* How many of `n` strings are asked for; 0 if that is not known. */
uint64_t set_needed(const struct yara_node *node, size_t n);
