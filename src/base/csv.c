// SPDX-License-Identifier: Apache-2.0
// A table by RFC 4180.

#include <inttypes.h>

#include "base/csv.h"
#include "base/printable.h"

static bool is_formula(struct text text)
{
	return text.n && strchr("=+-@\t\r", text.at[0]);
}

void csv_empty(struct csv *row)
{
	if (row->begun)
		fputc(',', row->out);
	row->begun = true;
}

void csv_cell(struct csv *row, struct text text)
{
	struct text shown = text_printable(row->arena, text);
	bool quoted = is_formula(shown);

	for (size_t i = 0; i < shown.n && !quoted; i++)
		quoted = strchr(",\"\r\n", shown.at[i]);
	csv_empty(row);
	if (quoted)
		fputc('"', row->out);
	if (is_formula(shown))
		fputc('\'', row->out);
	for (size_t i = 0; i < shown.n; i++) {
		if (shown.at[i] == '"')
			fputc('"', row->out);
		fputc(shown.at[i], row->out);
	}
	if (quoted)
		fputc('"', row->out);
}

/* A number below zero is no formula, and must stay one. */
void csv_number(struct csv *row, int64_t number)
{
	csv_empty(row);
	fprintf(row->out, "%" PRId64, number);
}

void csv_end(struct csv *row)
{
	fputs("\r\n", row->out);
	row->begun = false;
	arena_reset(row->arena);
}
