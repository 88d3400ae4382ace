/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the known name that a mistyped one comes nearest to. */
#pragma once

#include <stddef.h>

/* The name with the fewest edits (insert, delete, change, swap of neighbours; case not counted),
 * NULL if even that one needs more than a third of its letters changed. Names longer than 63 bytes
 * are not considered. */
const char *nearest(const char *given, const char *const *names, size_t n);
