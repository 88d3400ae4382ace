// SPDX-License-Identifier: Apache-2.0
// A table in columns that are as wide as what stands in them.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/columns.h"

/* Columns as they are shown: a character is as wide as any other, which is nearly true. */
static size_t width_of(struct text text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.n; i++)
		width += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return width;
}

static void row_print(
	FILE *out, const struct text *cells, const size_t *widths, size_t columns)
{
	for (size_t i = 0; i < columns; i++) {
		fprintf(out, "%.*s", TEXT_PRINT(cells[i]));
		if (i + 1 < columns)
			fprintf(out, "%*s", (int)(widths[i] - width_of(cells[i])) + 2, "");
	}
	fputc('\n', out);
}

void columns_print(FILE *out, const struct text *heads, const struct text *cells, size_t columns,
	size_t rows)
{
	until_return(memory_free) size_t *widths = memory_new(columns * sizeof *widths);

	for (size_t i = 0; i < columns; i++) {
		widths[i] = width_of(heads[i]);
		for (size_t row = 0; row < rows; row++) {
			size_t width = width_of(cells[row * columns + i]);

			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
	row_print(out, heads, widths, columns);
	for (size_t row = 0; row < rows; row++)
		row_print(out, cells + row * columns, widths, columns);
}
