// SPDX-License-Identifier: Apache-2.0
// One saker for each store folder.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/lock.h"

struct place {
	char top[64], store[80], lock[96];
};

static int place_make(void **state)
{
	static struct place place;

	strcpy(place.top, "/tmp/saker-lock-XXXXXX");
	if (!mkdtemp(place.top))
		return -1;
	snprintf(place.store, sizeof place.store, "%s/store", place.top);
	snprintf(place.lock, sizeof place.lock, "%s/lock", place.store);
	*state = &place;
	return 0;
}

static int place_remove(void **state)
{
	struct place *place = *state;

	unlink(place->lock);
	rmdir(place->store);
	rmdir(place->top);
	return 0;
}

static void the_folder_is_made_for_its_user_alone(void **state)
{
	struct place *place = *state;
	struct error err = {0};
	struct stat folder;
	pid_t died = -1;
	until_return(lock_drop) int lock =
		lock_take(place->store, getuid(), getgid(), &died, &err);

	assert_true(lock >= 0);
	assert_int_equal(died, 0);
	assert_int_equal(stat(place->store, &folder), 0);
	assert_int_equal(folder.st_mode & 07777, 0700);
	assert_int_equal(lock_holder(place->store), getpid());
}

/* A child that holds the lock until it is told to end by signal. */
static pid_t holder_start(const struct place *place)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		struct error err;
		pid_t died;
		int lock = lock_take(place->store, getuid(), getgid(), &died, &err);

		if (write(ready[1], lock >= 0 ? "y" : "n", 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void a_second_one_is_refused_until_the_first_is_gone(void **state)
{
	struct place *place = *state;
	struct error err = {0};
	pid_t died = 0, holder = holder_start(place);
	char wanted[32];
	int lock = lock_take(place->store, getuid(), getgid(), &died, &err);

	snprintf(wanted, sizeof wanted, "process %d", holder);
	assert_int_equal(lock, -1);
	assert_non_null(strstr(err.text, "saker runs already with the store"));
	assert_non_null(strstr(err.text, wanted));
	assert_int_equal(lock_holder(place->store), holder);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	assert_int_equal(lock_holder(place->store), 0);
	/* it did not end in order, and that is known */
	lock = lock_take(place->store, getuid(), getgid(), &died, &err);
	assert_true(lock >= 0);
	assert_int_equal(died, holder);
	lock_drop(&lock);
	lock = lock_take(place->store, getuid(), getgid(), &died, &err);
	assert_int_equal(died, 0);
	lock_drop(&lock);
}

static void nothing_planted_in_the_folder_is_followed(void **state)
{
	struct place *place = *state;
	struct error err = {0};
	char target[96];
	pid_t died;

	snprintf(target, sizeof target, "%s/target", place->top);
	assert_int_equal(mkdir(place->store, 0700), 0);
	assert_int_equal(symlink(target, place->lock), 0);
	assert_int_equal(lock_take(place->store, getuid(), getgid(), &died, &err), -1);
	assert_int_equal(access(target, F_OK), -1);
	unlink(place->lock);
	assert_int_equal(mkfifo(place->lock, 0600), 0);
	assert_int_equal(lock_take(place->store, getuid(), getgid(), &died, &err), -1);
	assert_non_null(strstr(err.text, "is no plain file"));
}

static void a_folder_that_others_use_is_not_taken(void **state)
{
	struct place *place = *state;
	struct error err = {0};
	pid_t died;

	/*
	 * place->top belongs to us and is not empty once it holds a file; another user shall get
	 * it
	 */
	assert_int_equal(mkdir(place->store, 0700), 0);
	assert_int_equal(lock_take(place->top, getuid() + 12345, getgid(), &died, &err), -1);
	assert_non_null(strstr(err.text, "is in use for something else"));
	assert_int_equal(
		lock_take("/nonexistent/saker/store", getuid(), getgid(), &died, &err), -1);
	assert_non_null(
		strstr(err.text, "cannot make the store folder '/nonexistent/saker/store'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_folder_is_made_for_its_user_alone, place_make, place_remove),
		cmocka_unit_test_setup_teardown(
			a_second_one_is_refused_until_the_first_is_gone, place_make, place_remove),
		cmocka_unit_test_setup_teardown(
			nothing_planted_in_the_folder_is_followed, place_make, place_remove),
		cmocka_unit_test_setup_teardown(
			a_folder_that_others_use_is_not_taken, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
