// SPDX-License-Identifier: Apache-2.0
// Messages: what is sent arrives, in order, with its descriptors; what is not permitted ends the
// channel.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/message.h"

/* What came out at the other end. */
struct heard {
	size_t count, bytes, fds;
	enum message last;
	uint64_t ids, mixed; /* sum of ids, and a sum that depends on their order */
	ino_t inode; /* of the last descriptor */
	int taken;
};

static void on_message(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct heard *heard = context;
	struct stat file;
	uint64_t id;

	heard->count++;
	heard->bytes += n;
	heard->last = message;
	if (n >= sizeof id) {
		memcpy(&id, bytes, sizeof id);
		heard->ids += id;
		heard->mixed = heard->mixed * 31 + id;
	}
	heard->fds += fd_count;
	if (fd_count && !fstat(fds[fd_count - 1], &file))
		heard->inode = file.st_ino;
	if (fd_count && heard->taken < 0)
		heard->taken = give_fd(&fds[0]);
}

static void pair_open(int pair[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

static void many_small_messages_arrive_in_order(void **state)
{
	struct heard heard = {0};
	struct error err = {0};
	uint64_t mixed = 0;
	int pair[2];

	pair_open(pair);
	until_return(channel_free) struct channel *engine =
		channel_new(pair[0], ROLE_engine, ROLE_parent);
	until_return(channel_free) struct channel *parent =
		channel_new(pair[1], ROLE_parent, ROLE_engine);
	for (uint64_t i = 1; i <= 50000; i++) {
		struct message_kill order = {.id = i, .pid = 7};

		assert_true(channel_send(engine, MESSAGE_kill, &order, sizeof order));
		mixed = mixed * 31 + i;
		if (i % 100)
			continue;
		assert_int_equal(channel_flush(engine, &err), 0);
		assert_int_equal(channel_receive(parent, on_message, &heard, &err), 0);
	}
	while (channel_waiting(engine)) {
		assert_int_equal(channel_flush(engine, &err), 0);
		assert_int_equal(channel_receive(parent, on_message, &heard, &err), 0);
	}
	assert_int_equal(channel_receive(parent, on_message, &heard, &err), 0);
	assert_int_equal(heard.count, 50000);
	assert_int_equal(heard.ids, UINT64_C(50000) * 50001 / 2);
	assert_true(heard.mixed == mixed);
}

static void a_large_message_arrives_whole(void **state)
{
	enum { SIZE = 3 << 20 };
	until_return(memory_free) char *bytes = memory_new(SIZE);
	struct heard heard = {0};
	struct error err = {0};
	int pair[2];

	pair_open(pair);
	until_return(channel_free) struct channel *engine =
		channel_new(pair[0], ROLE_engine, ROLE_store);
	until_return(channel_free) struct channel *store =
		channel_new(pair[1], ROLE_store, ROLE_engine);
	assert_true(channel_send(engine, MESSAGE_record, bytes, SIZE));
	for (int i = 0; i < 1000 && !heard.count; i++) {
		assert_int_equal(channel_flush(engine, &err), 0);
		assert_int_equal(channel_receive(store, on_message, &heard, &err), 0);
	}
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.bytes, SIZE);
}

static void descriptors_come_with_their_message(void **state)
{
	struct heard heard = {.taken = -1};
	struct error err = {0};
	struct message_hold *hold = memory_new(sizeof *hold);
	until_return(fd_close) int file = open("/dev/null", O_RDONLY);
	struct stat wanted;
	int pair[2];

	pair_open(pair);
	assert_int_equal(fstat(file, &wanted), 0);
	until_return(channel_free) struct channel *parent =
		channel_new(pair[0], ROLE_parent, ROLE_engine);
	until_return(channel_free) struct channel *engine =
		channel_new(pair[1], ROLE_engine, ROLE_parent);
	for (int i = 0; i < 40; i++) {
		struct message_killed killed = {.id = 1};

		hold->id = 1;
		assert_true(channel_send(parent, MESSAGE_killed, &killed, sizeof killed));
		assert_true(channel_send_fds(parent, MESSAGE_hold, hold, sizeof *hold, &file, 1));
	}
	for (int i = 0; i < 100 && heard.count < 80; i++) {
		assert_int_equal(channel_flush(parent, &err), 0);
		assert_int_equal(channel_receive(engine, on_message, &heard, &err), 0);
	}
	assert_int_equal(heard.count, 80);
	assert_int_equal(heard.fds, 40);
	assert_int_equal(heard.ids, 80);
	assert_true(heard.inode == wanted.st_ino);
	/* one that the handler kept stays open */
	assert_true(heard.taken >= 0 && fcntl(heard.taken, F_GETFD) >= 0);
	assert_true(fcntl(heard.taken, F_GETFD) & FD_CLOEXEC);
	close(heard.taken);
	free(hold);
}

static void a_peer_that_does_not_read_costs_bounded_memory(void **state)
{
	enum { SIZE = 64 << 10 };
	until_return(memory_free) char *bytes = memory_new(SIZE);
	struct error err = {0};
	size_t sent = 0;
	int pair[2];

	pair_open(pair);
	until_return(fd_close) int silent = pair[1];
	until_return(channel_free) struct channel *engine =
		channel_new(pair[0], ROLE_engine, ROLE_store);
	while (sent < 1000 && channel_send(engine, MESSAGE_record, bytes, SIZE)) {
		assert_int_equal(channel_flush(engine, &err), 0);
		sent++;
	}
	assert_true(silent >= 0);
	assert_in_range(sent, 100, 300);
	assert_in_range(channel_waiting(engine), 7 << 20, 8 << 20);
}

static void a_closed_peer_is_said(void **state)
{
	struct message_kill order = {.id = 1};
	struct heard heard = {0};
	struct error err = {0};
	int pair[2];

	pair_open(pair);
	until_return(channel_free) struct channel *engine =
		channel_new(pair[0], ROLE_engine, ROLE_parent);
	until_return(channel_free) struct channel *parent =
		channel_new(pair[1], ROLE_parent, ROLE_engine);
	channel_send(engine, MESSAGE_kill, &order, sizeof order);
	assert_int_equal(channel_flush(engine, &err), 0);
	channel_free(&engine);
	/* what was sent before is still handed on */
	assert_int_equal(channel_receive(parent, on_message, &heard, &err), -1);
	assert_int_equal(heard.count, 1);
	assert_string_equal(err.text, "the engine is gone");
}

/* Raw frames, as a process would send that obeys no one. */
struct frame {
	uint16_t message, fds;
	uint32_t length;
	char body[64];
};

static const struct {
	struct frame frame;
	size_t n;
	enum role self, peer;
	const char *says;
} bad[] = {
	{{MESSAGE_kill, 0, 24, {0}}, 32, ROLE_engine, ROLE_parent,
		"the parent may not send 'kill'"},
	{{MESSAGE_kill, 0, 24, {0}}, 32, ROLE_parent, ROLE_store, "the store may not send 'kill'"},
	{{MESSAGE_killed, 0, 16, {0}}, 24, ROLE_parent, ROLE_engine,
		"the engine may not send 'killed'"},
	{{MESSAGE_kill, 0, 23, {0}}, 32, ROLE_parent, ROLE_engine,
		"the engine sent 'kill' with 23 bytes"},
	{{MESSAGE_kill, 0, 25, {0}}, 40, ROLE_parent, ROLE_engine,
		"the engine sent 'kill' with 25 bytes"},
	{{MESSAGE_kill, 0, UINT32_MAX, {0}}, 40, ROLE_parent, ROLE_engine,
		"the engine sent 'kill' with 4294967295 bytes"},
	{{MESSAGE_record, 0, (4 << 20) + 1, {0}}, 40, ROLE_store, ROLE_engine,
		"the engine sent 'record' with 4194305 bytes"},
	{{MESSAGES, 0, 8, {0}}, 16, ROLE_parent, ROLE_engine, NULL},
	{{65535, 0, 8, {0}}, 16, ROLE_parent, ROLE_engine,
		"the engine sent a message of unknown kind 65535"},
	{{MESSAGE_kill, 9, 24, {0}}, 32, ROLE_parent, ROLE_engine,
		"the engine sent 'kill' with 9 descriptors"},
	{{MESSAGE_kill, 1, 24, {0}}, 32, ROLE_parent, ROLE_engine,
		"the engine sent fewer descriptors than it said"},
};

static void what_is_not_permitted_ends_the_channel(void **state)
{
	for (size_t i = 0; i < array_size(bad); i++) {
		struct heard heard = {0};
		struct error err = {0};
		int pair[2];

		pair_open(pair);
		until_return(fd_close) int sender = pair[0];
		until_return(channel_free) struct channel *channel =
			channel_new(pair[1], bad[i].self, bad[i].peer);
		assert_int_equal(write(sender, &bad[i].frame, bad[i].n), bad[i].n);
		assert_int_equal(channel_receive(channel, on_message, &heard, &err), -1);
		assert_int_equal(heard.count, 0);
		if (bad[i].says)
			assert_string_equal(err.text, bad[i].says);
	}
}

static void each_role_has_a_name_and_a_sentence(void **state)
{
	for (int i = 0; i < ROLES; i++) {
		assert_true(strlen(role_names[i]) > 2);
		assert_true(strlen(role_sentences[i]) > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_small_messages_arrive_in_order),
		cmocka_unit_test(a_large_message_arrives_whole),
		cmocka_unit_test(descriptors_come_with_their_message),
		cmocka_unit_test(a_peer_that_does_not_read_costs_bounded_memory),
		cmocka_unit_test(a_closed_peer_is_said),
		cmocka_unit_test(what_is_not_permitted_ends_the_channel),
		cmocka_unit_test(each_role_has_a_name_and_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
