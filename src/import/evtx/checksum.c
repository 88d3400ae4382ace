// SPDX-License-Identifier: Apache-2.0
// CRC-32, sixteen bytes at a time: table k holds what a byte does that stands k places before the
// end (M. Kounavis and F. Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC
// Generation", 2008).

#include "import/evtx/bytes.h"
#include "import/evtx/checksum.h"

enum { AT_ONCE = 16 };
#define POLYNOMIAL UINT32_C(0xedb88320)

static uint32_t tables[AT_ONCE][256];

/* Before main, so that threads find it made. */
__attribute__((constructor)) static void tables_make(void)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t rest = byte;

		for (int bit = 0; bit < 8; bit++)
			rest = rest >> 1 ^ (rest & 1 ? POLYNOMIAL : 0);
		tables[0][byte] = rest;
	}
	for (unsigned k = 1; k < AT_ONCE; k++)
		for (unsigned byte = 0; byte < 256; byte++)
			tables[k][byte] = tables[k - 1][byte] >> 8 ^
				tables[0][tables[k - 1][byte] & 255];
}

/* What four bytes do, the last of which stands `k` places before the end. */
static inline uint32_t four(uint32_t word, unsigned k)
{
	return tables[k + 3][word & 255] ^ tables[k + 2][word >> 8 & 255] ^
		tables[k + 1][word >> 16 & 255] ^ tables[k][word >> 24];
}

uint32_t checksum_add(uint32_t checksum, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	checksum = ~checksum;
	for (; n >= AT_ONCE; n -= AT_ONCE, at += AT_ONCE)
		checksum = four(bytes_32(at) ^ checksum, 12) ^ four(bytes_32(at + 4), 8) ^
			four(bytes_32(at + 8), 4) ^ four(bytes_32(at + 12), 0);
	for (; n; n--, at++)
		checksum = checksum >> 8 ^ tables[0][(checksum ^ *at) & 255];
	return ~checksum;
}
