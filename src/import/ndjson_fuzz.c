// SPDX-License-Identifier: Apache-2.0
// Fuzzing of the splitting of streams: every event lies inside of what was given, and their bytes
// are no more than it.

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "import/ndjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(fd_close) int fd = memfd_create("stream", MFD_CLOEXEC);
	until_return(ndjson_free) struct ndjson *in = ndjson_new(fd);
	struct error err;
	struct text event;
	size_t total = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		return 0;
	while (ndjson_next(in, &event, &err) > 0) {
		assert(event.n);
		total += event.n;
	}
	assert(total <= size);
	return 0;
}
