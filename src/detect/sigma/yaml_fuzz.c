// SPDX-License-Identifier: Apache-2.0
// Fuzzing of rule files: any bytes are read as YAML and as rules, compiled, and asked about one
// event.

#include "base/own.h"
#include "detect/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(rules_free) struct rules *rules = rules_new();
	const struct rule *hits[4];

	rules_add(rules, "x.yml", (struct text){(const char *)data, size});
	rules_compile(rules);
	rules_match_json(rules,
		TEXT("{\"F\":\"a\",\"G\":[1,null,{\"H\":\"b c\"}],\"Image\":\"/bin/sh\"}"), hits,
		4, NULL);
	return 0;
}
