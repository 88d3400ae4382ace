// SPDX-License-Identifier: Apache-2.0
// How often each of many texts came.

#include <stdlib.h>

#include "base/memory.h"
#include "cli/scan/counts.h"

static uint32_t *place(const struct counts *counts, struct text text)
{
	uint64_t hash = text_hash(text);

	for (uint32_t i = (uint32_t)(hash ^ hash >> 32);; i++) {
		uint32_t *at = counts->table + (i & (counts->table_size - 1));

		if (!*at || text_equal(counts->at[*at - 1].text, text))
			return at;
	}
}

static void table_grow(struct counts *counts)
{
	free(counts->table);
	counts->table_size = counts->table_size ? counts->table_size * 2 : 64;
	counts->table = memory_new(counts->table_size * sizeof *counts->table);
	for (uint32_t i = 0; i < counts->n; i++)
		*place(counts, counts->at[i].text) = i + 1;
}

void counts_add(struct counts *counts, struct text text, uint64_t n)
{
	uint32_t *at;

	if (counts->n * 2 >= counts->table_size)
		table_grow(counts);
	at = place(counts, text);
	if (*at) {
		counts->at[*at - 1].n += n;
		return;
	}
	if (counts->n == COUNTS_MAX) {
		counts->others += n;
		return;
	}
	if (counts->n == counts->size) {
		counts->size = counts->size ? counts->size * 2 : 32;
		counts->at = memory_resize(counts->at, counts->size, sizeof *counts->at);
	}
	counts->at[counts->n] = (struct count){arena_copy(&counts->arena, text), n};
	*at = ++counts->n;
}

static int more_first(const void *a, const void *b)
{
	const struct count *x = a, *y = b;
	size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
	int order;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	order = n ? memcmp(x->text.at, y->text.at, n) : 0;
	return order ? order : x->text.n < y->text.n ? -1 : x->text.n > y->text.n;
}

void counts_sort(struct counts *counts)
{
	if (counts->n)
		qsort(counts->at, counts->n, sizeof *counts->at, more_first);
}

void counts_clear(struct counts *counts)
{
	free(counts->at);
	free(counts->table);
	arena_clear(&counts->arena);
	*counts = (struct counts){0};
}
