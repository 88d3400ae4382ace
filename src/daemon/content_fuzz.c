// SPDX-License-Identifier: Apache-2.0
// Any bytes as a bundle of content: items that lie inside of it, or none.

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(fd_close) int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct content_item item;
	uint64_t sum = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	until_return(content_close) struct content *content = content_open(fd, NULL);
	while (content && content_next(content, &item)) {
		assert(item.kind < CONTENT_KINDS);
		sum += text_hash(item.name) + text_hash(item.bytes);
	}
	return sum ? 0 : 0;
}
