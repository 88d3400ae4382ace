/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table by RFC 4180, cell by cell. A value that a spreadsheet would take for a formula gets a
 * quote in front; what is harmful to a terminal is spelled (printable.h).
 *
 *	struct csv row = {.out = stdout, .arena = &arena};
 *	csv_cell(&row, TEXT("name"));
 *	csv_number(&row, 7);
 *	csv_end(&row);
 */
#pragma once

#include <stdio.h>

#include "base/arena.h"

struct csv {
	FILE *out;
	struct arena *arena; /* for what has to be spelled; csv_end resets it */
	bool begun;
};

void csv_cell(struct csv *row, struct text text);
void csv_number(struct csv *row, int64_t number);
/* A cell without anything. */
void csv_empty(struct csv *row);
void csv_end(struct csv *row);
