// SPDX-License-Identifier: Apache-2.0
// Texts: bytes with a length.

#include "base/text.h"

struct text text_basename(struct text path)
{
	size_t i = path.n;

	while (i && path.at[i - 1] != '/')
		i--;
	return (struct text){path.at ? path.at + i : NULL, path.n - i};
}

uint64_t text_hash(struct text a)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < a.n; i++)
		hash = (hash ^ (unsigned char)a.at[i]) * 0x100000001b3;
	return hash;
}

bool text_number(struct text a, int64_t *number)
{
	bool negative = a.n && a.at[0] == '-';
	size_t i = negative;
	int64_t value = 0;

	if (i == a.n)
		return false;
	for (; i < a.n; i++) {
		if (a.at[i] < '0' || a.at[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, a.at[i] - '0', &value))
			return false;
	}
	/* counted downwards, since the most negative number has no positive twin */
	if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return false;
	*number = value;
	return true;
}
