// SPDX-License-Identifier: Apache-2.0
// Names for payloads. The kernel only looks at the shape; what is said here has been verified.

#include <stdbool.h>

#include "sensor/payload.h"

enum { HANDSHAKE = 64, HEADER = 24 };

static uint32_t word(const unsigned char *bytes, unsigned i)
{
	const unsigned char *at = bytes + 4 * i;

	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool is_handshake(const unsigned char *bytes, unsigned inverted, unsigned rotated)
{
	uint32_t first = word(bytes, 0), turned = first >> 7 | first << 25;

	return word(bytes, inverted) == ~first && word(bytes, rotated) == turned;
}

static bool checksum_holds(const unsigned char *bytes, size_t n)
{
	uint32_t wanted = word(bytes, 2), sent = 0, plain = 0;
	const unsigned char *key = bytes + 12;

	for (size_t i = HEADER; i < n; i++) {
		sent += bytes[i];
		plain += bytes[i] ^ key[(i - HEADER) & 3];
	}
	return sent == wanted || plain == wanted;
}

struct text payload_name(const unsigned char *bytes, size_t kept, size_t length)
{
	if (length == HANDSHAKE && kept == length && is_handshake(bytes, 1, 2))
		return TEXT("derusbi-handshake-old");
	if (length == HANDSHAKE && kept == length && is_handshake(bytes, 3, 8))
		return TEXT("derusbi-handshake-new");
	if (kept < length || length <= HEADER || word(bytes, 0) != length)
		return (struct text){0};
	if (!checksum_holds(bytes, length))
		return (struct text){0};
	if (word(bytes, 1) == 2)
		return TEXT("derusbi-header-type-2");
	if (word(bytes, 1) == 4)
		return TEXT("derusbi-header-type-4");
	return (struct text){0};
}
