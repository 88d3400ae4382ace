/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often each of many texts came: hosts, techniques. At most COUNTS_MAX different ones are
 * kept apart; the others are counted together.
 */
#pragma once

#include "base/arena.h"

enum { COUNTS_MAX = 20000 };

struct count {
	struct text text;
	uint64_t n;
};

struct counts {
	struct count *at;
	uint32_t n, size;
	uint32_t *table, table_size; /* numbers plus one, open addressing */
	uint64_t others;
	struct arena arena;
};

void counts_add(struct counts *counts, struct text text, uint64_t n);

/* The most frequent first, equals by their text. Nothing may be added afterwards. */
void counts_sort(struct counts *counts);
void counts_clear(struct counts *counts);
