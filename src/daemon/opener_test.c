// SPDX-License-Identifier: Apache-2.0
// Files that are opened by a thread.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/opener.h"

static char folder[] = "/tmp/saker-opener-XXXXXX", path[64];
static struct opener *opener;

static int make(void **state)
{
	until_return(fd_close) int fd = -1;
	struct error err = {0};

	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/file", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	opener = opener_new(&err);
	return fd < 0 || write(fd, "text", 4) != 4 || !opener ? -1 : 0;
}

static int undo(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static void order(uint64_t id, const char *name, const struct stat *file)
{
	struct message_hash order = {.id = id, .stamp = stamp_of(file)};

	snprintf(order.path, sizeof order.path, "%s", name);
	assert_true(opener_order(opener, &order,
		offsetof(struct message_hash, path) + strlen(order.path) + 1));
}

static bool take(uint64_t id, int *fd)
{
	struct pollfd wait = {opener_fd(opener), POLLIN, 0};
	uint64_t taken, size;

	assert_int_equal(poll(&wait, 1, 5000), 1);
	assert_true(opener_take(opener, &taken, &size, fd));
	assert_int_equal(taken, id);
	return *fd >= 0;
}

static void that_very_file_is_opened(void **state)
{
	until_return(fd_close) int fd = -1;
	char text[8];
	struct stat file;

	assert_int_equal(stat(path, &file), 0);
	order(1, path, &file);
	assert_true(take(1, &fd));
	assert_int_equal(read(fd, text, sizeof text), 4);
}

static void another_one_of_that_name_is_not(void **state)
{
	until_return(fd_close) int fd = -1;
	struct stat file;

	assert_int_equal(stat(path, &file), 0);
	file.st_size++;
	order(2, path, &file);
	assert_false(take(2, &fd));
	assert_int_equal(stat("/dev/null", &file), 0);
	order(3, "/dev/null", &file);
	assert_false(take(3, &fd));
}

static void who_gives_the_order_does_not_wait_with_it(void **state)
{
	until_return(fd_close) int fd = -1;
	until_return(fd_close) int group = fanotify_init(
		FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_REPORT_TID, O_RDONLY | O_CLOEXEC);
	struct fanotify_event_metadata event;
	struct fanotify_response response;
	struct pollfd wait = {opener_fd(opener), POLLIN, 0};
	struct stat file;

	if (group < 0)
		skip();
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, path), 0);
	order(4, path, &file);
	assert_int_equal(read(group, &event, sizeof event), sizeof event);
	assert_int_equal(event.pid, opener_tid(opener));
	assert_int_equal(poll(&wait, 1, 50), 0);
	response = (struct fanotify_response){event.fd, FAN_ALLOW};
	assert_int_equal(write(group, &response, sizeof response), sizeof response);
	close(event.fd);
	assert_true(take(4, &fd));
}

static void too_many_are_refused(void **state)
{
	struct message_hash order = {.id = 9};
	unsigned given = 0, taken = 0;
	struct pollfd wait = {opener_fd(opener), POLLIN, 0};
	uint64_t id, size;
	int fd;

	/* nobody takes them back */
	while (given < 1000 && opener_order(opener, &order, sizeof order))
		given++;
	assert_in_range(given, 1, 999);
	while (taken < given && poll(&wait, 1, 5000) == 1)
		taken += opener_take(opener, &id, &size, &fd);
	assert_int_equal(taken, given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(that_very_file_is_opened),
		cmocka_unit_test(another_one_of_that_name_is_not),
		cmocka_unit_test(who_gives_the_order_does_not_wait_with_it),
		cmocka_unit_test(too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, make, undo);
}
