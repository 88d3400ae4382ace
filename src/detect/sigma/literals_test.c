// SPDX-License-Identifier: Apache-2.0
// Tests: the index finds exactly what a plain search finds.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/sigma/case_test.h"
#include "detect/sigma/literals.h"

enum { TEXTS = 400, VALUES = 3000, LENGTH = 40 };

static uint64_t seed = 88172645463325252;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % n;
}

/* A text over few letters, so that there is much to find. */
static struct text random_text(char *buffer, uint32_t least, uint32_t most)
{
	uint32_t n = least + random_below(most - least + 1);

	for (uint32_t i = 0; i < n; i++)
		buffer[i] = "ab/."[random_below(4)];
	return (struct text){buffer, n};
}

static bool plainly(enum literal_how how, struct text value, struct text text)
{
	switch (how) {
	case LITERAL_equal:
		return text_equal(value, text);
	case LITERAL_starts:
		return text_starts(value, text);
	case LITERAL_ends:
		return text_ends(value, text);
	default:
		return memmem(value.at, value.n, text.at, text.n);
	}
}

static void the_index_agrees_with_a_plain_search(void **state)
{
	static char texts[TEXTS][LENGTH];
	struct text text[TEXTS];
	uint32_t stamps[TEXTS] = {0}, global[TEXTS], found[TEXTS];
	struct truth truth = {.stamps = stamps, .mark = 1, .global = global, .found = found};
	until_return(literals_free) struct literals *literals = literals_new();
	size_t hits = 0;

	for (uint32_t i = 0; i < TEXTS; i++) {
		global[i] = TEXTS - 1 - i;
		text[i] = random_text(texts[i], 1, 1 + i % 12);
		literals_add(literals, (enum literal_how)(i % 4), text[i], i);
	}
	literals_build(literals);
	for (unsigned v = 0; v < VALUES; v++) {
		char buffer[LENGTH];
		struct text value = random_text(buffer, 0, LENGTH);

		truth.mark += 2;
		truth.n = 0;
		literals_find(literals, value, &truth);
		hits += truth.n;
		for (uint32_t i = 0; i < TEXTS; i++)
			if (truth_is(&truth, i) !=
				plainly((enum literal_how)(i % 4), value, text[i]))
				case_fails("'%.*s' in '%.*s' as %u", (int)text[i].n, text[i].at,
					(int)value.n, value.at, i % 4);
	}
	assert_true(hits > VALUES);
}

static void each_text_is_reported_once(void **state)
{
	uint32_t stamps[2] = {0}, global[2] = {0, 1}, found[2];
	struct truth truth = {.stamps = stamps, .mark = 3, .global = global, .found = found};
	until_return(literals_free) struct literals *literals = literals_new();

	literals_add(literals, LITERAL_contains, TEXT("needle"), 0);
	literals_add(literals, LITERAL_contains, TEXT("x"), 1);
	literals_build(literals);
	literals_find(literals, TEXT("needle needle xx needle"), &truth);
	literals_find(literals, TEXT("needle"), &truth);
	assert_int_equal(truth.n, 2);
	assert_true(truth_is(&truth, 0) && truth_is(&truth, 1));
}

static void an_empty_index_finds_nothing(void **state)
{
	struct truth truth = {.mark = 3};
	until_return(literals_free) struct literals *literals = literals_new();

	literals_build(literals);
	literals_find(literals, TEXT("anything"), &truth);
	assert_int_equal(truth.n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_agrees_with_a_plain_search),
		cmocka_unit_test(each_text_is_reported_once),
		cmocka_unit_test(an_empty_index_finds_nothing),
	};

	return cmocka_run_group_tests_name("literals", tests, NULL, NULL);
}
