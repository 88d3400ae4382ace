// SPDX-License-Identifier: Apache-2.0
// Paths of files, folded.

#include "intel/indicator/key.h"
#include "intel/indicator/path.h"

uint64_t path_key(uint64_t seed, struct text path)
{
	return key_of_changed(seed, path.at, path.n, lanes_path);
}

struct text path_name(struct text path)
{
	size_t i = path.n;

	while (i >= 8) {
		uint64_t word = key_load8(path.at + i - 8),
			 slashes = lanes_find(word, '/') | lanes_find(word, '\\');

		if (slashes) {
			i -= (size_t)__builtin_clzll(slashes) / 8;
			return (struct text){path.at + i, path.n - i};
		}
		i -= 8;
	}
	while (i && path.at[i - 1] != '/' && path.at[i - 1] != '\\')
		i--;
	return (struct text){path.n ? path.at + i : NULL, path.n - i};
}

bool path_is(struct text indicator, struct text path)
{
	if (indicator.n != path.n || !path.n)
		return false;
	if (indicator.at[0] == '/')
		return text_equal(indicator, path);
	for (size_t i = 0; i < path.n; i++)
		if (lanes_path((uint8_t)indicator.at[i]) != lanes_path((uint8_t)path.at[i]))
			return false;
	return true;
}
