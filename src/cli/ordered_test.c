// SPDX-License-Identifier: Apache-2.0
// Jobs done side by side come back in their order, each once.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/ordered.h"

enum { JOBS = 500, PLACES = 12, THREADS_MAX = 4 };

struct trial {
	unsigned threads;
	int given[PLACES], made[PLACES]; /* by place */
	int taken;
};

static void work(void *context, unsigned thread, size_t place)
{
	struct trial *trial = context;

	assert_true(thread < trial->threads);
	if (trial->given[place] % 7 == 0)
		usleep(500); /* later ones are done before it */
	trial->made[place] = 2 * trial->given[place];
}

static void take(void *context, size_t place)
{
	struct trial *trial = context;

	assert_int_equal(trial->made[place], 2 * trial->taken);
	trial->taken++;
}

static void jobs_come_back_in_order(void **state)
{
	for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
		struct trial trial = {.threads = threads};
		struct ordered *ordered = ordered_begin(&(struct ordered_way){threads, PLACES,
			work, take, &trial});

		for (int i = 0; i < JOBS; i++) {
			size_t place = ordered_place(ordered);

			assert_true(place < PLACES);
			trial.given[place] = i;
			ordered_give(ordered);
		}
		ordered_end(&ordered);
		assert_null(ordered);
		assert_int_equal(trial.taken, JOBS);
	}
}

static void nothing_to_do_ends_at_once(void **state)
{
	struct trial trial = {.threads = 2};
	struct ordered *ordered =
		ordered_begin(&(struct ordered_way){2, PLACES, work, take, &trial});

	ordered_end(&ordered);
	assert_int_equal(trial.taken, 0);
	ordered_end(&ordered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_come_back_in_order),
		cmocka_unit_test(nothing_to_do_ends_at_once),
	};

	return cmocka_run_group_tests_name("ordered", tests, NULL, NULL);
}
