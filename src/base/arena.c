// SPDX-License-Identifier: Apache-2.0
// Arenas: a chain of blocks, the last of which is being given out.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"

enum { BLOCK_SIZE = 65536, ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(ALIGNMENT) char bytes[];
};

static struct arena_block *block_new(size_t size)
{
	struct arena_block *block = memory_resize(NULL, sizeof *block + size, 1);

	block->next = NULL;
	block->size = size;
	return block;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	size_t need = (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

	if (!arena->current || need > arena->current->size - arena->used) {
		struct arena_block *block = block_new(need > BLOCK_SIZE ? need : BLOCK_SIZE);

		if (arena->current)
			arena->current->next = block;
		else
			arena->first = block;
		arena->current = block;
		arena->used = 0;
	}
	arena->used += need;
	return arena->current->bytes + arena->used - need;
}

void *arena_zero(struct arena *arena, size_t n)
{
	return memset(arena_alloc(arena, n), 0, n);
}

struct text arena_copy(struct arena *arena, struct text text)
{
	char *copy;

	if (!text.at)
		return text;
	copy = arena_alloc(arena, text.n + 1);
	memcpy(copy, text.at, text.n);
	copy[text.n] = 0;
	return (struct text){copy, text.n};
}

struct text arena_format(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vsnprintf((char[1]){0}, 1, format, args);
	va_end(args);
	if (n < 0)
		n = 0;
	text = arena_alloc(arena, (size_t)n + 1);
	text[0] = 0;
	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	return (struct text){text, (size_t)n};
}

static void blocks_free(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

struct text arena_hex(struct arena *arena, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = bytes;
	char *text = arena_alloc(arena, 2 * n + 1);

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[at[i] >> 4];
		text[2 * i + 1] = digits[at[i] & 15];
	}
	return (struct text){text, 2 * n};
}

void arena_reset(struct arena *arena)
{
	if (!arena->first)
		return;
	if (arena->first->size > BLOCK_SIZE) {
		arena_clear(arena);
		return;
	}
	blocks_free(arena->first->next);
	arena->first->next = NULL;
	arena->current = arena->first;
	arena->used = 0;
}

void arena_clear(struct arena *arena)
{
	blocks_free(arena->first);
	*arena = (struct arena){0};
}
