/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encodings that modifiers ask for: UTF-16, Base64, and Base64 at an unknown place of
 * something larger.
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"

/* UTF-8 to UTF-16; a bad byte becomes U+FFFD. */
struct text encode_utf16(struct text text, bool big_endian, bool mark, struct arena *arena);

struct text encode_base64(struct text bytes, struct arena *arena);

/*
 * The digits that the bytes surely give when `offset` (0, 1 or 2) bytes of a group stand before
 * them. No text if so few bytes fix no digit.
 */
struct text encode_base64_offset(struct text bytes, unsigned offset, struct arena *arena);
