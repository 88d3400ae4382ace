// SPDX-License-Identifier: Apache-2.0
// Watched places: those of the settings once each, and those of the users at home.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/watched.h"

static bool has(const struct watched *watched, const char *path)
{
	for (size_t i = 0; i < watched->n; i++)
		if (!strcmp(watched->at[i], path))
			return true;
	return false;
}

static void each_place_is_there_once(void **state)
{
	until_return(watched_clear) struct watched watched = {0};

	watched_add(&watched, "/etc/");
	watched_add(&watched, "/etc/");
	watched_add(&watched, "relative/");
	watched_add(&watched, "");
	assert_int_equal(watched.n, 1);
}

static void users_bring_their_keys_and_histories(void **state)
{
	static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
				     "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
				     "alice:x:1000:1000:Alice:/home/alice:/bin/zsh\n"
				     "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
				     "oops:x:1001:1001::/:/bin/sh\n";
	static const struct {
		const char *path;
		bool there;
	} cases[] = {
		{"/root/.ssh/", true},
		{"/root/.bash_history", true},
		{"/home/alice/.ssh/", true},
		{"/home/alice/.zsh_history", true},
		{"/usr/sbin/.ssh/", false},
		{"/nonexistent/.ssh/", false},
		{"//.ssh/", false},
	};
	until_return(watched_clear) struct watched watched = {0};
	char path[] = "/tmp/saker-passwd-XXXXXX";
	until_return(fd_close) int fd = mkstemp(path);

	assert_int_equal(write(fd, passwd, sizeof passwd - 1), sizeof passwd - 1);
	watched_users(&watched, path);
	unlink(path);
	for (size_t i = 0; i < array_size(cases); i++)
		assert_int_equal(has(&watched, cases[i].path), cases[i].there);
}

static void there_is_a_limit(void **state)
{
	until_return(watched_clear) struct watched watched = {0};
	char path[32];

	for (int i = 0; i < 2 * WATCHED_MAX; i++) {
		snprintf(path, sizeof path, "/place/%d/", i);
		watched_add(&watched, path);
	}
	assert_int_equal(watched.n, WATCHED_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_is_there_once),
		cmocka_unit_test(users_bring_their_keys_and_histories),
		cmocka_unit_test(there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
