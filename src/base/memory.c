// SPDX-License-Identifier: Apache-2.0
// Memory that is there, or the process ends.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void *or_end(void *memory, size_t n)
{
	if (memory || !n)
		return memory;
	fprintf(stderr, "saker: no memory for %zu bytes\n", n);
	abort();
}

void *memory_new(size_t n)
{
	return or_end(calloc(1, n), n);
}

void *memory_resize(void *old, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		return or_end(NULL, SIZE_MAX);
	return or_end(realloc(old, n ? n : 1), n ? n : 1);
}

char *memory_string(const char *string)
{
	size_t n = strlen(string) + 1;

	return memcpy(memory_new(n), string, n);
}

struct text memory_text(struct text text)
{
	char *copy = memory_new(text.n + 1);

	if (text.n)
		memcpy(copy, text.at, text.n);
	return (struct text){copy, text.n};
}
