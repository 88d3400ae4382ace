/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader and the writer of JSON share. */
#pragma once

#include "base/json.h"

typedef unsigned char json_lane __attribute__((vector_size(16)));

/* The first byte of a lane that is not zero (they are 0 or 0xff); 16 if there is none. */
static inline size_t json_lane_first(json_lane lane)
{
#ifdef __SSE2__
	typedef char signed_lane __attribute__((vector_size(16)));

	return (size_t)__builtin_ctz(
		(unsigned)__builtin_ia32_pmovmskb128((signed_lane)lane) | 1u << 16);
#else
	uint64_t halves[2];

	memcpy(halves, &lane, sizeof halves);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	halves[0] = __builtin_bswap64(halves[0]);
	halves[1] = __builtin_bswap64(halves[1]);
#endif
	if (halves[0])
		return (size_t)__builtin_ctzll(halves[0]) / 8;
	return halves[1] ? 8 + (size_t)__builtin_ctzll(halves[1]) / 8 : 16;
#endif
}

/* How many bytes of a lane may stand in a string as they are: ASCII without '"' and '\\'. */
static inline size_t json_plain_lane(const char *at)
{
	typedef signed char signed_lane __attribute__((vector_size(16)));
	signed_lane v;

	memcpy(&v, at, sizeof v);
	/* as signed bytes, what is no ASCII is below 0x20 too */
	return json_lane_first((json_lane)((v < 0x20) | (v == 0x7f) | (v == '"') | (v == '\\')));
}

/* The same of any number of bytes. */
static inline size_t json_plain_length(const char *at, size_t n)
{
	size_t i = 0;

	for (; i + sizeof(json_lane) <= n; i += sizeof(json_lane)) {
		size_t plain = json_plain_lane(at + i);

		if (plain < sizeof(json_lane))
			return i + plain;
	}
	while (i < n && at[i] >= 0x20 && at[i] < 0x7f && at[i] != '"' && at[i] != '\\')
		i++;
	return i;
}
