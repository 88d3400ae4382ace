/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader and the writer of JSON share. */
#pragma once

#include "base/json.h"

/* How many bytes may stand in a string as they are: printable ASCII without '"' and '\\'. */
static inline size_t json_plain_length(const char *at, size_t n)
{
	const uint64_t each = 0x0101010101010101, high = each * 0x80;
	size_t i = 0;

	/* eight at once: of a byte below 0x80, x - 1 sets the high bit only if x was 0 */
	for (uint64_t w; i + sizeof w <= n; i += sizeof w) {
		uint64_t quote, slash, delete;

		memcpy(&w, at + i, sizeof w);
		quote = w ^ each * '"';
		slash = w ^ each * '\\';
		delete = w ^ each * 0x7f;
		if (((w - each * 0x20) | (quote - each) | (slash - each) | (delete - each) | w) &
			high)
			break;
	}
	while (i < n && at[i] >= 0x20 && at[i] < 0x7f && at[i] != '"' && at[i] != '\\')
		i++;
	return i;
}
