// SPDX-License-Identifier: Apache-2.0
// Any bytes as JSON: reading ends, stays inside the bytes, and a string that was read can be
// written and read again.

#include <assert.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void comes_back(struct text text, struct arena *arena)
{
	struct json_writer out = {0};
	struct json_reader again;

	json_string(&out, text);
	json_reader_init(&again, (struct text){out.at, out.n}, arena);
	assert(json_next(&again) == JSON_STRING && text_equal(again.text, text));
	json_writer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena arena = {0};
	struct json_reader reader;
	enum json_token token;

	json_reader_init(&reader, (struct text){(const char *)bytes, n}, &arena);
	while ((token = json_next(&reader)) != JSON_END && token != JSON_ERROR)
		if (token == JSON_STRING)
			comes_back(reader.text, &arena);
	assert(reader.at <= n);
	arena_clear(&arena);
	return 0;
}
