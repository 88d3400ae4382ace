// SPDX-License-Identifier: Apache-2.0
// Orders: only the process that was meant is ended, and never one that saker or the host needs.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include <string.h>

#include "daemon/order.h"
#include "daemon/procfs.h"

enum { TICK = 10000000 };

/* A grandchild that waits, so that it is no child of this process; its pid. */
static pid_t stranger_start(pid_t *between)
{
	int tell[2];
	pid_t pid;

	assert_int_equal(pipe(tell), 0);
	*between = fork();
	if (!*between) {
		pid = fork();
		if (!pid) {
			for (;;)
				pause();
		}
		if (write(tell[1], &pid, sizeof pid) != sizeof pid)
			_exit(1);
		waitpid(pid, NULL, 0);
		_exit(0);
	}
	assert_int_equal(read(tell[0], &pid, sizeof pid), sizeof pid);
	close(tell[0]);
	close(tell[1]);
	return pid;
}

static uint64_t start_of(pid_t pid)
{
	struct procfs facts;

	assert_int_equal(procfs_read(pid, &facts, NULL), 0);
	return facts.start * TICK;
}

static void the_process_that_was_meant_is_ended(void **state)
{
	pid_t between, pid = stranger_start(&between);
	struct message_kill order = {
		.id = 1, .pid = (uint32_t)pid, .start = start_of(pid) + TICK / 2};

	assert_int_equal(order_kill(&order), 0);
	waitpid(between, NULL, 0);
	assert_int_equal(order_kill(&order), ESRCH);
}

static void another_process_with_its_pid_is_not(void **state)
{
	pid_t between, pid = stranger_start(&between);
	static const int64_t off[] = {-TICK, TICK, -1000000000, 1000000000};

	for (size_t i = 0; i < array_size(off); i++) {
		struct message_kill order = {
			.id = 1, .pid = (uint32_t)pid, .start = start_of(pid) + (uint64_t)off[i]};

		assert_int_equal(order_kill(&order), ESRCH);
	}
	assert_int_equal(kill(pid, 0), 0);
	kill(pid, SIGKILL);
	waitpid(between, NULL, 0);
}

static void nobody_that_is_needed_is(void **state)
{
	pid_t child = fork();
	const pid_t needed[] = {0, 1, getpid(), getppid(), child, -1};

	if (!child) {
		for (;;)
			pause();
	}
	for (size_t i = 0; i < array_size(needed); i++) {
		struct message_kill order = {.id = 1, .pid = (uint32_t)needed[i]};

		if (needed[i] > 0)
			order.start = start_of(needed[i]);
		assert_int_equal(order_kill(&order), EPERM);
	}
	assert_int_equal(kill(child, SIGKILL), 0);
	waitpid(child, NULL, 0);
}

static void values_that_the_kernel_side_does_not_know_are_refused(void **state)
{
	struct message_image image = {.hash = 1, .bits = 2, .how = 3};
	struct message_place empty = {.bits = 1}, relative = {.bits = 1, .prefix = "tmp/"};
	struct message_clause beyond = {.index = CLAUSES_MAX}, everything = {.index = 0};
	struct wire_clause everywhere = {.acts = ACT_exec, .in_use = 1};
	struct message_address unix_ = {.family = AF_UNIX};
	struct error err;

	memcpy(everything.clause, &everywhere, sizeof everywhere);
	/* refused before the sensor is touched, so none is needed */
	assert_int_equal(order_image(NULL, &image, &err), -1);
	assert_int_equal(order_place(NULL, &empty, &err), -1);
	assert_int_equal(order_place(NULL, &relative, &err), -1);
	assert_int_equal(order_clause(NULL, &beyond, &err), -1);
	assert_int_equal(order_clause(NULL, &everything, &err), -1);
	assert_string_equal(
		err.text, "the engine ordered a clause that would refuse everything");
	assert_int_equal(order_address(NULL, &unix_, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_process_that_was_meant_is_ended),
		cmocka_unit_test(another_process_with_its_pid_is_not),
		cmocka_unit_test(nobody_that_is_needed_is),
		cmocka_unit_test(values_that_the_kernel_side_does_not_know_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
