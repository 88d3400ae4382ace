// SPDX-License-Identifier: Apache-2.0
// Held programs, live: in a folder of the test's own, by root only.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/hold.h"
#include "daemon/spawn.h"

enum { DEADLINE = 50, EXEC_REFUSED = 99 };

/* What the one who is asked does. */
enum manner { ALLOWS, DENIES, CACHES, SILENT, ABSENT };

struct world {
	char folder[64], below[80], program[96], deeper[112], outside[64];
	struct hold *hold;
	enum manner manner;
	pid_t own;
	int asked, let_go, wrote;
	enum hold_kind kind;
	char path[256], result[16];
};

static bool is_own(void *context, pid_t tid)
{
	return tid == ((struct world *)context)->own;
}

static bool ask(void *context, uint64_t id, int fd, pid_t tid, const char *path)
{
	struct world *world = context;

	world->asked++;
	snprintf(world->path, sizeof world->path, "%s", path);
	if (world->manner == ABSENT)
		return false;
	if (world->manner != SILENT)
		hold_answer(world->hold, id, world->manner != DENIES, world->manner == CACHES);
	return true;
}

static void let_go(void *context, pid_t tid, const char *path, const char *result, const char *why)
{
	struct world *world = context;

	world->let_go++;
	snprintf(world->result, sizeof world->result, "%s", result);
}

static void wrote(void *context, int fd, pid_t tid, const char *path)
{
	((struct world *)context)->wrote++;
}

static void copy_program(const char *to)
{
	until_return(fd_close) int in = open("/bin/true", O_RDONLY | O_CLOEXEC);
	until_return(fd_close) int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	char buffer[65536];
	ssize_t n;

	while ((n = read(in, buffer, sizeof buffer)) > 0)
		assert_int_equal(write(out, buffer, (size_t)n), n);
	futimens(out, old);
}

static int world_make(void **state)
{
	static struct world world;

	world = (struct world){.own = -1};
	strcpy(world.folder, "/tmp/saker-hold-XXXXXX");
	if (!mkdtemp(world.folder))
		return -1;
	snprintf(world.below, sizeof world.below, "%s/below", world.folder);
	snprintf(world.program, sizeof world.program, "%s/program", world.folder);
	snprintf(world.deeper, sizeof world.deeper, "%s/program", world.below);
	snprintf(world.outside, sizeof world.outside, "/tmp/saker-hold-outside-%d", getpid());
	copy_program(world.program);
	copy_program(world.outside);
	*state = &world;
	return 0;
}

static int world_remove(void **state)
{
	struct world *world = *state;

	hold_free(&world->hold);
	unlink(world->deeper);
	unlink(world->program);
	unlink(world->outside);
	rmdir(world->below);
	return rmdir(world->folder);
}

static void world_open(struct world *world, enum manner manner)
{
	const char *folders[] = {world->folder};
	struct hold_options options = {
		.kind = world->kind,
		.folders = folders,
		.folder_count = 1,
		.deadline = DEADLINE,
		.own = is_own,
		.ask = ask,
		.wrote = wrote,
		.let_go = let_go,
		.context = world,
	};
	struct error err = {0};

	if (geteuid())
		skip();
	world->manner = manner;
	world->hold = hold_new(&options, &err);
	if (!world->hold)
		print_message("%s\n", err.text);
	assert_non_null(world->hold);
}

static pid_t start(const char *program)
{
	pid_t pid = fork();

	if (!pid) {
		execl(program, program, (char *)NULL);
		_exit(errno == EPERM ? EXEC_REFUSED : 98);
	}
	return pid;
}

/* Serves the hold until the child has ended; its exit status. */
static int serve(struct world *world, pid_t pid)
{
	int status;

	while (!waitpid(pid, &status, WNOHANG)) {
		struct pollfd wait = {hold_fd(world->hold), POLLIN, 0};

		poll(&wait, 1, hold_wait(world->hold) < 2 ? hold_wait(world->hold) : 2);
		hold_read(world->hold);
		hold_tick(world->hold);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void an_allowed_program_runs(void **state)
{
	struct world *world = *state;

	world_open(world, ALLOWS);
	assert_int_equal(serve(world, start(world->program)), 0);
	assert_int_equal(world->asked, 1);
	assert_string_equal(world->path, world->program);
	assert_int_equal(hold_numbers(world->hold).open, 0);
}

static void a_denied_program_gets_eperm(void **state)
{
	struct world *world = *state;

	world_open(world, DENIES);
	assert_int_equal(serve(world, start(world->program)), EXEC_REFUSED);
	assert_int_equal(hold_numbers(world->hold).denied, 1);
}

static void nobody_outside_of_the_folder_is_asked_about(void **state)
{
	struct world *world = *state;

	world_open(world, DENIES);
	assert_int_equal(serve(world, start(world->outside)), 0);
	assert_int_equal(world->asked, 0);
}

static void a_silent_answer_lets_go_at_the_deadline(void **state)
{
	struct world *world = *state;
	int64_t began = now_ms(), took;

	world_open(world, SILENT);
	assert_int_equal(serve(world, start(world->program)), 0);
	took = now_ms() - began;
	assert_in_range(took, DEADLINE, 20 * DEADLINE);
	assert_int_equal(world->let_go, 1);
	assert_string_equal(world->result, "timeout");
	assert_int_equal(hold_numbers(world->hold).timeouts, 1);
}

static void a_late_answer_is_good_for_the_next_time(void **state)
{
	struct world *world = *state;

	if (geteuid())
		skip();
	sleep(1); /* a file that changed in this second is not cached */
	world_open(world, SILENT);
	/* nobody has asked that */
	hold_answer(world->hold, 0, false, true);
	hold_answer(world->hold, UINT64_MAX, false, true);
	assert_true(fcntl(0, F_GETFD) >= 0);
	assert_int_equal(hold_numbers(world->hold).denied, 0);
	assert_int_equal(serve(world, start(world->program)), 0);
	hold_answer(world->hold, 1, false, true);
	assert_int_equal(hold_numbers(world->hold).open, 0);
	assert_int_equal(serve(world, start(world->program)), EXEC_REFUSED);
	assert_int_equal(world->asked, 1);
}

static void who_opens_waits_and_who_wrote_is_told(void **state)
{
	struct world *world = *state;
	int status;
	pid_t pid;

	world->kind = HOLD_files;
	world_open(world, DENIES);
	pid = fork();
	if (!pid)
		_exit(open(world->program, O_RDONLY | O_CLOEXEC) < 0 && errno == EPERM ? 0 : 1);
	assert_int_equal(serve(world, pid), 0);
	assert_in_range(world->asked, 1, 2);
	world->manner = ALLOWS;
	pid = fork();
	if (!pid) {
		int fd = open(world->program, O_WRONLY | O_APPEND | O_CLOEXEC);

		_exit(fd >= 0 && write(fd, "x", 1) == 1 && !close(fd) ? 0 : 1);
	}
	status = serve(world, pid);
	hold_read(world->hold);
	assert_int_equal(status, 0);
	assert_in_range(world->asked, 2, 4); /* others may look at new files, too */
	assert_int_equal(world->wrote, 1);
}

static void when_nobody_can_be_asked_the_program_runs(void **state)
{
	struct world *world = *state;

	world_open(world, ABSENT);
	assert_int_equal(serve(world, start(world->program)), 0);
	assert_string_equal(world->result, "failed");
}

static void own_processes_never_wait(void **state)
{
	struct world *world = *state;

	world_open(world, DENIES);
	world->own = start(world->program);
	assert_int_equal(serve(world, world->own), 0);
	assert_int_equal(world->asked, 0);
}

static void a_cached_answer_is_not_asked_for_again_until_the_file_changes(void **state)
{
	struct world *world = *state;

	if (geteuid())
		skip();
	sleep(1); /* a file that changed in this second is not cached */
	world_open(world, CACHES);
	for (int i = 0; i < 3; i++)
		assert_int_equal(serve(world, start(world->program)), 0);
	assert_int_equal(world->asked, 1);
	assert_int_equal(chmod(world->program, 0700), 0);
	assert_int_equal(serve(world, start(world->program)), 0);
	assert_int_equal(world->asked, 2);
}

static void a_folder_made_later_is_held_within_a_second(void **state)
{
	struct world *world = *state;
	int64_t end;

	world_open(world, DENIES);
	assert_int_equal(hold_numbers(world->hold).folders, 1);
	assert_int_equal(mkdir(world->below, 0755), 0);
	copy_program(world->deeper);
	for (end = now_ms() + 2500; now_ms() < end && hold_numbers(world->hold).folders < 2;) {
		poll(NULL, 0, 20);
		hold_tick(world->hold);
	}
	assert_int_equal(hold_numbers(world->hold).folders, 2);
	assert_int_equal(serve(world, start(world->deeper)), EXEC_REFUSED);
	assert_string_equal(world->path, world->deeper);
}

static void a_folder_that_does_not_exist_yet_is_waited_for(void **state)
{
	struct world *world = *state;
	char kept[sizeof world->folder];
	int64_t end;

	strcpy(kept, world->folder);
	strcpy(world->folder, world->below);
	world_open(world, DENIES);
	assert_int_equal(hold_numbers(world->hold).folders, 0);
	assert_int_equal(mkdir(world->below, 0755), 0);
	copy_program(world->deeper);
	for (end = now_ms() + 2500; now_ms() < end && !hold_numbers(world->hold).folders;) {
		poll(NULL, 0, 20);
		hold_tick(world->hold);
	}
	assert_int_equal(serve(world, start(world->deeper)), EXEC_REFUSED);
	strcpy(world->folder, kept);
}

static void what_is_held_goes_on_when_the_owner_is_killed(void **state)
{
	struct world *world = *state;
	int ready[2], status;
	pid_t owner, program;
	char byte;

	if (geteuid())
		skip();
	assert_int_equal(pipe(ready), 0);
	owner = fork();
	if (!owner) {
		struct pollfd wait;

		world_open(world, SILENT);
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		wait = (struct pollfd){hold_fd(world->hold), POLLIN, 0};
		poll(&wait, 1, -1);
		hold_read(world->hold);
		/* from here on it never answers */
		if (write(ready[1], "h", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	program = start(world->program);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	poll(NULL, 0, 3 * DEADLINE);
	assert_int_equal(waitpid(program, &status, WNOHANG), 0);
	kill(owner, SIGKILL);
	waitpid(owner, NULL, 0);
	assert_int_equal(waitpid(program, &status, 0), program);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	close(ready[0]);
	close(ready[1]);
}

static void releasing_lets_all_go(void **state)
{
	struct world *world = *state;
	pid_t pids[5];

	world_open(world, SILENT);
	for (size_t i = 0; i < array_size(pids); i++)
		pids[i] = start(world->program);
	for (int64_t end = now_ms() + DEADLINE / 2; now_ms() < end && world->asked < 5;) {
		poll(NULL, 0, 1);
		hold_read(world->hold);
	}
	hold_release(world->hold);
	assert_int_equal(hold_numbers(world->hold).open, 0);
	for (size_t i = 0; i < array_size(pids); i++)
		assert_int_equal(serve(world, pids[i]), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_make, world_remove)
	const struct CMUnitTest tests[] = {
		CASE(an_allowed_program_runs),
		CASE(a_denied_program_gets_eperm),
		CASE(nobody_outside_of_the_folder_is_asked_about),
		CASE(a_silent_answer_lets_go_at_the_deadline),
		CASE(a_late_answer_is_good_for_the_next_time),
		CASE(who_opens_waits_and_who_wrote_is_told),
		CASE(when_nobody_can_be_asked_the_program_runs),
		CASE(own_processes_never_wait),
		CASE(a_cached_answer_is_not_asked_for_again_until_the_file_changes),
		CASE(a_folder_made_later_is_held_within_a_second),
		CASE(a_folder_that_does_not_exist_yet_is_waited_for),
		CASE(what_is_held_goes_on_when_the_owner_is_killed),
		CASE(releasing_lets_all_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
