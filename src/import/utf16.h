/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-16 (little-endian) to UTF-8. */
#pragma once

#include <stddef.h>

enum { UTF16_GROWTH = 3 }; /* at most so many bytes come of one unit */

/*
 * Writes the `units` units at `from` as UTF-8 and returns how many bytes that made, at most
 * UTF16_GROWTH times as many. A surrogate without its other half becomes U+FFFD.
 */
size_t utf16_read(char *to, const char *from, size_t units);

/* The number of units up to the first that is 0, or all. */
size_t utf16_length(const char *from, size_t units);
