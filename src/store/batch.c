// SPDX-License-Identifier: Apache-2.0
// Records as bytes, and those bytes packed. What is read may be damaged: every length is checked.

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/batch.h"

void batch_bytes_clear(struct batch_bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct batch_bytes){ 0 };
}

char *batch_bytes_room(struct batch_bytes *bytes, size_t n)
{
	if (!bytes->at || bytes->size - bytes->n < n) {
		size_t size = bytes->size ? bytes->size : 4096;

		while (size - bytes->n < n)
			size *= 2;
		bytes->at = memory_resize(bytes->at, size, 1);
		bytes->size = size;
	}
	return bytes->at + bytes->n;
}

static void number_put(char *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (char)(value >> (8 * i));
}

static uint64_t number_get(const char *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)(unsigned char)at[i] << (8 * i);
	return value;
}

void batch_add(struct batch_bytes *raw, const struct batch_record *record)
{
	char *at = batch_bytes_room(raw, BATCH_HEAD + record->bytes.n);

	number_put(at, record->bytes.n, 4);
	at[4] = (char)record->rank;
	at[5] = (char)record->schema;
	number_put(at + 6, (uint64_t)record->time, 8);
	number_put(at + 14, record->entity.high, 8);
	number_put(at + 22, record->entity.low, 8);
	if (record->bytes.n)
		memcpy(at + BATCH_HEAD, record->bytes.at, record->bytes.n);
	raw->n += BATCH_HEAD + record->bytes.n;
}

bool batch_next(struct text raw, size_t *at, struct batch_record *record)
{
	const char *head = raw.at + *at;
	uint64_t n;

	if (raw.n - *at < BATCH_HEAD)
		return false;
	n = number_get(head, 4);
	if (n > raw.n - *at - BATCH_HEAD || (unsigned char)head[4] > RANK_exec)
		return false;
	record->rank = (enum batch_rank)head[4];
	record->time = (event_time)number_get(head + 6, 8);
	record->entity.high = number_get(head + 14, 8);
	record->entity.low = number_get(head + 22, 8);
	record->schema = (uint8_t)head[5];
	record->bytes = (struct text){ head + BATCH_HEAD, n };
	*at += BATCH_HEAD + n;
	return true;
}

void batch_pack(ZSTD_CCtx *context, struct text raw, struct batch_bytes *packed)
{
	size_t bound = ZSTD_compressBound(raw.n), n;

	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	packed->n = 0;
	n = ZSTD_compress2(context, batch_bytes_room(packed, bound), bound, raw.at, raw.n);
	assert(!ZSTD_isError(n)); /* the bound is large enough; only memory could be missing */
	packed->n = n;
}

bool batch_unpack(ZSTD_DCtx *context, struct text packed, struct batch_bytes *raw)
{
	unsigned long long size = ZSTD_getFrameContentSize(packed.at, packed.n);
	size_t n;

	if (size > BATCH_RAW_MAX) /* the marks for "unknown" and "error" are larger, too */
		return false;
	n = ZSTD_decompressDCtx(context, batch_bytes_room(raw, (size_t)size), (size_t)size,
		packed.at, packed.n);
	if (ZSTD_isError(n) || n != size)
		return false;
	raw->n += n;
	return true;
}
