// SPDX-License-Identifier: Apache-2.0
// Tests of the store: what is kept is found again, in order, and retention takes only what it may.

#include "store/scratch.h"
#include "store/store_private.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct store *open_writer(const char *folder)
{
	struct error err = { 0 };
	struct store *store = store_open(folder, STORE_write, &err);

	assert_string_equal(err.text, "");
	assert_non_null(store);
	return store;
}

static void append(struct store *store, const struct store_record *records, size_t n)
{
	struct error err = { 0 };

	assert_int_equal(store_append(store, records, n, &err), 0);
	assert_string_equal(err.text, "");
}

/* Two appends that overlap in time, with a detection and a gap among the events. */
static void append_mixture(struct store *store)
{
	const struct store_record one[] = {
		scratch_record(EVENT_process_exec, 10, 7, 1, "exec"),
		scratch_detection(10, 7, "aaaaaa11", "detection"),
		scratch_record(EVENT_file_create, 30, 7, 1, "create"),
		scratch_record(EVENT_sensor_gap, 25, 0, 0, "gap"),
	};
	const struct store_record two[] = {
		scratch_record(EVENT_network_connect, 20, 8, 1, "connect"),
		scratch_record(EVENT_process_exit, 40, 7, 1, "exit"),
		scratch_detection(50, 8, "aaaaaa22", "second"),
	};

	append(store, one, array_size(one));
	append(store, two, array_size(two));
}

static const struct {
	struct store_query query;
	const char *found;
} readings[] = {
	{ { 0 }, "exec detection connect gap create exit second " },
	{ { .newest_first = true }, "second exit create gap connect detection exec " },
	{ { .limit = 2 }, "exec detection " },
	{ { .limit = 2, .newest_first = true }, "second exit " },
	{ { .from = 20, .to = 30 }, "connect gap create " },
	{ { .from = 31 }, "exit second " },
	{ { .to = 9 }, "" },
	{ { .entity = { 7, 1 } }, "exec detection create exit " },
	{ { .entity = { 7, 1 }, .newest_first = true }, "exit create detection exec " },
	{ { .entity = { 9, 1 } }, "" },
	{ { .detections = true }, "detection second " },
	{ { .detections = true, .newest_first = true, .limit = 1 }, "second " },
	{ { .notices = true }, "gap " },
	{ { .notices = true, .detections = true }, "detection gap second " },
	{ { .detections = true, .entity = { 8, 1 } }, "second " },
	{ { .id = TEXT("aaaaaa11") }, "detection " },
	{ { .id = TEXT("aaaaaa2") }, "second " },
	{ { .id = TEXT("aaaa") }, "" },
	{ { .id = TEXT("bbbbbb") }, "" },
	{ { .id = TEXT("aaaaaa111") }, "" },
	{ { .id = TEXT("") }, "" },
};

static void events_are_read_in_order_of_time(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);

	append_mixture(store);
	for (size_t i = 0; i < array_size(readings); i++) {
		struct scratch_pile pile = { 0 };
		struct error err = { 0 };

		store_read(store, &readings[i].query, scratch_collect, &pile, &err);
		assert_string_equal(err.text, "");
		assert_string_equal(pile.text, readings[i].found);
	}
}

static void an_ambiguous_id_is_refused(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	struct store_query query = { .id = TEXT("aaaaaa") };
	struct scratch_pile pile = { 0 };
	struct error err = { 0 };

	append_mixture(store);
	assert_int_equal(store_read(store, &query, scratch_collect, &pile, &err), -1);
	assert_string_equal(err.text,
		"several detections begin with 'aaaaaa'; give more of its digits");
	assert_int_equal(pile.count, 0);
}

static const struct {
	enum event_kind kinds[3];
	const char *json[3], *found;
} lives[] = {
	{ { EVENT_process_fork }, { "fork" }, "fork" },
	{ { EVENT_process_fork, EVENT_process_exec }, { "fork", "exec" }, "exec" },
	{ { EVENT_process_exec, EVENT_process_fork }, { "exec", "fork" }, "exec" },
	{ { EVENT_process_exec, EVENT_process_running }, { "exec", "running" }, "exec" },
	{ { EVENT_process_running, EVENT_process_exec, EVENT_process_exit },
		{ "running", "exec", "exit" }, "exec" },
	{ { EVENT_process_exec, EVENT_process_exec }, { "one", "two" }, "two" },
	{ { EVENT_process_exit }, { "exit" }, NULL },
};

static void the_best_lifecycle_event_describes_a_process(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	until_return(arena_clear) struct arena arena = { 0 };

	for (size_t i = 0; i < array_size(lives); i++) {
		struct text json;

		for (size_t j = 0; j < 3 && lives[i].json[j]; j++) {
			struct store_record record = scratch_record(lives[i].kinds[j],
				(event_time)(10 * i + j), 100 + i, 1, lives[i].json[j]);

			append(store, &record, 1);
		}
		json = store_process(store, (struct entity){ 100 + i, 1 }, &arena);
		assert_int_equal(json.n, lives[i].found ? strlen(lives[i].found) : 0);
		assert_true(!lives[i].found || text_is(json, lives[i].found));
		assert_int_equal(store_parent(store, (struct entity){ 100 + i, 1 }).high,
			lives[i].found ? 1 : 0);
	}
}

struct children {
	uint64_t last;
	size_t n;
	struct store *store;
	struct arena arena;
};

static bool child_count(void *context, struct entity child)
{
	struct children *children = context;

	assert_true(child.high > children->last);
	children->last = child.high;
	children->n++;
	/* asking again from inside is allowed */
	assert_true(text_is(store_process(children->store, child, &children->arena), "child"));
	arena_reset(&children->arena);
	return true;
}

static void children_are_found_oldest_first(void **state)
{
	enum { CHILDREN = 1000 };
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	struct children children = { .store = store };
	struct error err = { 0 };

	for (uint64_t i = 0; i < CHILDREN; i++) {
		struct store_record record = scratch_record(EVENT_process_fork, (event_time)i,
			5000 - i, 42, "child");

		append(store, &record, 1);
	}
	assert_int_equal(
		store_children(store, (struct entity){ 42, 1 }, child_count, &children, &err), 0);
	assert_int_equal(children.n, CHILDREN);
	arena_clear(&children.arena);
}

/* Enough to seal several batches in one append and over many. */
static void append_many(struct store *store, size_t appends, size_t each)
{
	char json[1000];
	struct store_record records[100];

	for (size_t i = 0; i < appends; i++) {
		for (size_t j = 0; j < each; j++) {
			memset(json, 'a' + (int)(i * 7 + j) % 26, sizeof json - 1);
			json[sizeof json - 1] = 0;
			records[j] = scratch_record(EVENT_process_exec, (event_time)(i * each + j),
				1000 + i * each + j, 1, json);
		}
		append(store, records, each);
	}
}

static int64_t count(struct store *store, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t number;

	assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

static void small_appends_become_large_batches(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	struct scratch_pile pile = { 0 };
	struct error err = { 0 };

	append_many(store, 2000, 1);
	append_many(store, 100, 50);
	assert_int_equal(
		store_read(store, &(struct store_query){ 0 }, scratch_collect, &pile, &err), 0);
	assert_int_equal(pile.count, 7000);
	/*
	 * 7 MB in batches of half a megabyte, and at most as many records of 1 KB open as fill one
	 */
	assert_in_range(count(store, "select count(*) from batch where open = 0"), 12, 15);
	assert_in_range(count(store, "select count(*) from batch where open = 1"), 0, 12);
}

static void a_store_opened_again_goes_on(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	struct store *store = open_writer(folder);
	struct scratch_pile pile = { 0 };
	until_return(arena_clear) struct arena arena = { 0 };
	struct error err = { 0 };

	append_mixture(store);
	store_close(&store);
	store = open_writer(folder);
	append_many(store, 3, 2);
	store_read(store, &(struct store_query){ .from = 10 }, scratch_collect, &pile, &err);
	assert_string_equal(err.text, "");
	assert_string_equal(pile.text, readings[0].found);
	assert_true(text_is(store_process(store, (struct entity){ 7, 1 }, &arena), "exec"));
	assert_int_equal(store_process(store, (struct entity){ 1005, 1 }, &arena).n, 999);
	store_close(&store);
}

static struct store_record numbered(uint64_t sequence)
{
	static char json[100][8];
	struct store_record record;

	snprintf(json[sequence], sizeof json[0], "%u", (unsigned)sequence);
	record = scratch_record(EVENT_file_create, (event_time)sequence, 0, 0, json[sequence]);
	record.sequence = sequence;
	return record;
}

/* Appends the numbers from `from` to `to` in one transaction. */
static void append_numbered(struct store *store, uint64_t from, uint64_t to)
{
	struct store_record records[100];
	size_t n = 0;

	while (from <= to)
		records[n++] = numbered(from++);
	append(store, records, n);
}

static void what_is_sent_again_is_kept_once(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	struct store *store = open_writer(folder);
	struct scratch_pile pile = { 0 };
	struct error err = { 0 };

	store_continue(store, 77);
	append_numbered(store, 1, 3);
	append_numbered(store, 2, 4);
	append_numbered(store, 3, 4);
	store_close(&store);
	store = open_writer(folder);
	store_continue(store, 77);
	append_numbered(store, 1, 5);
	store_read(store, &(struct store_query){ 0 }, scratch_collect, &pile, &err);
	assert_string_equal(pile.text, "1 2 3 4 5 ");
	/* another run counts anew */
	store_continue(store, 78);
	append_numbered(store, 1, 1);
	pile = (struct scratch_pile){ 0 };
	store_read(store, &(struct store_query){ 0 }, scratch_collect, &pile, &err);
	assert_string_equal(pile.text, "1 1 2 3 4 5 ");
	store_close(&store);
}

static void values_are_replaced(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	until_return(arena_clear) struct arena arena = { 0 };
	struct error err = { 0 };

	assert_null(store_get(store, "status", &arena).at);
	assert_int_equal(store_put(store, "status", TEXT("one"), &err), 0);
	assert_int_equal(store_put(store, "status", TEXT("t\0o"), &err), 0);
	assert_true(text_equal(store_get(store, "status", &arena), TEXT("t\0o")));
}

/* Events of which nothing packs well, since retention by size is about the packed ones. */
static void append_noise(struct store *store, size_t n)
{
	static uint64_t seed = 88172645463325252;
	char json[2000];

	for (size_t i = 0; i < n; i++) {
		struct store_record record;

		for (size_t j = 0; j < sizeof json - 1; j++) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			json[j] = (char)(' ' + seed % 90);
		}
		json[sizeof json - 1] = 0;
		record = scratch_record(EVENT_process_fork, (event_time)(1000 + i), 100000 + i, 1,
			json);
		append(store, &record, 1);
	}
}

static void retention_keeps_detections_and_their_processes(void **state)
{
	const struct store_record story[] = {
		scratch_record(EVENT_process_running, 1, 1, 0, "init"),
		scratch_record(EVENT_process_exec, 2, 2, 1, "httpd"),
		scratch_record(EVENT_process_exec, 3, 3, 2, "sh"),
		scratch_record(EVENT_process_exec, 4, 4, 2, "other"),
		scratch_detection(5, 3, "dddddd", "detected"),
		scratch_record(EVENT_sensor_gap, 6, 0, 0, "gap"),
	};
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	until_return(arena_clear) struct arena arena = { 0 };
	struct scratch_pile pile = { 0 };
	struct store_numbers numbers;
	struct error err = { 0 };

	append(store, story, array_size(story));
	append_noise(store, 4000);
	assert_int_equal(store_retain(store, 2 << 20, 0, &err), 0);
	assert_int_equal(store_numbers(store, 0, 0, &numbers, &err), 0);
	assert_in_range(numbers.bytes, 0, 2 << 20);
	assert_in_range(numbers.events, 100, 3000);
	assert_int_equal(numbers.events + numbers.dropped, 4006);
	assert_int_equal(numbers.dropped_detections, 0);
	assert_int_equal(numbers.detections, 1);
	assert_int_equal(numbers.notices, 1);
	store_read(store, &(struct store_query){ .detections = true, .notices = true },
		scratch_collect, &pile, &err);
	assert_string_equal(pile.text, "detected gap ");
	assert_true(text_is(store_process(store, (struct entity){ 3, 1 }, &arena), "sh"));
	assert_true(text_is(store_process(store, (struct entity){ 2, 1 }, &arena), "httpd"));
	assert_true(text_is(store_process(store, (struct entity){ 1, 1 }, &arena), "init"));
	assert_null(store_process(store, (struct entity){ 4, 1 }, &arena).at);
	/* and the file itself became smaller */
	assert_in_range(store_number(store, SQL_page_count, 0) * 4096, 0, 3 << 20);
}

static void retention_by_age_goes_as_far_as_asked(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	struct store_numbers numbers;
	struct error err = { 0 };

	append_noise(store, 2000);
	assert_int_equal(store_retain(store, INT64_MAX, 2000, &err), 0);
	assert_int_equal(store_numbers(store, 0, 0, &numbers, &err), 0);
	assert_in_range(numbers.first, 1000, 2000); /* whole batches */
	assert_in_range(numbers.dropped_to, 1000, 1999);
	assert_int_equal(numbers.events + numbers.dropped, 2000);
	assert_in_range(numbers.dropped, 500, 1000);
	/* everything goes, and numbers go on */
	assert_int_equal(store_retain(store, INT64_MAX, INT64_MAX, &err), 0);
	append_many(store, 1, 3);
	assert_int_equal(store_number(store, SQL_batch_last, 0), 2004);
}

static void detections_alone_may_not_fill_the_disk(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	char json[4000], id[16];
	struct store_numbers numbers;
	struct error err = { 0 };

	memset(json, 'x', sizeof json - 1);
	json[sizeof json - 1] = 0;
	for (unsigned i = 0; i < 1000; i++) {
		struct store_record record;

		snprintf(id, sizeof id, "id%06u", i);
		record = scratch_detection(i, 1, id, json);
		append(store, &record, 1);
	}
	assert_int_equal(store_retain(store, 1 << 20, 0, &err), 0);
	assert_int_equal(store_numbers(store, 0, 0, &numbers, &err), 0);
	assert_in_range(numbers.bytes, 0, 1 << 20);
	assert_in_range(numbers.detections, 50, 260);
	assert_int_equal(numbers.detections + numbers.dropped_detections, 1000);
	assert_int_equal(numbers.last, 999);
}

static void numbers_count_between_times(void **state)
{
	static const struct {
		event_time from, to;
		int64_t events, detections, notices;
	} cases[] = {
		{ 0, 0, 7, 2, 1 },
		{ 20, 40, 4, 0, 1 },
		{ 41, 0, 1, 1, 0 },
		{ 0, 9, 0, 0, 0 },
		{ 15, 20, 1, 0, 0 },
	};
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(store_close) struct store *store = open_writer(folder);
	struct error err = { 0 };

	append_mixture(store);
	for (size_t i = 0; i < array_size(cases); i++) {
		struct store_numbers numbers;

		assert_int_equal(store_numbers(store, cases[i].from, cases[i].to, &numbers, &err),
			0);
		assert_int_equal(numbers.events, cases[i].events);
		assert_int_equal(numbers.detections, cases[i].detections);
		assert_int_equal(numbers.notices, cases[i].notices);
		assert_int_equal(numbers.first, 10);
		assert_int_equal(numbers.last, 50);
	}
}

static void a_damaged_batch_does_not_hide_the_others(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	struct store *store = open_writer(folder);
	struct scratch_pile pile = { 0 };
	struct error err = { 0 }, reopened = { 0 };

	append_mixture(store);
	/* one byte in the middle: zstd's checksum or its structure must say no */
	assert_int_equal(
		sqlite3_exec(store->db,
			"update batch set data = substr(data, 1, length(data) - 6) || x'55' ||"
			" substr(data, length(data) - 4) where first = 1",
			NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(
		store_read(store, &(struct store_query){ 0 }, scratch_collect, &pile, &err), -1);
	assert_string_equal(pile.text, "detection connect gap exit second ");
	assert_non_null(strstr(err.text, "1 blocks of events"));
	store_close(&store);
	/* a writer goes on behind the damage */
	store = store_open(folder, STORE_write, &reopened);
	assert_string_equal(reopened.text, "");
	append_many(store, 1, 1);
	pile = (struct scratch_pile){ 0 };
	assert_int_equal(store_read(store, &(struct store_query){ .from = 1 }, scratch_collect,
				 &pile, &err),
		-1);
	assert_string_equal(pile.text, "detection connect gap exit second ");
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_read_in_order_of_time),
		cmocka_unit_test(an_ambiguous_id_is_refused),
		cmocka_unit_test(the_best_lifecycle_event_describes_a_process),
		cmocka_unit_test(children_are_found_oldest_first),
		cmocka_unit_test(small_appends_become_large_batches),
		cmocka_unit_test(a_store_opened_again_goes_on),
		cmocka_unit_test(what_is_sent_again_is_kept_once),
		cmocka_unit_test(values_are_replaced),
		cmocka_unit_test(retention_keeps_detections_and_their_processes),
		cmocka_unit_test(retention_by_age_goes_as_far_as_asked),
		cmocka_unit_test(detections_alone_may_not_fill_the_disk),
		cmocka_unit_test(numbers_count_between_times),
		cmocka_unit_test(a_damaged_batch_does_not_hide_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
