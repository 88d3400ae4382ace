// SPDX-License-Identifier: Apache-2.0
// Tests of what is said about completeness: nothing more than what saker's own notes carry.

#include "intrusion/completeness.h"
#include "intrusion/story.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000000)

/*
 * Each letter is an event, one second after the other: s start, e stop, g gap of 5, G gap of
 * unknown size, a capability that is absent, A the same that works, o one that is off,
 * x any other event.
 */
static const struct {
	const char *events;
	event_time from, to; /* in seconds */
	bool known, complete;
	int64_t missing;
	const char *sentence, *reservation; /* its beginning; NULL: there is none */
	size_t blind;
} cases[] = {
	{ "sxxe", 1, 4, true, true, 0, "complete: no event is missing", NULL, 0 },
	{ "sxx", 1, 3, true, true, 0, "complete: no event is missing", NULL, 0 },
	{ "xxx", 1, 3, false, false, 0,
		"it is not known whether events are missing: no start of saker is recorded", NULL,
		0 },
	{ "xxg", 1, 3, false, false, 5, "5 events are missing in 1 gap", NULL, 0 },
	{ "sxgxg", 1, 5, true, false, 10, "10 events are missing in 2 gaps", NULL, 0 },
	{ "sxgxg", 1, 4, true, false, 5, "5 events are missing in 1 gap", NULL, 0 },
	{ "sgxx", 3, 4, true, true, 0, "complete: no event is missing", NULL, 0 },
	{ "sxgG", 1, 4, true, false, 5,
		"at least 5 events are missing in 2 gaps, of which 1 could not say how many", NULL,
		0 },
	{ "sxe.sx", 1, 6, true, false, 0,
		"no event is missing while saker watched, but there are times it does not know",
		"saker did not watch from 1970-01-01T00:00:03.000Z to 1970-01-01T00:00:05.000Z "
		"(2.000 s)",
		0 },
	{ "sxe.sx", 5, 6, true, false, 0,
		"no event is missing while saker watched, but there are times it does not know",
		"saker did not watch from", 0 },
	{ "sxe.sxx", 6, 7, true, true, 0, "complete: no event is missing", NULL, 0 },
	{ "sx.sx", 1, 5, true, false, 0,
		"no event is missing while saker watched, but there are times it does not know",
		"saker was started at 1970-01-01T00:00:04.000Z after it had ended without saying "
		"so; nothing is known of the "
		"time since its last event, 1970-01-01T00:00:02.000Z",
		0 },
	{ "sox", 1, 3, true, true, 0, "complete: no event is missing", NULL, 0 },
	{ "sax", 1, 3, true, true, 0, "complete: no event is missing", NULL, 1 },
	{ "saxesAx", 1, 3, true, true, 0, "complete: no event is missing", NULL, 1 },
	{ "sxxe", 10, 20, false, false, 0, "nothing is recorded in this stretch of time", NULL,
		0 },
	{ "saxesAx", 5, 7, true, false, 0, "no event is missing while", "saker did not watch", 0 },
};

static const char *json_of(char letter, event_time time, char *buffer, size_t size)
{
	static const struct {
		char letter;
		const char *rest;
	} rests[] = {
		{ 's', "\"event.kind\":\"sensor_start\"" },
		{ 'e', "\"event.kind\":\"sensor_stop\"" },
		{ 'g', "\"event.kind\":\"sensor_gap\",\"saker.count\":5" },
		{ 'G', "\"event.kind\":\"sensor_gap\",\"saker.class\":\"file\"" },
		{ 'a', "\"event.kind\":\"sensor_capability\",\"saker.about\":\"rung_lsm\",\"saker."
		       "state\":\"absent\"" },
		{ 'A', "\"event.kind\":\"sensor_capability\",\"saker.about\":\"rung_lsm\",\"saker."
		       "state\":\"works\"" },
		{ 'o', "\"event.kind\":\"sensor_capability\",\"saker.about\":\"rung_kill\","
		       "\"saker.state\":\"off\"" },
		{ 'x', "\"event.kind\":\"file_create\"" },
	};
	char when[FIELD_BUFFER];

	for (size_t i = 0; i < array_size(rests); i++)
		if (rests[i].letter == letter) {
			snprintf(buffer, size, "{\"@timestamp\":\"%.*s\",%s}",
				TEXT_PRINT(time_text(time, when)), rests[i].rest);
			return buffer;
		}
	return NULL;
}

static void letters_append(struct store *store, const char *letters)
{
	until_return(arena_clear) struct arena arena = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; letters[i]; i++) {
		char buffer[256];
		const char *json = json_of(letters[i], (event_time)(i + 1) * SECOND, buffer,
			sizeof buffer);
		struct store_record record;

		if (!json)
			continue;
		record = story_record(event_read(text_of(json), &arena, &err), text_of(json));
		assert_int_equal(store_append(store, &record, 1, &err), 0);
	}
}

static void no_more_is_said_than_is_known(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(scratch_remove) char *folder = scratch_make();
		until_return(arena_clear) struct arena arena = { 0 };
		struct error err = { 0 };
		until_return(
			store_close) struct store *store = store_open(folder, STORE_write, &err);
		struct completeness found;

		letters_append(store, cases[i].events);
		assert_int_equal(completeness_find(&found, store, cases[i].from * SECOND,
					 cases[i].to * SECOND, &arena, &err),
			0);
		assert_int_equal(found.known, cases[i].known);
		assert_int_equal(found.complete, cases[i].complete);
		assert_int_equal(found.missing, cases[i].missing);
		assert_true(text_starts(found.sentence, text_of(cases[i].sentence)));
		assert_int_equal(found.reservations.n, cases[i].reservation != NULL);
		assert_true(!cases[i].reservation ||
			    text_starts(found.reservations.at[0], text_of(cases[i].reservation)));
		assert_int_equal(found.blind.n, cases[i].blind);
	}
}

static void what_retention_deleted_is_said(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	until_return(arena_clear) struct arena arena = { 0 };
	struct error err = { 0 };
	until_return(store_close) struct store *store = store_open(folder, STORE_write, &err);
	struct completeness found;

	letters_append(store, "sxxxx");
	assert_int_equal(store_retain(store, INT64_MAX, 10 * SECOND, &err), 0);
	assert_int_equal(completeness_find(&found, store, 1 * SECOND, 9 * SECOND, &arena, &err),
		0);
	assert_false(found.complete);
	assert_int_equal(found.reservations.n, 1);
	assert_true(text_starts(found.reservations.at[0],
		TEXT("4 events up to 1970-01-01T00:00:05.000Z were deleted")));
	/* what lies after it is as complete as ever */
	letters_append(store, ".....x");
	assert_int_equal(completeness_find(&found, store, 6 * SECOND, 9 * SECOND, &arena, &err),
		0);
	assert_true(found.complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_is_said_than_is_known),
		cmocka_unit_test(what_retention_deleted_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
