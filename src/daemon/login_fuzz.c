// SPDX-License-Identifier: Apache-2.0
// Any bytes as a line of the log of logins.

#include "base/arena.h"
#include "daemon/login_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct json_writer out = {0};
	struct arena arena = {0};
	uint32_t pid;
	struct event *event = login_read(&arena, (struct text){(const char *)bytes, n}, 1, &pid);

	if (event)
		event_write(event, &out);
	json_writer_clear(&out);
	arena_clear(&arena);
	return 0;
}
