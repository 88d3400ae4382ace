// SPDX-License-Identifier: Apache-2.0
// Tests: logs of JSON fall into their events, through the whole way from a file to records; what
// is packed is unpacked; what is too much is left out and said.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/blocks.h"

enum { SEEN_MAX = 8 };

/* What came out of a file. */
struct seen {
	struct {
		char a[64], file[128];
		uint64_t line;
	} at[SEEN_MAX];
	size_t n;
	uint64_t skipped, too_long;
	char why[200], failure[1100];
	bool unknown;
	const char *file;
};

static void record_see(void *context, struct record *record)
{
	struct seen *seen = context;
	struct text value = record_get(record, "a");

	assert_true(seen->n < SEEN_MAX);
	snprintf(seen->at[seen->n].a, sizeof seen->at[0].a, "%.*s", (int)value.n,
		value.at ? value.at : "");
	snprintf(seen->at[seen->n].file, sizeof seen->at[0].file, "%s", seen->file);
	seen->at[seen->n++].line = record->number;
}

static void skipped_see(void *context, struct text where, struct text why, uint64_t records)
{
	struct seen *seen = context;

	snprintf(seen->why, sizeof seen->why, "%.*s: %.*s", (int)where.n, where.at, (int)why.n,
		why.at);
	seen->skipped += records;
}

static void file_see(struct blocks *blocks, const struct log_file *file, struct seen *seen)
{
	const struct record_sink sink = {record_see, skipped_see, seen};
	until_return(block_buffer_clear) struct block_buffer buffer = {0};
	const struct format *format;
	struct block block;
	struct error err = {0};
	void *reader;
	int got = blocks_begin(blocks, file, NULL, &format, &err);

	seen->unknown |= !got;
	seen->file = file->name;
	if (got < 0)
		snprintf(seen->failure, sizeof seen->failure, "%s", err.text);
	if (got <= 0)
		return;
	reader = format->new();
	while ((got = blocks_next(blocks, &buffer, &block, &seen->too_long, &err)) > 0)
		format->read(reader, &block, &sink);
	if (got < 0)
		snprintf(seen->failure, sizeof seen->failure, "%s", err.text);
	format->free(&reader);
}

/* A file with these bytes; its name is to be freed. */
static char *bytes_file(const void *bytes, size_t n)
{
	char *path = memory_string("/tmp/saker-import-XXXXXX");
	until_return(fd_close) int fd = mkstemp(path);

	assert_true(fd >= 0);
	for (size_t done = 0; done < n;) {
		ssize_t wrote = write(fd, (const char *)bytes + done, n - done);

		assert_true(wrote > 0);
		done += (size_t)wrote;
	}
	return path;
}

static void bytes_see(const void *bytes, size_t n, struct seen *seen)
{
	until_return(memory_free) char *path = bytes_file(bytes, n);
	until_return(source_free) struct source *source = source_new();
	until_return(blocks_free) struct blocks *blocks = blocks_new(source, false);
	struct log_file file;
	struct error err;
	int got;

	*seen = (struct seen){0};
	assert_int_equal(source_add(source, path, &err), 0);
	while ((got = source_next(source, &file, &err))) {
		if (got > 0)
			file_see(blocks, &file, seen);
		else
			snprintf(seen->failure, sizeof seen->failure, "%s", err.text);
	}
	unlink(path);
}

static void each_log_falls_into_its_events(void **state)
{
	static const struct {
		const char *log;
		const char *values[3];
		unsigned lines[3], skipped;
	} cases[] = {
		{"{\"a\":1}\n{\"a\":2}\n", {"1", "2"}, {1, 2}, 0},
		{"{\"a\":1}\r\n\r\n {\"a\":2}", {"1", "2"}, {1, 3}, 0},
		{"\xef\xbb\xbf{\"a\":1}\n", {"1"}, {1}, 0},
		{"no json\n{\"a\":1}\n", {"1"}, {2}, 1},
		{"{\"a\":1}\n{\"a\":\n{\"a\":3}\n", {"1", "3"}, {1, 3}, 1},
		{"{\"a\":1}\n[1,2]\n", {"1"}, {1}, 1},
		{"{\n \"b\": \"}{\\\"\"\n}\n{\n \"a\": [1]\n}\n", {"", "1"}, {1, 4}, 0},
		{"[\n{\"a\":1},\n{\"a\":2}\n]\n", {"1", "2"}, {2, 3}, 0},
		{"[{\"a\":1},{\"a\":2}]", {"1", "2"}, {1, 1}, 0},
		{"{\"a\":1}{\"a\":2}", {"1", "2"}, {1, 1}, 0},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct seen seen;

		bytes_see(cases[i].log, strlen(cases[i].log), &seen);
		for (size_t n = 0; n < seen.n; n++)
			if (n == 3 || !cases[i].values[n] ||
			    strcmp(seen.at[n].a, cases[i].values[n]) ||
			    seen.at[n].line != cases[i].lines[n])
				print_error("# case %zu: %s in line %d\n", i, seen.at[n].a,
					(int)seen.at[n].line);
		assert_true(seen.n == 3 || !cases[i].values[seen.n]);
		assert_int_equal(seen.skipped, cases[i].skipped);
	}
}

static void what_is_no_log_is_known_for_none(void **state)
{
	static const char *const cases[] = {"", "\n\n", "\177ELF\2\1\1",
		"Dear reader,\n\nno.\n",
		"int main(void)\n{\n\treturn 0;\n}\n"};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct seen seen;

		bytes_see(cases[i], strlen(cases[i]), &seen);
		assert_true(seen.unknown && !seen.n);
	}
}

/* Two events around one of `size` bytes that begins with `start` and ends with `end`. */
static void skip_one(size_t size, const char *first, const char *start, const char *end)
{
	until_return(memory_free) char *log = memory_new(size + 200);
	struct seen seen;
	size_t n = strlen(first);

	memcpy(log, first, n);
	memcpy(log + n, start, strlen(start));
	n += strlen(start);
	memset(log + n, 'x', size);
	n += size;
	memcpy(log + n, end, strlen(end));
	n += strlen(end);
	bytes_see(log, n, &seen);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.at[0].a, "1");
	assert_string_equal(seen.at[1].a, "2");
	assert_int_equal(seen.too_long, 1);
}

static void what_is_too_long_is_left_out_and_counted(void **state)
{
	size_t size = 2 * (size_t)BLOCK_MAX + 12345;

	skip_one(size, "{\"a\":1}\n", "{\"x\":\"", "\"}\n{\"a\":2}\n");
	skip_one(size, "{\"a\":1}\n", "", "\n{\"a\":2}\n");
	skip_one(size, "{\"a\":\n1}\n", "{\"x\":\"", "\"}\n{\"a\":2}\n");
}

/* An archive in memory of the given kind with one or two files; its length. */
static size_t pack(char *to, size_t size, bool tar, const char *filter, const void *bytes,
	size_t n, const char *second)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t used = 0;

	assert_int_equal(archive_write_add_filter_by_name(archive, filter), ARCHIVE_OK);
	assert_int_equal(tar ? archive_write_set_format_ustar(archive) :
		archive_write_set_format_raw(archive), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(archive, to, size, &used), ARCHIVE_OK);
	for (int i = 0; i < (second ? 2 : 1); i++) {
		archive_entry_clear(entry);
		archive_entry_set_pathname(entry, i ? "b/two.json" : "one.json");
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_size(entry, (int64_t)(i ? strlen(second) : n));
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		archive_write_data(archive, i ? second : bytes, i ? strlen(second) : n);
	}
	archive_entry_free(entry);
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
	return used;
}

static void what_is_packed_is_unpacked_also_inside_one_another(void **state)
{
	static const char log[] = "{\"a\":1}\n{\"a\":2}\n";
	char inner[4096], outer[32768];
	struct seen seen;
	size_t n = pack(inner, sizeof inner, false, "gzip", log, sizeof log - 1, NULL);

	bytes_see(inner, n, &seen);
	assert_int_equal(seen.n, 2);
	n = pack(outer, sizeof outer, true, "zstd", inner, n, "{\"a\":3}\n");
	bytes_see(outer, n, &seen);
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.at[1].a, "2");
	assert_non_null(strstr(seen.at[1].file, ":one.json"));
	assert_string_equal(seen.at[2].a, "3");
	assert_non_null(strstr(seen.at[2].file, ":b/two.json"));
	assert_null(strstr(seen.at[2].file, "one.json"));
}

static void a_damaged_archive_says_so_and_gives_what_it_has(void **state)
{
	until_return(memory_free) char *log = memory_new(400000);
	static char packed[400000];
	struct seen seen;
	size_t n;

	memset(log, ' ', 399999);
	memcpy(log, "{\"a\":1}\n", 8);
	for (uint32_t i = 16, random = 1; i < 399999; i++) {
		random = random * 1664525 + 1013904223;
		log[i] = i % 100 ? (char)('a' + (random >> 24) % 26) : '\n';
	}
	n = pack(packed, sizeof packed, false, "gzip", log, 399999, NULL);
	memset(packed + n / 2, 0xff, n / 4);
	bytes_see(packed, n, &seen);
	assert_true(seen.n <= 1);
	assert_non_null(strstr(seen.failure, "cannot unpack it"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_log_falls_into_its_events),
		cmocka_unit_test(what_is_no_log_is_known_for_none),
		cmocka_unit_test(what_is_too_long_is_left_out_and_counted),
		cmocka_unit_test(what_is_packed_is_unpacked_also_inside_one_another),
		cmocka_unit_test(a_damaged_archive_says_so_and_gives_what_it_has),
	};

	return cmocka_run_group_tests_name("json_log", tests, NULL, NULL);
}
