/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Little-endian numbers out of bytes, singly or one after the other behind a length.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t bytes_16(const void *at)
{
	uint16_t number;

	memcpy(&number, at, sizeof number);
	return le16toh(number);
}

static inline uint32_t bytes_32(const void *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof number);
	return le32toh(number);
}

static inline uint64_t bytes_64(const void *at)
{
	uint64_t number;

	memcpy(&number, at, sizeof number);
	return le64toh(number);
}

/* A place in the bytes of a chunk. What would reach beyond the end is zero and sets `cut`. */
struct cursor {
	const char *base; /* the chunk */
	uint32_t at, end;
	bool cut;
};

static inline bool cursor_has(struct cursor *cursor, size_t n)
{
	if (cursor->end - cursor->at >= n)
		return true;
	cursor->at = cursor->end;
	cursor->cut = true;
	return false;
}

static inline void cursor_skip(struct cursor *cursor, size_t n)
{
	if (cursor_has(cursor, n))
		cursor->at += (uint32_t)n;
}

static inline uint8_t cursor_8(struct cursor *cursor)
{
	return cursor_has(cursor, 1) ? (uint8_t)cursor->base[cursor->at++] : 0;
}

static inline uint16_t cursor_16(struct cursor *cursor)
{
	if (!cursor_has(cursor, 2))
		return 0;
	cursor->at += 2;
	return bytes_16(cursor->base + cursor->at - 2);
}

static inline uint32_t cursor_32(struct cursor *cursor)
{
	if (!cursor_has(cursor, 4))
		return 0;
	cursor->at += 4;
	return bytes_32(cursor->base + cursor->at - 4);
}
