/* SPDX-License-Identifier: Apache-2.0 */
/* A table in columns that are as wide as what stands in them. */
#pragma once

#include <stdio.h>

#include "base/text.h"

/* `cells`: row by row; everything is printable. */
void columns_print(FILE *out, const struct text *heads, const struct text *cells, size_t columns,
	size_t rows);
