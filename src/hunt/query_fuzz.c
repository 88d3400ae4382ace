// SPDX-License-Identifier: Apache-2.0
// Any bytes as a question.

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/own.h"
#include "hunt/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	until_return(arena_clear) struct arena arena = {0};
	struct hunt_mistake mistake;
	struct hunt_query *query =
		query_parse((struct text){(const char *)bytes, n}, 0, &arena, &mistake);

	assert(query || (mistake.sentence[0] && mistake.at <= n));
	query_clear(query);
	return 0;
}
