/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of files. Their key is made of the folded form: ASCII in lower case, '\' as '/'. A path
 * that begins with '/' is then compared as it is, all others in the folded form.
 */
#pragma once

#include "intel/indicators.h"

/* The key of the folded form. */
uint64_t path_key(uint64_t seed, struct text path);

/* What follows the last slash of any kind. */
struct text path_name(struct text path);

/* Whether an indicator is for that path. */
bool path_is(struct text indicator, struct text path);
