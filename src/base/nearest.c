// SPDX-License-Identifier: Apache-2.0
// The nearest name, by the restricted Damerau-Levenshtein distance.

#include <ctype.h>
#include <string.h>

#include "base/nearest.h"

enum { LENGTH_MAX = 63 };

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LENGTH_MAX + 1], n = strlen(a), m = strlen(b);

	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int x = tolower((unsigned char)a[i - 1]),
			    y = tolower((unsigned char)b[j - 1]);

			row[j] = smaller(smaller(row[j - 1], above[j]) + 1,
				above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				row[j] = smaller(row[j], above2[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

const char *nearest(const char *given, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t best_distance = LENGTH_MAX;

	if (strlen(given) > LENGTH_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t d = strlen(names[i]) > LENGTH_MAX ? LENGTH_MAX : distance(given, names[i]);

		if (d < best_distance) {
			best_distance = d;
			best = names[i];
		}
	}
	return best && best_distance * 3 <= strlen(best) ? best : NULL;
}
