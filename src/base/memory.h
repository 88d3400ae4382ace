/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that never fails: when there is none the process says so and ends, and its parent starts
 * it again. Sizes that come from outside are checked against a limit before they get here.
 */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* `n` zeroed bytes. */
void *memory_new(size_t n);

/* `old` grown or shrunk to `count` pieces of `size` bytes; the new part's contents are undefined.
 */
void *memory_resize(void *old, size_t count, size_t size);

/* A copy of a string. */
char *memory_string(const char *string);

/* A copy of a text, with a NUL behind it; of no text an empty one. */
struct text memory_text(struct text text);
