// SPDX-License-Identifier: Apache-2.0
// Records on their way to the store: none is lost when the store dies, and what cannot be kept is
// counted.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/records.h"

/* A store that remembers numbers and answers when it is told to. */
struct store_side {
	struct channel *channel;
	uint64_t count, first, last;
	struct message_stored stored;
};

static void on_record(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct store_side *side = context;
	const struct message_record *record = bytes;

	assert_int_equal(message, MESSAGE_record);
	assert_int_equal(n,
		sizeof *record + record->id_length + record->level_length + record->row_length);
	if (!side->count++)
		side->first = record->sequence;
	side->last = record->sequence;
}

static void side_open(struct store_side *side, struct records *records)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	*side = (struct store_side){.channel = channel_new(pair[0], ROLE_store, ROLE_engine)};
	records_store(records, pair[1]);
}

/* Moves everything that is under way. */
static void settle(struct store_side *side, struct records *records)
{
	for (int i = 0; i < 50; i++) {
		records_run(records);
		channel_receive(side->channel, on_record, side, NULL);
	}
}

static void answer(struct store_side *side, struct records *records, uint64_t kept,
	uint64_t refused, const char *why)
{
	side->stored.kept += kept;
	side->stored.refused += refused;
	strcpy(side->stored.sentence, why);
	channel_send(side->channel, MESSAGE_stored, &side->stored, sizeof side->stored);
	channel_flush(side->channel, NULL);
	records_run(records);
}

static void add(struct records *records, int n)
{
	until_return(arena_clear) struct arena arena = {0};

	for (int i = 0; i < n; i++) {
		struct event *event = event_new(&arena, EVENT_sensor_notice);

		event->time = 1443261600000000000;
		event->sensor = sensor_new(&arena);
		event->sensor->message =
			TEXT("something an operator should know, in some words more than three");
		records_add(records, event);
		arena_reset(&arena);
	}
}

static void what_a_dead_store_did_not_acknowledge_goes_to_the_next(void **state)
{
	struct numbers numbers = {.sequence = 1};
	until_return(records_clear) struct records records = {.numbers = &numbers};
	struct store_side side;

	side_open(&side, &records);
	add(&records, 100);
	settle(&side, &records);
	assert_int_equal(side.count, 100);
	answer(&side, &records, 60, 0, "");
	assert_false(records_settled(&records));
	channel_free(&side.channel);
	add(&records, 20);
	records_run(&records);
	side_open(&side, &records);
	settle(&side, &records);
	assert_int_equal(side.count, 60);
	assert_int_equal(side.first, 61);
	assert_int_equal(side.last, 120);
	answer(&side, &records, 60, 0, "");
	assert_true(records_settled(&records));
	assert_int_equal(numbers.kept, 120);
	assert_int_equal(numbers.untold, 0);
	channel_free(&side.channel);
}

static void refusals_are_counted_and_said(void **state)
{
	struct numbers numbers = {.sequence = 1};
	until_return(records_clear) struct records records = {.numbers = &numbers};
	struct store_side side;

	side_open(&side, &records);
	add(&records, 10);
	settle(&side, &records);
	answer(&side, &records, 0, 10, "the disk is full");
	assert_true(records.refuses);
	assert_string_equal(records.sentence, "the disk is full");
	assert_int_equal(numbers.refused, 10);
	assert_int_equal(numbers.untold, 10);
	assert_true(records_settled(&records));
	add(&records, 1);
	settle(&side, &records);
	answer(&side, &records, 1, 0, "");
	assert_false(records.refuses);
	channel_free(&side.channel);
}

static void a_flood_of_file_events_leaves_room_for_others(void **state)
{
	struct numbers numbers = {.sequence = 1};
	until_return(records_clear) struct records records = {.numbers = &numbers};
	until_return(arena_clear) struct arena arena = {0};
	struct event *event = event_new(&arena, EVENT_file_open);

	event->time = 1443261600000000000;
	event->file = file_new(&arena);
	event->file->path = TEXT("/etc/shadow");
	while (numbers.dropped < 1000)
		records_add(&records, event);
	assert_int_equal(numbers.untold_files, 1000);
	add(&records, 5000);
	assert_int_equal(numbers.dropped, 1000);
	assert_int_equal(numbers.untold, 0);
}

static void without_a_store_memory_is_bounded_and_losses_are_counted(void **state)
{
	struct numbers numbers = {.sequence = 1};
	until_return(records_clear) struct records records = {.numbers = &numbers};

	while (numbers.dropped < 100)
		add(&records, 100);
	assert_true(records.n <= 8 << 20);
	assert_int_equal(numbers.untold, numbers.dropped);
	assert_int_equal(numbers.sequence - 1, numbers.events);
	assert_true(records_settled(&records)); /* nobody is there to wait for */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_dead_store_did_not_acknowledge_goes_to_the_next),
		cmocka_unit_test(refusals_are_counted_and_said),
		cmocka_unit_test(a_flood_of_file_events_leaves_room_for_others),
		cmocka_unit_test(without_a_store_memory_is_bounded_and_losses_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
