// SPDX-License-Identifier: Apache-2.0
// The writer is killed at random times: whatever it had acknowledged is there, once, and the
// database is whole.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store/scratch.h"
#include "store/store_private.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

enum { EACH = 40, DETECTION_EVERY = 7 };

/* Appends numbered events without end, and says the number of the last one after each commit. */
static void append_forever(const char *folder, int64_t from, int said)
{
	struct error err = { 0 };
	struct store *store = store_open(folder, STORE_write, &err);
	char json[EACH][400];
	struct store_record records[EACH + 1];

	if (!store)
		_exit(3);
	for (int64_t at = from;; at += EACH) {
		size_t n = EACH;

		for (size_t i = 0; i < EACH; i++) {
			snprintf(json[i], sizeof json[i], "%lld %0*d",
				(long long)(at + (int64_t)i), (int)(at % 350), 0);
			records[i] = scratch_record(EVENT_process_exec, at + (int64_t)i,
				(uint64_t)at + i, 1, json[i]);
		}
		if (at / EACH % DETECTION_EVERY == 0)
			records[n++] = scratch_detection(at + EACH - 1, (uint64_t)at, "dddddd",
				"detected");
		if (store_append(store, records, n, &err))
			_exit(4);
		if (write(said, &(int64_t){ at + EACH - 1 }, sizeof(int64_t)) != sizeof(int64_t))
			_exit(5);
		if (at / EACH % 50 == 49 && store_retain(store, 3 << 20, 0, &err))
			_exit(6);
	}
}

/* The last number that a killed writer acknowledged, `from` - 1 if none. */
static int64_t run_and_kill(const char *folder, int64_t from, unsigned after_us)
{
	int said[2], status;
	int64_t last = from - 1, number;
	pid_t child;

	assert_int_equal(pipe2(said, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		close(said[0]);
		append_forever(folder, from, said[1]);
	}
	close(said[1]);
	/* the time counts from the first commit on, so that each child gets to work */
	if (read(said[0], &number, sizeof number) == sizeof number)
		last = number;
	usleep(after_us);
	kill(child, SIGKILL);
	while (read(said[0], &number, sizeof number) == sizeof number)
		last = number;
	close(said[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

struct seen {
	int64_t first, next, detections;
	bool whole;
};

static bool each_once(void *context, struct text json)
{
	struct seen *seen = context;
	int64_t number;

	if (text_is(json, "detected")) {
		seen->detections++;
		return true;
	}
	number = strtoll(json.at, NULL, 10);
	if (!seen->first)
		seen->first = seen->next = number;
	seen->whole = seen->whole && number == seen->next;
	seen->next = number + 1;
	return true;
}

static char *integrity(struct store *store)
{
	sqlite3_stmt *check;
	char *answer;

	assert_int_equal(sqlite3_prepare_v2(store->db, "pragma integrity_check", -1, &check, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(check), SQLITE_ROW);
	answer = strdup((const char *)sqlite3_column_text(check, 0));
	sqlite3_finalize(check);
	return answer;
}

/* Looks at what is there; the number after the last. */
static int64_t check(const char *folder, int64_t acknowledged)
{
	struct error err = { 0 };
	until_return(store_close) struct store *store = store_open(folder, STORE_read, &err);
	until_return(arena_clear) struct arena arena = { 0 };
	struct seen seen = { .whole = true };
	struct store_proof proofs[STORE_CHAINS];
	struct store_numbers numbers;
	char *answer;

	assert_string_equal(err.text, "");
	assert_int_equal(store_read(store, &(struct store_query){ 0 }, each_once, &seen, &err), 0);
	assert_int_equal(store_numbers(store, 0, 0, &numbers, &err), 0);
	assert_true(seen.whole); /* none is missing in between, none is there twice */
	assert_true(seen.next > acknowledged);
	assert_int_equal(seen.first, numbers.dropped + 1); /* and those before went by retention */
	assert_int_equal(numbers.events - numbers.detections, seen.next - seen.first);
	/* one detection with every DETECTION_EVERY-th append, from the first on */
	assert_int_equal(seen.detections,
		((seen.next - 1) / EACH + DETECTION_EVERY - 1) / DETECTION_EVERY);
	assert_true(store_process(store, (struct entity){ (uint64_t)seen.next - 1, 1 }, &arena).n);
	assert_int_equal(store_verify(store, proofs, &err), 0);
	for (int i = 0; i < STORE_CHAINS; i++)
		assert_int_equal(proofs[i].broken, 0);
	answer = integrity(store);
	assert_string_equal(answer, "ok");
	free(answer);
	return seen.next;
}

static void nothing_acknowledged_is_lost_when_the_writer_is_killed(void **state)
{
	until_return(scratch_remove) char *folder = scratch_make();
	const char *wanted = getenv("STORE_KILLS");
	long kills = wanted ? atol(wanted) : 20;
	int64_t next = 1;

	srandom((unsigned)time(NULL) ^ (unsigned)getpid());
	for (long i = 0; i < kills; i++) {
		int64_t last = run_and_kill(folder, next, (unsigned)(random() % 120000));

		next = check(folder, last);
		/* a whole append was cut off or it was not: the next one begins where it ended */
		assert_int_equal((next - 1) % EACH, 0);
	}
	assert_true(next > kills * EACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_acknowledged_is_lost_when_the_writer_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
