// SPDX-License-Identifier: Apache-2.0
// Any bytes as a pattern of STIX.

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/own.h"
#include "intel/indicator/stix_pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(arena_clear) struct arena arena = {0};
	static struct stix_pattern pattern;
	struct error err = {0};

	pattern.arena = &arena;
	if (stix_pattern_read(&pattern, (struct text){(const char *)data, size}, &err))
		assert(err.text[0] && !pattern.n);
	for (size_t i = 0; i < pattern.n; i++)
		assert(pattern.values[i].type < INDICATOR_TYPES);
	for (size_t i = 0; i < pattern.left_out_count; i++)
		assert(pattern.left_out[i].n);
	return 0;
}
