/* SPDX-License-Identifier: Apache-2.0 */
/* The key by which names of fields are compared: caseless, blanks left out. */
#pragma once

#include <stdint.h>

#include "base/text.h"

#define NAME_KEY_START UINT64_C(0xcbf29ce484222325)

/* Continues a key with some bytes, so that a path of names is hashed as it is walked. */
static inline uint64_t name_key_add(uint64_t key, struct text bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.at[i];

		if (c == ' ')
			continue;
		key = (key ^ (c + ((unsigned)c - 'A' < 26u) * 32u)) * UINT64_C(0x100000001b3);
	}
	return key;
}
