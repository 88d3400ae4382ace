// SPDX-License-Identifier: Apache-2.0
// The bytes of Derusbi's handshake and of its messages.

#include "cli/demo_message.h"

static uint32_t word_get(const uint8_t *bytes, unsigned i)
{
	const uint8_t *at = bytes + 4 * i;

	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static void word_put(uint8_t *bytes, unsigned i, uint32_t value)
{
	for (unsigned k = 0; k < 4; k++)
		bytes[4 * i + k] = (uint8_t)(value >> 8 * k);
}

void handshake_shape(uint8_t bytes[HANDSHAKE_BYTES], enum handshake_form form)
{
	uint32_t first = word_get(bytes, 0);

	word_put(bytes, form == HANDSHAKE_old ? 1 : 3, ~first);
	word_put(bytes, form == HANDSHAKE_old ? 2 : 8, first >> 7 | first << 25);
}

void message_shape(uint8_t *bytes, size_t n, uint32_t type, uint32_t key)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += bytes[MESSAGE_HEADER_BYTES + i];
	word_put(bytes, 0, (uint32_t)(MESSAGE_HEADER_BYTES + n));
	word_put(bytes, 1, type);
	word_put(bytes, 2, sum);
	word_put(bytes, 3, key);
	word_put(bytes, 4, 0);
	word_put(bytes, 5, (uint32_t)n);
}
