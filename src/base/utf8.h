/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629): how long a character is, whether it is one, and how one is written. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed character at `at` (no overlong forms, surrogates, or beyond U+10FFFF);
 * 0 if there is none. */
size_t utf8_length(const char *at, size_t n);

/* Writes the character, at most 4 bytes; returns how many. */
size_t utf8_put(char *at, uint32_t character);
