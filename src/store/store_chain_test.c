// SPDX-License-Identifier: Apache-2.0
// The chain over what is kept: whole as long as nobody touches it.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/scratch.h"

enum { BLOCKS = 5, BLOCK_BYTES = 600 << 10 };

static void sql(const char *folder, const char *statement)
{
	until_return(arena_clear) struct arena arena = {0};
	char *message = NULL;
	sqlite3 *db;

	assert_int_equal(
		sqlite3_open(arena_format(&arena, "%s/saker.db", folder).at, &db), SQLITE_OK);
	if (sqlite3_exec(db, statement, NULL, NULL, &message) != SQLITE_OK)
		print_message("%s\n", message);
	assert_null(message);
	sqlite3_close(db);
}

/* So many blocks, a detection and a notice with each. */
static void fill(const char *folder)
{
	until_return(store_close) struct store *store = store_open(folder, STORE_write, NULL);
	char *json = malloc(BLOCK_BYTES + 1);

	assert_non_null(store);
	memset(json, 'x', BLOCK_BYTES);
	json[BLOCK_BYTES] = 0;
	for (int i = 0; i < BLOCKS; i++) {
		char id[16];
		const struct store_record records[] = {
			scratch_record(EVENT_file_write, 100 + i, 1, 0, json),
			(snprintf(id, sizeof id, "detection%d", i),
				scratch_detection(100 + i, 1, id, "{\"d\":1}")),
			scratch_record(EVENT_sensor_notice, 100 + i, 0, 0, "{\"n\":1}"),
		};

		assert_int_equal(store_append(store, records, array_size(records), NULL), 0);
	}
	free(json);
}

static void verify(const char *folder, struct store_proof *proofs)
{
	until_return(store_close) struct store *store = store_open(folder, STORE_read, NULL);

	assert_non_null(store);
	assert_int_equal(store_verify(store, proofs, NULL), 0);
}

static void what_nobody_touched_is_whole(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	struct store_proof proofs[STORE_CHAINS], again[STORE_CHAINS];

	fill(folder);
	verify(folder, proofs);
	for (int i = 0; i < STORE_CHAINS; i++) {
		assert_int_equal(proofs[i].chained, BLOCKS);
		assert_int_equal(proofs[i].unchained, 0);
		assert_int_equal(proofs[i].broken, 0);
	}
	fill(folder);
	verify(folder, again);
	assert_int_equal(again[0].chained, 2 * BLOCKS);
	assert_int_equal(again[0].broken, 0);
	assert_memory_not_equal(proofs[0].head, again[0].head, STORE_CHAIN);
}

static void what_was_touched_is_found(void **state)
{
	static const struct {
		const char *sql;
		int chain;
		event_time time;
	} cases[] = {
		{"update batch set t1 = t1 + 1 where t0 = 102", 0, 102},
		{"update batch set data = zeroblob(10) where t0 = 101", 0, 101},
		{"delete from batch where t0 = 102", 0, 103},
		{"delete from batch where t0 = 100", 0, 101},
		{"update detection set level = 'low' where time = 103", 1, 103},
		{"update detection set json = replace(json, '1', '2') where time = 100", 1,
			100},
		{"delete from detection where time = 101", 1, 102},
		{"delete from notice where time = 103", 2, 104},
		{"insert into notice(number, kind, time, json, chain)"
		 " select number + 1, kind, time, json, chain from notice"
		 " where number = (select max(number) from notice)",
			2, 104},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(scratch_remove) char *folder = scratch_make();
		struct store_proof proofs[STORE_CHAINS];

		fill(folder);
		sql(folder, cases[i].sql);
		verify(folder, proofs);
		for (int k = 0; k < STORE_CHAINS; k++)
			assert_int_equal(proofs[k].broken != 0, k == cases[i].chain);
		assert_int_equal(proofs[cases[i].chain].first_broken, cases[i].time);
	}
}

static void what_retention_takes_breaks_nothing(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	struct store_proof proofs[STORE_CHAINS];
	struct store *store;

	fill(folder);
	store = store_open(folder, STORE_write, NULL);
	assert_int_equal(store_retain(store, INT64_MAX, 103, NULL), 0);
	store_close(&store);
	verify(folder, proofs);
	assert_int_equal(proofs[0].chained, 2);
	assert_int_equal(proofs[0].broken, 0);
	/* everything, even detections */
	store = store_open(folder, STORE_write, NULL);
	assert_int_equal(store_retain(store, 1, 200, NULL), 0);
	store_close(&store);
	fill(folder);
	verify(folder, proofs);
	for (int i = 0; i < STORE_CHAINS; i++) {
		assert_true(proofs[i].chained >= BLOCKS);
		assert_int_equal(proofs[i].broken, 0);
	}
}

static void an_older_store_is_taken_over(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	struct store_proof proofs[STORE_CHAINS];

	fill(folder);
	sql(folder,
		"alter table batch drop column chain; alter table detection drop column chain;"
		" alter table notice drop column chain; pragma user_version = 1");
	fill(folder);
	verify(folder, proofs);
	for (int i = 0; i < STORE_CHAINS; i++) {
		assert_int_equal(proofs[i].unchained, BLOCKS);
		assert_int_equal(proofs[i].chained, BLOCKS);
		assert_int_equal(proofs[i].broken, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_touched_is_whole),
		cmocka_unit_test(what_was_touched_is_found),
		cmocka_unit_test(what_retention_takes_breaks_nothing),
		cmocka_unit_test(an_older_store_is_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
