// SPDX-License-Identifier: Apache-2.0
// Any bytes as a list of addresses: each that was taken in is found again.

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/own.h"
#include "daemon/indicators.h"

static void on_problem(void *context, const char *sentence)
{
	assert(sentence[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(indicators_clear) struct indicators all = {0};

	indicators_add(
		&all, TEXT("fuzz"), (struct text){(const char *)data, size}, on_problem, NULL);
	indicators_ready(&all);
	for (size_t i = 0; i < all.n; i++)
		assert(indicators_find(&all, all.at[i].address));
	return 0;
}
