// SPDX-License-Identifier: Apache-2.0
// UTF-16 to UTF-8: eight units at a time while they are ASCII, then one by one.

#include "base/utf8.h"
#include "import/evtx/bytes.h"
#include "import/utf16.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { REPLACEMENT = 0xfffd, AT_ONCE = 8 };

/* Eight units that are ASCII; false if one is not. */
static inline bool eight_read(char *to, const char *from)
{
#ifdef __SSE2__
	__m128i units = _mm_loadu_si128((const __m128i *)(const void *)from);
	__m128i high = _mm_and_si128(units, _mm_set1_epi16((short)0xff80));

	if (_mm_movemask_epi8(_mm_cmpeq_epi16(high, _mm_setzero_si128())) != 0xffff)
		return false;
	_mm_storel_epi64((__m128i *)(void *)to, _mm_packus_epi16(units, units));
	return true;
#else
	uint64_t halves[2];

	memcpy(halves, from, sizeof halves);
	if ((halves[0] | halves[1]) & htole64(UINT64_C(0xff80ff80ff80ff80)))
		return false;
	for (int i = 0; i < AT_ONCE; i++)
		to[i] = from[2 * i];
	return true;
#endif
}

static inline bool is_high(uint32_t unit)
{
	return (unit & 0xfc00) == 0xd800;
}

static inline bool is_low(uint32_t unit)
{
	return (unit & 0xfc00) == 0xdc00;
}

size_t utf16_read(char *to, const char *from, size_t units)
{
	char *start = to;
	size_t i = 0;

	while (i < units) {
		uint32_t unit, next;

		if (units - i >= AT_ONCE && eight_read(to, from + 2 * i)) {
			i += AT_ONCE;
			to += AT_ONCE;
			continue;
		}
		unit = bytes_16(from + 2 * i++);
		if (unit < 0x80) {
			*to++ = (char)unit;
			continue;
		}
		next = i < units ? bytes_16(from + 2 * i) : 0;
		if (is_high(unit) && is_low(next)) {
			unit = 0x10000 + ((unit & 0x3ff) << 10 | (next & 0x3ff));
			i++;
		} else if (is_high(unit) || is_low(unit)) {
			unit = REPLACEMENT;
		}
		to += utf8_put(to, unit);
	}
	return (size_t)(to - start);
}

size_t utf16_length(const char *from, size_t units)
{
	size_t n = 0;

	while (n < units && bytes_16(from + 2 * n))
		n++;
	return n;
}
