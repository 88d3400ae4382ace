// SPDX-License-Identifier: Apache-2.0
// Any bytes as YARA source: each finding has a place and a sentence.

#include <assert.h>

#include "base/own.h"
#include "detect/yara/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_finding(void *context, const struct yara_finding *finding)
{
	assert(finding->line && finding->column && finding->sentence.n);
	assert(finding->kind < LINTS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(arena_clear) struct arena arena = {0};

	yara_lint((struct text){(const char *)data, size}, &arena, on_finding, NULL);
	return 0;
}
