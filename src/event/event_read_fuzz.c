// SPDX-License-Identifier: Apache-2.0
// Any bytes as an event: reading ends, and what was read can be written and read again.

#include <assert.h>

#include "event/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena arena = {0};
	struct json_writer out = {0};
	struct event *event = event_read((struct text){(const char *)bytes, n}, &arena, NULL);

	if (event) {
		event_write(event, &out);
		assert(event_read((struct text){out.at, out.n}, &arena, NULL));
	}
	json_writer_clear(&out);
	arena_clear(&arena);
	return 0;
}
