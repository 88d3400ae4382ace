// SPDX-License-Identifier: Apache-2.0
// Any bytes as a packed batch and as a plain one: nothing is read outside of them, and reading
// ends.

#include <stdlib.h>

#include "store/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void records_walk(struct text raw)
{
	struct batch_record record;
	size_t at = 0, before = 0;

	while (batch_next(raw, &at, &record)) {
		if (at <= before || at > raw.n || record.bytes.at + record.bytes.n != raw.at + at)
			abort();
		before = at;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static ZSTD_DCtx *context;
	struct batch_bytes raw = { 0 };

	if (!context)
		context = ZSTD_createDCtx();
	records_walk((struct text){ (const char *)bytes, n });
	/*
	 * a frame that promises much is refused or read like any other, but takes long to make
	 * room for
	 */
	if (ZSTD_getFrameContentSize(bytes, n) < (1 << 20) &&
		batch_unpack(context, (struct text){ (const char *)bytes, n }, &raw))
		records_walk((struct text){ raw.at, raw.n });
	batch_bytes_clear(&raw);
	return 0;
}
