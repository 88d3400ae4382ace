/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: memory that is given out piece by piece and taken back all at once. What lives as long
 * as one event comes from that event's arena and is never freed singly.
 *
 *	struct arena arena = {0};
 *	char *copy = arena_alloc(&arena, n);
 *	arena_reset(&arena);	// all pieces gone, the memory kept for the next event
 *	arena_clear(&arena);	// the memory gone too
 */
#pragma once

#include <stddef.h>

#include "base/text.h"

struct arena_block;

struct arena {
	struct arena_block *first, *current;
	size_t used; /* bytes given out of `current` */
};

/* `n` bytes, aligned for any type, contents undefined; never NULL (the process ends when memory is
 * gone). */
void *arena_alloc(struct arena *arena, size_t n);

/* The same, zeroed. */
void *arena_zero(struct arena *arena, size_t n);

#define arena_new(arena, type) ((type *)arena_zero((arena), sizeof(type)))

/* A copy in the arena, with a NUL behind it for callers that need one. No text gives no text. */
struct text arena_copy(struct arena *arena, struct text text);

/* A text made as by printf. */
struct text arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));

/* Bytes as hexadecimal digits. */
struct text arena_hex(struct arena *arena, const void *bytes, size_t n);

/* Takes all pieces back; keeps at most the first 64 KiB for reuse. */
void arena_reset(struct arena *arena);

/* Takes all pieces back and returns the memory. */
void arena_clear(struct arena *arena);
