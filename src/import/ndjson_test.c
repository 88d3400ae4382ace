// SPDX-License-Identifier: Apache-2.0
// Tests: events out of lines, out of values that span lines, and out of streams that are too much.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "import/ndjson.h"

static int stream_of(const void *bytes, size_t n)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t done = 0; done < n;) {
		ssize_t wrote = write(fd, (const char *)bytes + done, n - done);

		assert_true(wrote > 0);
		done += (size_t)wrote;
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void each_stream_falls_into_its_events(void **state)
{
	static const struct {
		const char *stream;
		const char *events[4];
		unsigned lines[4];
	} cases[] = {
		{"", {NULL}, {0}},
		{"\n\n", {NULL}, {0}},
		{"{\"a\":1}\n{\"b\":2}\n", {"{\"a\":1}", "{\"b\":2}"}, {1, 2}},
		{"{\"a\":1}\r\n\r\n {\"b\":2}", {"{\"a\":1}", "{\"b\":2}"}, {1, 3}},
		{"\xef\xbb\xbf{\"a\":1}\n", {"{\"a\":1}"}, {1}},
		{"no json\n{\"a\":1}\n", {"no json", "{\"a\":1}"}, {1, 2}},
		{"{\"a\":1\n{\"b\":2}\n", {"{\"a\":1\n{\"b\":2}"}, {1}},
		{"{\"a\":1}\n{\"b\":\n{\"c\":3}\n", {"{\"a\":1}", "{\"b\":", "{\"c\":3}"},
			{1, 2, 3}},
		{"{\n \"a\": \"}{\\\"\"\n}\n{\n \"b\": [1]\n}\n",
			{"{\n \"a\": \"}{\\\"\"\n}", "{\n \"b\": [1]\n}"}, {1, 4}},
		{"[\n{\"a\":1},\n{\"b\":2}\n]\n", {"{\"a\":1}", "{\"b\":2}"}, {2, 3}},
		{"[{\"a\":1},{\"b\":2}]", {"{\"a\":1}", "{\"b\":2}"}, {1, 1}},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(
			fd_close) int fd = stream_of(cases[i].stream, strlen(cases[i].stream));
		until_return(ndjson_free) struct ndjson *in = ndjson_new(fd);
		struct error err = {0};
		struct text event;
		size_t n = 0;

		while (ndjson_next(in, &event, &err) > 0) {
			assert_true(n < 4 && cases[i].events[n]);
			if (!text_is(event, cases[i].events[n]) ||
				ndjson_line(in) != cases[i].lines[n])
				print_error("# case %zu, line %d: %.*s\n", i, (int)ndjson_line(in),
					(int)event.n, event.at);
			assert_true(text_is(event, cases[i].events[n]));
			assert_int_equal(ndjson_line(in), cases[i].lines[n]);
			n++;
		}
		assert_string_equal(err.text, "");
		assert_true(n == 4 || !cases[i].events[n]);
		assert_int_equal(ndjson_skipped(in), 0);
	}
}

/* Two events around one of `size` bytes that begins with `start` and ends with `end`. */
static void skip_one(size_t size, const char *first, const char *start, const char *end)
{
	until_return(memory_free) char *stream = memory_new(size + 200);
	until_return(fd_close) int fd = -1;
	until_return(ndjson_free) struct ndjson *in = NULL;
	struct error err = {0};
	struct text event;
	size_t n = strlen(first);

	memcpy(stream, first, n);
	memcpy(stream + n, start, strlen(start));
	n += strlen(start);
	memset(stream + n, 'x', size);
	n += size;
	memcpy(stream + n, end, strlen(end));
	n += strlen(end);
	fd = stream_of(stream, n);
	in = ndjson_new(fd);
	assert_int_equal(ndjson_next(in, &event, &err), 1);
	assert_true(text_starts(event, TEXT("{\"a\"")));
	assert_int_equal(ndjson_next(in, &event, &err), 1);
	assert_true(text_is(event, "{\"b\":2}"));
	assert_int_equal(ndjson_next(in, &event, &err), 0);
	assert_int_equal(ndjson_skipped(in), 1);
}

static void what_is_too_long_is_skipped_and_counted(void **state)
{
	size_t size = 2 * (size_t)NDJSON_EVENT_MAX + 12345;

	skip_one(size, "{\"a\":1}\n", "{\"x\":\"", "\"}\n{\"b\":2}\n");
	skip_one(size, "{\"a\":1}\n", "", "\n{\"b\":2}\n");
	skip_one(size, "{\"a\":\n1}\n", "{\"x\":\"", "\"}\n{\"b\":2}\n");
}

static void a_stream_that_cannot_be_read_is_said(void **state)
{
	until_return(ndjson_free) struct ndjson *in = ndjson_new(-1);
	struct error err = {0};
	struct text event;

	assert_int_equal(ndjson_next(in, &event, &err), -1);
	assert_non_null(strstr(err.text, "cannot read"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stream_falls_into_its_events),
		cmocka_unit_test(what_is_too_long_is_skipped_and_counted),
		cmocka_unit_test(a_stream_that_cannot_be_read_is_said),
	};

	return cmocka_run_group_tests_name("ndjson", tests, NULL, NULL);
}
