// SPDX-License-Identifier: Apache-2.0
// Fuzzing of the linter of YARA rules: any text.

#include <assert.h>

#include "base/own.h"
#include "detect/yara/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(void *context, const struct yara_finding *finding)
{
	assert(finding->line && finding->column && finding->kind < YARA_LINT_count);
	assert(finding->sentence.n && finding->sentence.n < 512);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(arena_clear) struct arena arena = {0};

	yara_lint((struct text){(const char *)data, size}, &arena, look, NULL);
	return 0;
}
