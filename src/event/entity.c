// SPDX-License-Identifier: Apache-2.0
// Identities of processes as text: base32 (RFC 4648, lower case) of the 128 bits, most significant
// first.

#include "event/event.h"

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

struct text entity_text(struct entity entity, char *buffer)
{
	unsigned __int128 bits = (unsigned __int128)entity.high << 64 | entity.low;

	/* 26 digits hold 130 bits: the last one carries two zero bits */
	buffer[ENTITY_TEXT - 1] = digits[(bits & 7) << 2];
	bits >>= 3;
	for (size_t i = ENTITY_TEXT - 1; i-- > 0; bits >>= 5)
		buffer[i] = digits[bits & 31];
	buffer[ENTITY_TEXT] = 0;
	return (struct text){buffer, ENTITY_TEXT};
}

static int digit(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool entity_read(struct text text, struct entity *entity)
{
	unsigned __int128 bits = 0;
	int last;

	if (text.n != ENTITY_TEXT)
		return false;
	for (size_t i = 0; i < ENTITY_TEXT - 1; i++) {
		int value = digit(text.at[i]);

		if (value < 0)
			return false;
		bits = bits << 5 | (unsigned)value;
	}
	last = digit(text.at[ENTITY_TEXT - 1]);
	if (last < 0 || last & 3)
		return false;
	bits = bits << 3 | (unsigned)last >> 2;
	*entity = (struct entity){(uint64_t)(bits >> 64), (uint64_t)bits};
	return true;
}

struct text detection_id(struct arena *arena, event_time time, uint64_t sequence)
{
	uint64_t value = ((uint64_t)time & ~UINT64_C(0xfffff)) | (sequence & 0xfffff);
	char *id = arena_alloc(arena, 13);

	for (int i = 12; i >= 0; i--, value >>= 5)
		id[i] = "0123456789abcdefghijklmnopqrstuv"[value & 31];
	return (struct text){id, 13};
}
