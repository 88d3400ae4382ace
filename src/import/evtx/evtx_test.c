// SPDX-License-Identifier: Apache-2.0
// Tests: event logs of Windows become records, whatever their state.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "import/evtx/bytes.h"
#include "import/evtx/seen_test.h"

/* A chunk of records 1 to `n`, of which the first brings the template. */
static void records_make(struct made *made, uint64_t first, unsigned n)
{
	uint32_t template = 0;

	made_begin(made);
	for (unsigned i = 0; i < n; i++) {
		const struct made_value value = {TYPE_uint8, (char[]){(char)('0' + i)}, 1};

		made_record(made, first + i);
		template = made_instance(made, body_named, template, &value, 1);
		made_record_end(made);
	}
	made_end(made);
}

static uint32_t record_at(const struct made *made, unsigned n)
{
	uint32_t at = CHUNK_HEAD;

	while (n--)
		at += bytes_32(made->at + at + 4);
	return at;
}

static void break_checksum(struct made *made)
{
	made->at[52] ^= 1;
}

static void break_header(struct made *made)
{
	made->at[48] ^= 1;
	made->at[125] ^= 1;
}

static void break_signature(struct made *made)
{
	made->at[0] = 'X';
}

static void break_size_copy(struct made *made)
{
	made->at[record_at(made, 2) - 4] ^= 1;
}

static void break_size(struct made *made)
{
	made->at[record_at(made, 1) + 6] = 127;
}

static void break_magic(struct made *made)
{
	made->at[record_at(made, 1)] = 0;
}

static void break_template_offset(struct made *made)
{
	made_set(made, record_at(made, 1) + RECORD_HEAD + FRAGMENT_HEAD + 6, UINT32_MAX - 3);
}

static void break_value_count(struct made *made)
{
	made_set(made, record_at(made, 1) + RECORD_HEAD + FRAGMENT_HEAD + 10, UINT32_MAX);
}

static void break_token(struct made *made)
{
	made->at[record_at(made, 1) + RECORD_HEAD + FRAGMENT_HEAD] = 0x3f;
}

static void break_count(struct made *made)
{
	made->last += 2;
	made_end(made);
}

static void break_end(struct made *made)
{
	made->n -= 5;
}

/* As when a log was not closed: the header knows of the first record only. */
static void break_closing(struct made *made)
{
	uint32_t n = made->n;

	made->n = record_at(made, 1);
	made->last = 1;
	made_end(made);
	made->n = n;
}

static void bad_records_do_not_lose_those_after_them(void **state)
{
	static const struct {
		void (*spoil)(struct made *);
		const char *text, *skipped;
		unsigned marks;
		uint64_t lost;
	} cases[] = {
		{break_checksum, "1 A=number:48\n2 A=number:49\n3 A=number:50", "",
			RECORD_damaged, 0},
		{break_header, "1 A=number:48\n2 A=number:49\n3 A=number:50", "",
			RECORD_damaged, 0},
		{break_signature, "1 A=number:48\n2 A=number:49\n3 A=number:50", "",
			RECORD_damaged, 0},
		{break_size_copy, "1 A=number:48\n2 A=number:49\n3 A=number:50", "",
			RECORD_damaged, 0},
		{break_size, "1 A=number:48\n2 A=number:49\n3 A=number:50", "",
			RECORD_damaged, 0},
		{break_magic, "1 A=number:48\n3 A=number:50",
			"chunk 0: no record in bytes 734 to 785", RECORD_damaged, 1},
		{break_template_offset, "1 A=number:48\n3 A=number:50",
			"chunk 0, record 2: its template lies outside of the chunk",
			RECORD_damaged, 1},
		{break_value_count, "1 A=number:48\n3 A=number:50",
			"chunk 0, record 2: it has more values than bytes", RECORD_damaged, 1},
		{break_token, "1 A=number:48\n3 A=number:50",
			"chunk 0, record 2: its XML has a token that nobody knows",
			RECORD_damaged, 1},
		{break_count, "1 A=number:48\n2 A=number:49\n3 A=number:50",
			"chunk 0: its header counts 5 records, there are 3", 0, 2},
		{break_end, "1 A=number:48\n2 A=number:49",
			"chunk 0, record 3: its values reach beyond its end", RECORD_damaged, 1},
		{break_closing, "1 A=number:48\n2 A=number:49\n3 A=number:50", "", 0, 0},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct seen seen = {0};
		struct made made;

		records_make(&made, 1, 3);
		cases[i].spoil(&made);
		chunk_see(&made, false, &seen);
		assert_string_equal(seen.text, cases[i].text);
		assert_string_equal(seen.skipped, cases[i].skipped);
		assert_int_equal(seen.marks, cases[i].marks);
		assert_int_equal(seen.lost, cases[i].lost);
	}
}

static void slack_is_read_if_it_is_wanted(void **state)
{
	struct seen without = {0}, with = {0};
	struct made made, old;

	records_make(&old, 5, 3);
	records_make(&made, 11, 2);
	memcpy(made.at + made.n, old.at + made.n, old.n - made.n);
	made.n = old.n;
	chunk_see(&made, false, &without);
	assert_string_equal(without.text, "11 A=number:48\n12 A=number:49");
	assert_int_equal(without.marks, 0);
	chunk_see(&made, true, &with);
	assert_string_equal(with.text, "11 A=number:48\n12 A=number:49\n7 A=number:50");
	assert_int_equal(with.marks, RECORD_slack);
	assert_int_equal(with.lost, 0);
}

/* A file of chunks whose records begin with these numbers; 0: not used yet. */
static size_t file_make(char *file, const uint64_t *first, size_t n)
{
	enum { HEADER = 4096 };
	uint32_t checksum;

	memset(file, 0, HEADER + n * CHUNK_BYTES);
	memcpy(file, "ElfFile", 8);
	checksum = checksum_add(0, file, 120);
	memcpy(file + 124, &checksum, sizeof checksum);
	for (size_t i = 0; i < n; i++) {
		struct made made;

		if (!first[i])
			continue;
		records_make(&made, first[i], 2);
		memcpy(file + HEADER + i * CHUNK_BYTES, made.at, CHUNK_BYTES);
	}
	return HEADER + n * CHUNK_BYTES;
}

static void file_is_cut_into_chunks(void **state)
{
	static const uint64_t first[] = {1, 3, 0};
	static char file[4096 + 3 * CHUNK_BYTES];
	size_t n = file_make(file, first, 3);
	struct seen seen = {0};

	assert_int_equal(format_evtx.likeness((struct text){file, n}, false), 100);
	assert_int_equal(format_evtx.likeness((struct text){file + 4096, 4096}, false), 100);
	assert_int_equal(format_evtx.likeness((struct text){file, 7}, true), 0);
	assert_int_equal(format_evtx.cut((struct text){file, 5000}, 0, false), 0);
	assert_int_equal(format_evtx.cut((struct text){file, 5000}, 0, true), 5000);
	assert_int_equal(format_evtx.cut((struct text){file, 140000}, 0, false), 4096 + 131072);
	assert_int_equal(format_evtx.cut((struct text){file + 4096, 70000}, 4096, false), 65536);
	assert_int_equal(format_evtx.cut((struct text){file + 4096, 70000}, 0, false), 65536);
	bytes_see(file, n, false, &seen);
	assert_string_equal(seen.text,
		"1 A=number:48\n2 A=number:49\n3 A=number:48\n4 A=number:49");
	assert_string_equal(seen.skipped, "");
	file[4096 + CHUNK_BYTES] = 0;
	file[4096 + CHUNK_BYTES + CHUNK_HEAD] = 0;
	file[20] = 1;
	seen = (struct seen){0};
	bytes_see(file, n, false, &seen);
	assert_string_equal(seen.text, "1 A=number:48\n2 A=number:49");
	assert_string_equal(seen.skipped, "file header: its checksum does not fit; chunks were "
		"read all the same\nchunk 1: it has no signature and no record");
	seen = (struct seen){0};
	bytes_see(file, 100, false, &seen);
	assert_string_equal(seen.skipped, "file header: the file ends in it");
}

static void wrapped_log_is_put_in_order(void **state)
{
	static const struct {
		uint64_t first[4], wanted[4]; /* chunks */
		size_t n;
	} cases[] = {
		{{1, 3, 5, 0}, {0}, 0},
		{{9, 3, 5, 7}, {1, 2, 3, 0}, 4},
		{{5, 0, 1, 3}, {2, 3, 0, 1}, 4},
	};
	static char file[4096 + 4 * CHUNK_BYTES];

	for (size_t i = 0; i < array_size(cases); i++) {
		size_t n = file_make(file, cases[i].first, 4), count = 99;
		until_return(file_close) FILE *out = tmpfile();
		until_return(memory_free) uint64_t *offsets = NULL;

		assert_non_null(out);
		assert_int_equal(fwrite(file, 1, n, out), n);
		fflush(out);
		assert_int_equal(format_evtx.order(fileno(out), &offsets, &count), 0);
		assert_int_equal(count, cases[i].n);
		for (size_t j = 0; j < count; j++)
			assert_int_equal(offsets[j], 4096 + cases[i].wanted[j] * CHUNK_BYTES);
	}
	assert_int_equal(format_evtx.order(-1, &(uint64_t *){NULL}, &(size_t){0}), -1);
}

static void checksum_is_the_usual_one(void **state)
{
	static const char text[] = "123456789 and some more bytes than sixteen";

	assert_int_equal(checksum_add(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(checksum_add(checksum_add(0, text, 5), text + 5, 30),
		checksum_add(0, text, 35));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_records_do_not_lose_those_after_them),
		cmocka_unit_test(slack_is_read_if_it_is_wanted),
		cmocka_unit_test(file_is_cut_into_chunks),
		cmocka_unit_test(wrapped_log_is_put_in_order),
		cmocka_unit_test(checksum_is_the_usual_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
