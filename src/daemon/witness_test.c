// SPDX-License-Identifier: Apache-2.0
// The witness reads the arguments of another process from its memory, here those that the test
// lays out in its own.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/message.h"
#include "daemon/roles.h"

enum { NOBODY = 65534 };

struct heard {
	struct message_seen head;
	size_t n;
	bool came;
	char bytes[HOLD_ARGS_MAX];
};

static struct heard heard;
static struct channel *witness;
static pid_t pid;

static int witness_start(void **state)
{
	int pair[2];

	if (geteuid() || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return 0;
	pid = fork();
	if (!pid) {
		const struct post post = {
			.channel = pair[1], .uid = NOBODY, .gid = NOBODY, .folder = "/"};

		close(pair[0]);
		_exit(role_witness(&post));
	}
	close(pair[1]);
	witness = channel_new(pair[0], ROLE_parent, ROLE_witness);
	return 0;
}

static int witness_end(void **state)
{
	int status = 0;

	channel_free(&witness);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status;
}

static void on_seen(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	memcpy(&heard.head, bytes, sizeof heard.head);
	heard.n = n - sizeof heard.head;
	memcpy(heard.bytes, (const char *)bytes + sizeof heard.head, heard.n);
	heard.came = true;
}

static void look_at(const void *argv)
{
	struct message_look look = {.id = 7, .argv = (uintptr_t)argv, .tid = (uint32_t)getpid()};
	struct pollfd wait;

	if (!witness)
		skip();
	heard.came = false;
	assert_true(channel_send(witness, MESSAGE_look, &look, sizeof look));
	assert_int_equal(channel_flush(witness, NULL), 0);
	wait = (struct pollfd){channel_fd(witness), POLLIN, 0};
	for (int i = 0; i < 100 && !heard.came; i++) {
		poll(&wait, 1, 100);
		assert_int_equal(channel_receive(witness, on_seen, NULL, NULL), 0);
	}
	assert_true(heard.came);
	assert_int_equal(heard.head.id, 7);
}

static void arguments_are_read_one_behind_the_other(void **state)
{
	static const char wanted[] = "sh\0-c\0\0id; uname -a";
	const char *argv[] = {"sh", "-c", "", "id; uname -a", NULL};

	look_at(argv);
	assert_true(heard.head.known);
	assert_false(heard.head.cut);
	assert_int_equal(heard.n, sizeof wanted);
	assert_memory_equal(heard.bytes, wanted, sizeof wanted);
}

static void no_arguments_are_known_to_be_none(void **state)
{
	const char *argv[] = {NULL};

	look_at(argv);
	assert_true(heard.head.known);
	assert_int_equal(heard.n, 0);
}

static void many_arguments_and_long_ones_are_cut_and_say_so(void **state)
{
	until_return(memory_free) char *long_ = memory_new(100001);
	until_return(memory_free) const char **many = memory_new(100001 * sizeof *many);
	const char *argv[] = {"x", NULL, NULL};

	memset(long_, 'a', 100000);
	argv[1] = long_;
	look_at(argv);
	assert_true(heard.head.known && heard.head.cut);
	assert_int_equal(heard.n, HOLD_ARGS_MAX);
	assert_int_equal(heard.bytes[HOLD_ARGS_MAX - 1], 0);
	for (size_t i = 0; i < 100000; i++)
		many[i] = "y";
	look_at(many);
	assert_true(heard.head.known && heard.head.cut);
	assert_int_equal(heard.n, 8192);
	/* two hundred fit */
	many[200] = NULL;
	look_at(many);
	assert_true(heard.head.known && !heard.head.cut);
	assert_int_equal(heard.n, 400);
}

static void memory_that_is_not_there_is_unknown(void **state)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const char *argv[] = {"x", (const char *)16, NULL};
	const char **edge = (const char **)(void *)(pages + 4096 - 2 * sizeof *edge);

	munmap(pages + 4096, 4096);
	look_at(argv);
	assert_false(heard.head.known);
	look_at((void *)16);
	assert_false(heard.head.known);
	/* pointers and a string that end with the last byte that is there */
	strcpy(pages + 4096 - 2 * sizeof *edge - 4, "end");
	edge[0] = pages + 4096 - 2 * sizeof *edge - 4;
	edge[1] = NULL;
	look_at(edge);
	assert_true(heard.head.known);
	assert_string_equal(heard.bytes, "end");
	/* no NULL before the end */
	edge[1] = edge[0];
	look_at(edge);
	assert_false(heard.head.known);
	munmap(pages, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_read_one_behind_the_other),
		cmocka_unit_test(no_arguments_are_known_to_be_none),
		cmocka_unit_test(many_arguments_and_long_ones_are_cut_and_say_so),
		cmocka_unit_test(memory_that_is_not_there_is_unknown),
	};

	return cmocka_run_group_tests(tests, witness_start, witness_end);
}
