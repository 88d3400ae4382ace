// SPDX-License-Identifier: Apache-2.0
// What the store says when it cannot: each case one sentence with the folder and the remedy, and
// nothing kept is lost.

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/scratch.h"
#include "store/store_private.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

enum { NOBODY = 65534, SKIPPED = 77 };

static void file_make(const char *folder, const char *content, size_t n)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/saker.db", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, n), n);
	close(fd);
}

static void database_make(const char *folder, const char *sql)
{
	char path[4096];
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/saker.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void store_make(const char *folder)
{
	struct error err = { 0 };
	until_return(store_close) struct store *store = store_open(folder, STORE_write, &err);
	struct store_record record = scratch_record(EVENT_process_exec, 1, 1, 0, "kept");

	assert_non_null(store);
	assert_int_equal(store_append(store, &record, 1, &err), 0);
}

/* Opens and says what the refusal was. */
static void assert_refused(const char *folder, enum store_mode mode, const char *part)
{
	struct error err = { 0 };
	struct store *store = store_open(folder, mode, &err);

	assert_null(store);
	assert_non_null(strstr(err.text, part));
	assert_non_null(strstr(err.text, folder));
	assert_null(strchr(err.text, '\n'));
}

static char junk[100000];

static const struct {
	const char *content;
	size_t n;
	const char *sql, *part;
	bool written_anew; /* a writer makes a new store of it */
} files[] = {
	{ junk, sizeof junk, NULL, "saker.db is not a database; move it away" },
	{ "<html>", 6, NULL, "saker.db is not a database; move it away" },
	{ "", 0, NULL, "is empty yet; start `saker run` first", true },
	{ NULL, 0, "create table people(name)", "is a database of another program; move it away" },
	{ NULL, 0,
		"pragma application_id = 1935764338; pragma user_version = 3; create table t(a)",
		"has format 3, made by a newer saker; this one knows format 2: update saker" },
};

static void strange_files_are_refused(void **state)
{
	for (size_t i = 0; i < sizeof junk; i++)
		junk[i] = (char)(i * 2654435761u >> 13);
	for (size_t i = 0; i < array_size(files); i++) {
		until_return(scratch_remove) char *folder = scratch_make();

		if (files[i].sql)
			database_make(folder, files[i].sql);
		else
			file_make(folder, files[i].content, files[i].n);
		assert_refused(folder, STORE_read, files[i].part);
		if (files[i].written_anew)
			store_make(folder);
		else
			assert_refused(folder, STORE_write, files[i].part);
	}
}

static void missing_folders_are_named(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	char path[4096];

	assert_refused(folder, STORE_read, "there is no store in");
	assert_refused(folder, STORE_read,
		"start `saker run` first or give its folder with --store");
	snprintf(path, sizeof path, "%s/a/b", folder);
	assert_refused(path, STORE_write, "make the folder above it first");
	assert_refused(path, STORE_read, "there is no store in");
	file_make(folder, "", 0);
	snprintf(path, sizeof path, "%s/saker.db", folder);
	assert_refused(path, STORE_write, "is a file, not a folder");
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = 0;
	assert_null(store_open(path, STORE_read, NULL));
}

static void a_second_writer_is_refused_and_a_reader_is_not(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	struct error err = { 0 };
	until_return(store_close) struct store *store = store_open(folder, STORE_write, &err);
	until_return(store_close) struct store *reader = NULL;
	struct store_record record = scratch_record(EVENT_process_exec, 1, 1, 0, "live");
	struct scratch_pile pile = { 0 };
	char part[64];

	assert_non_null(store);
	snprintf(part, sizeof part, "another saker, process %d, writes to", (int)getpid());
	assert_refused(folder, STORE_write, part);
	reader = store_open(folder, STORE_read, &err);
	assert_non_null(reader);
	assert_int_equal(store_append(store, &record, 1, &err), 0);
	assert_int_equal(
		store_read(reader, &(struct store_query){ 0 }, scratch_collect, &pile, &err), 0);
	assert_string_equal(pile.text, "live ");
}

/*
 * Runs in a child with a file system of its own on the folder; the parent sees the child's
 * verdict.
 */
static int in_own_mount(const char *folder, const char *options, int (*act)(const char *folder))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
			mount("none", folder, "tmpfs", 0, options))
			_exit(SKIPPED);
		_exit(act(folder));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A number for each thing that can be wrong, so that the parent's failure says which. */
#define WRONG_UNLESS(condition)                                                                   \
	do {                                                                                      \
		if (!(condition)) {                                                               \
			fprintf(stderr, "wrong: %s: %s\n", #condition, err.text);                 \
			return 1;                                                                 \
		}                                                                                 \
	} while (0)

static int fill_disk(const char *folder)
{
	struct error err = { 0 };
	struct store *store = store_open(folder, STORE_write, &err);
	static uint64_t seed = 88172645463325252;
	char json[2000];
	size_t kept = 0;
	struct store_record record;
	struct scratch_pile pile = { 0 };

	WRONG_UNLESS(store);
	for (;; kept++) {
		for (size_t j = 0; j < sizeof json - 1; j++) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			json[j] = (char)(' ' + seed % 90);
		}
		json[sizeof json - 1] = 0;
		record = scratch_record(EVENT_process_exec, (event_time)kept, kept + 1, 0, json);
		if (store_append(store, &record, 1, &err))
			break;
		WRONG_UNLESS(kept < 10000);
	}
	WRONG_UNLESS(strstr(err.text, "cannot keep events in") &&
		     strstr(err.text, "the disk is full; free some space"));
	/* refused again, without harm; then retention makes room and it goes on */
	WRONG_UNLESS(store_append(store, &record, 1, &err));
	WRONG_UNLESS(!store_read(store, &(struct store_query){ 0 }, scratch_collect, &pile, &err));
	WRONG_UNLESS(pile.count == kept);
	WRONG_UNLESS(kept > 500);
	store_close(&store);
	store = store_open(folder, STORE_write, &err);
	WRONG_UNLESS(store);
	pile = (struct scratch_pile){ 0 };
	WRONG_UNLESS(!store_read(store, &(struct store_query){ 0 }, scratch_collect, &pile, &err));
	WRONG_UNLESS(pile.count == kept);
	WRONG_UNLESS(!store_retain(store, 1 << 20, 0, &err));
	WRONG_UNLESS(!store_append(store, &record, 1, &err));
	store_close(&store);
	return 0;
}

static int read_from_read_only(const char *folder)
{
	struct error err = { 0 };
	struct store *store;
	struct scratch_pile pile = { 0 };
	char wal[4096], shm[4096];

	store_make(folder);
	snprintf(wal, sizeof wal, "%s/saker.db-wal", folder);
	snprintf(shm, sizeof shm, "%s/saker.db-shm", folder);
	/* as a copy would be that took only the database: -wal is empty after an orderly close */
	unlink(wal);
	unlink(shm);
	WRONG_UNLESS(!mount(NULL, folder, NULL, MS_REMOUNT | MS_RDONLY, NULL));
	store = store_open(folder, STORE_write, &err);
	WRONG_UNLESS(!store && strstr(err.text, "Read-only file system") &&
		     strstr(err.text, "--store"));
	store = store_open(folder, STORE_read, &err);
	WRONG_UNLESS(store);
	WRONG_UNLESS(!store_read(store, &(struct store_query){ 0 }, scratch_collect, &pile, &err));
	WRONG_UNLESS(pile.count == 1);
	store_close(&store);
	return 0;
}

static void own_mount(const char *options, int (*act)(const char *folder))
{
	until_return(scratch_remove) char *folder = scratch_make();
	int status = in_own_mount(folder, options, act);

	if (status == SKIPPED) /* cmocka writes what it skips as "not ok" */
		print_message("# no right to mount: left out\n");
	else
		assert_int_equal(status, 0);
}

static void a_full_disk_refuses_and_keeps_what_is_there(void **state)
{
	own_mount("size=12m", fill_disk);
}

static void a_read_only_medium_can_be_read(void **state)
{
	own_mount("size=3m", read_from_read_only);
}

/*
 * What another user reads from the folder, as an exit status: the number of events, or 99 for a
 * refusal.
 */
static int read_as_nobody(const char *folder, const char *part)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		struct error err = { 0 };
		struct store *store;
		struct scratch_pile pile = { 0 };

		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(98);
		store = store_open(folder, STORE_read, &err);
		if (!store)
			_exit(part && strstr(err.text, part) ? 99 : 97);
		if (store_read(store, &(struct store_query){ 0 }, scratch_collect, &pile, &err))
			_exit(96);
		_exit((int)pile.count);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void rights_give(const char *folder, mode_t mode)
{
	static const char *const names[] = { "saker.db", "saker.db-wal", "saker.db-shm" };
	char path[4096];

	for (size_t i = 0; i < array_size(names); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		assert_int_equal(chmod(path, mode), 0);
	}
}

static void who_may_only_read_can_read(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	int ready[2], hold[2], status;
	char byte;
	pid_t writer;

	if (getuid())
		skip();
	assert_int_equal(pipe(ready) || pipe(hold), 0);
	writer = fork();
	assert_true(writer >= 0);
	if (!writer) {
		struct error err = { 0 };
		struct store *store = store_open(folder, STORE_write, &err);
		struct store_record record = scratch_record(EVENT_process_exec, 1, 1, 0, "kept");

		if (!store || store_append(store, &record, 1, &err) ||
			write(ready[1], "x", 1) != 1)
			_exit(1);
		close(hold[1]);
		_exit(read(hold[0], &byte, 1) < 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(read_as_nobody(folder, "Permission denied; run as root"), 99);
	chmod(folder, 0755);
	rights_give(folder, 0644);
	assert_int_equal(read_as_nobody(folder, NULL), 1); /* while it is being written */
	kill(writer, SIGKILL);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(read_as_nobody(folder, NULL), 1); /* after the writer was killed */
	store_make(folder);
	assert_int_equal(read_as_nobody(folder, NULL), 2); /* after an orderly end */
	for (size_t i = 0; i < 2; i++)
		close(ready[i]), close(hold[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strange_files_are_refused),
		cmocka_unit_test(missing_folders_are_named),
		cmocka_unit_test(a_second_writer_is_refused_and_a_reader_is_not),
		cmocka_unit_test(a_full_disk_refuses_and_keeps_what_is_there),
		cmocka_unit_test(a_read_only_medium_can_be_read),
		cmocka_unit_test(who_may_only_read_can_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
