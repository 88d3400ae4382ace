// SPDX-License-Identifier: Apache-2.0
// Tests of records as bytes: they come back as they were, and damage is noticed.

#include "base/own.h"
#include "store/batch.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static const struct batch_record records[] = {
	{ RANK_exec, 1443252000000000000, { 0x0102030405060708, 0x1112131415161718 }, 0,
		TEXT("{}") },
	{ RANK_none, -1, { 0, 0 }, 255, TEXT("") },
	{ RANK_fork, INT64_MIN, { UINT64_MAX, UINT64_MAX }, 1, TEXT("{\"a\":\"\0b\"}") },
	{ RANK_running, INT64_MAX, { 1, 0 }, 0, TEXT("{\"process.pid\":1}") },
};

static void records_add(struct batch_bytes *raw)
{
	for (size_t i = 0; i < array_size(records); i++)
		batch_add(raw, &records[i]);
}

static void assert_same(const struct batch_bytes *raw)
{
	struct text text = { raw->at, raw->n };
	struct batch_record record;
	size_t at = 0;

	for (size_t i = 0; i < array_size(records); i++) {
		assert_true(batch_next(text, &at, &record));
		assert_int_equal(record.schema, records[i].schema);
		assert_int_equal(record.rank, records[i].rank);
		assert_int_equal(record.time, records[i].time);
		assert_true(entity_equal(record.entity, records[i].entity));
		assert_true(text_equal(record.bytes, records[i].bytes));
	}
	assert_false(batch_next(text, &at, &record));
	assert_int_equal(at, raw->n);
}

static void records_come_back_as_they_were(void **state)
{
	until_return(batch_bytes_clear) struct batch_bytes raw = { 0 }, packed = { 0 },
							   unpacked = { 0 };
	ZSTD_CCtx *pack = ZSTD_createCCtx();
	ZSTD_DCtx *unpack = ZSTD_createDCtx();

	records_add(&raw);
	assert_same(&raw);
	batch_pack(pack, (struct text){ raw.at, raw.n }, &packed);
	assert_true(batch_unpack(unpack, (struct text){ packed.at, packed.n }, &unpacked));
	assert_same(&unpacked);
	ZSTD_freeCCtx(pack);
	ZSTD_freeDCtx(unpack);
}

static void every_flipped_bit_of_a_packed_batch_is_noticed(void **state)
{
	until_return(batch_bytes_clear) struct batch_bytes raw = { 0 }, packed = { 0 };
	ZSTD_CCtx *pack = ZSTD_createCCtx();
	ZSTD_DCtx *unpack = ZSTD_createDCtx();

	records_add(&raw);
	batch_pack(pack, (struct text){ raw.at, raw.n }, &packed);
	for (size_t bit = 0; bit < 8 * packed.n; bit++) {
		until_return(batch_bytes_clear) struct batch_bytes unpacked = { 0 };
		bool same;

		packed.at[bit / 8] ^= (char)(1 << bit % 8);
		/*
		 * some bits mean nothing (reserved ones of the frame's head): then the content is
		 * the same
		 */
		same = batch_unpack(unpack, (struct text){ packed.at, packed.n }, &unpacked) &&
		       unpacked.n == raw.n && !memcmp(unpacked.at, raw.at, raw.n);
		assert_true(same || !unpacked.n);
		packed.at[bit / 8] ^= (char)(1 << bit % 8);
	}
	ZSTD_freeCCtx(pack);
	ZSTD_freeDCtx(unpack);
}

static void cut_records_are_no_records(void **state)
{
	until_return(batch_bytes_clear) struct batch_bytes raw = { 0 };
	struct batch_record record;

	batch_add(&raw, &records[0]);
	for (size_t n = 0; n < raw.n; n++) {
		size_t at = 0;

		assert_false(batch_next((struct text){ raw.at, n }, &at, &record));
		assert_int_equal(at, 0);
	}
	raw.at[4] = 4; /* a rank that does not exist */
	assert_false(batch_next((struct text){ raw.at, raw.n }, &(size_t){ 0 }, &record));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back_as_they_were),
		cmocka_unit_test(every_flipped_bit_of_a_packed_batch_is_noticed),
		cmocka_unit_test(cut_records_are_no_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
