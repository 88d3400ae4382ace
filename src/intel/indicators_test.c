// SPDX-License-Identifier: Apache-2.0
// A set: what is in it is found and nothing else, expiry counts, a damaged file is refused or
// harmless.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "intel/feeds.h"
#include "intel/guess.h"
#include "intel/indicator/image.h"

static const int64_t second = 1000000000;

enum { HITS = 8 };

static void on_problem(void *context, const struct feed_problem *problem)
{
	(*(unsigned *)context)++;
}

static struct indicators *set_of(const char *list, unsigned *problems)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, problems);
	struct error err;

	feeds_add(feeds, TEXT("folder/test.txt"), text_of(list));
	return feeds_set(feeds, &err);
}

static const char list[] = "# a test\n"
			   "192.0.2.1 # first; source: somebody; expires: 2020-01-01\n"
			   "192.0.2.0/24 # around it\n"
			   "192.0.0.0/16\n"
			   "2001:db8::1\n"
			   "2001:db8::/32\n"
			   "::ffff:198.51.100.7\n"
			   "example.org # a domain\n"
			   "deep.example.org\n"
			   "http://host.example/a?b\n"
			   "noscheme.example/x\n"
			   "/tmp/.Hidden\n"
			   "C:\\Windows\\Temp\\evil.exe\n"
			   "mimi.exe\n"
			   "somebody@mail.example\n"
			   "d41d8cd98f00b204e9800998ecf8427e\n"
			   "da39a3ee5e6b4b0d3255bfef95601890afd80709\n"
			   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";

static const struct {
	enum indicator_type type;
	const char *value, *lines; /* of the hits, in their order */
} questions[] = {
	{INDICATOR_ipv4, "192.0.2.1", "2 3 4"},
	{INDICATOR_ipv4, "192.0.2.2", "3 4"},
	{INDICATOR_ipv4, "192.0.3.2", "4"},
	{INDICATOR_ipv4, "193.0.3.2", ""},
	{INDICATOR_ipv4, "198.51.100.7", "7"},
	{INDICATOR_ipv6, "::ffff:192.0.3.2", "4"},
	{INDICATOR_ipv6, "2001:DB8:0::1", "5 6"},
	{INDICATOR_ipv6, "2001:db9::1", ""},
	{INDICATOR_domain, "EXAMPLE.org.", "8"},
	{INDICATOR_domain, "very.deep.example.org", "9 8"},
	{INDICATOR_domain, "badexample.org", ""},
	{INDICATOR_domain, "org", ""},
	{INDICATOR_url, "HTTP://u@Host.example:80/a?b#c", "10"},
	{INDICATOR_url, "https://host.example/a?b", ""},
	{INDICATOR_url, "host.example/a?b", "10"},
	{INDICATOR_url, "https://noscheme.example/x", "11"},
	{INDICATOR_url, "http://host.example/a", ""},
	{INDICATOR_path, "/tmp/.Hidden", "12"},
	{INDICATOR_path, "/tmp/.hidden", ""},
	{INDICATOR_path, "c:/windows/TEMP/Evil.EXE", "13"},
	{INDICATOR_path, "D:\\tools\\MIMI.exe", "14"},
	{INDICATOR_path, "/opt/mimi.exe", "14"},
	{INDICATOR_path, "/opt/xmimi.exe", ""},
	{INDICATOR_email, "Somebody@MAIL.example", "15"},
	{INDICATOR_md5, "D41D8CD98F00B204E9800998ECF8427E", "16"},
	{INDICATOR_imphash, "d41d8cd98f00b204e9800998ecf8427e", ""},
	{INDICATOR_sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "17"},
	{INDICATOR_sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"18"},
	{INDICATOR_sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b856",
		""},
};

static void ask_all(const struct indicators *set)
{
	for (size_t i = 0; i < array_size(questions); i++) {
		struct indicator_hit hits[HITS];
		char lines[64] = "";
		size_t n = indicator_find_typed(set, questions[i].type,
			text_of(questions[i].value), INDICATOR_NO_TIME, hits, HITS);

		for (size_t j = 0; j < n; j++) {
			size_t at = strlen(lines);
			struct indicator indicator;

			indicator_read(set, hits[j], &indicator);
			assert_true(text_is(indicator.file, "folder/test.txt"));
			snprintf(lines + at, sizeof lines - at, "%s%u", j ? " " : "",
				indicator.line);
		}
		assert_string_equal(lines, questions[i].lines);
	}
}

static void what_is_in_it_is_found_and_nothing_else(void **state)
{
	unsigned problems = 0;
	until_return(indicators_close) struct indicators *set = set_of(list, &problems);

	assert_non_null(set);
	assert_int_equal(problems, 0);
	ask_all(set);
}

static void no_more_hits_than_wanted_are_given(void **state)
{
	unsigned problems = 0;
	until_return(indicators_close) struct indicators *set = set_of(list, &problems);

	for (size_t max = 0; max < 4; max++) {
		struct indicator_hit hits[HITS];

		assert_int_equal(indicator_find_typed(set, INDICATOR_ipv4, TEXT("192.0.2.1"),
			INDICATOR_NO_TIME, hits, max), max < 3 ? max : 3);
	}
}

static void expired_ones_do_not_match(void **state)
{
	static const struct {
		int64_t now;
		size_t hits;
	} cases[] = {
		{INDICATOR_NO_TIME, 3},
		{1577836799 * 1000000000ll, 3}, /* the last second of 2019 */
		{1577836800 * 1000000000ll, 2},
		{INT64_MAX, 2},
	};
	unsigned problems = 0;
	until_return(indicators_close) struct indicators *set = set_of(list, &problems);

	for (size_t i = 0; i < array_size(cases); i++) {
		struct indicator_hit hits[HITS];

		assert_int_equal(indicator_find_typed(set, INDICATOR_ipv4, TEXT("192.0.2.1"),
			cases[i].now, hits, HITS), cases[i].hits);
	}
	assert_int_equal(indicators_expired(set, INDICATOR_ipv4, cases[1].now), 0);
	assert_int_equal(indicators_expired(set, INDICATOR_ipv4, cases[2].now), 1);
}

static void what_is_known_of_one_is_read_back(void **state)
{
	unsigned problems = 0;
	until_return(indicators_close) struct indicators *set = set_of(list, &problems);
	struct indicator_hit hit;
	struct indicator indicator;
	char buffer[INDICATOR_TEXT];

	assert_int_equal(indicator_find_typed(set, INDICATOR_ipv4, TEXT("192.0.2.1"),
		INDICATOR_NO_TIME, &hit, 1), 1);
	indicator_read(set, hit, &indicator);
	assert_true(text_is(indicator.source, "somebody"));
	assert_true(text_is(
		indicator.comment, "first; source: somebody; expires: 2020-01-01"));
	assert_true(indicator.expires == 1577836800 * second);
	assert_true(indicator.valid_from == INDICATOR_NO_TIME);
	assert_int_equal(indicator.confidence, -1);
	assert_int_equal(indicator.tlp, TLP_unknown);
	assert_true(text_is(indicator_value(set, hit, buffer), "192.0.2.1"));
	assert_int_equal(indicator_find_typed(set, INDICATOR_ipv6, TEXT("2001:db8::9"),
		INDICATOR_NO_TIME, &hit, 1), 1);
	assert_true(text_is(indicator_value(set, hit, buffer), "2001:db8::/32"));
}

static void one_value_has_as_many_indicators_as_speak_of_it(void **state)
{
	char text[4096] = "";
	unsigned problems = 0;
	struct indicator_hit hits[64];
	size_t n = 0;

	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
			"example.org # says %d\nexample.org # all say\n", i);

	until_return(indicators_close) struct indicators *set = set_of(text, &problems);

	/* those that are the same are one; of the others the first are kept, the rest told */
	assert_int_equal(indicators_count(set, INDICATOR_domain), INDICATOR_SOURCES_MAX);
	assert_int_equal(problems, 1);
	assert_int_equal(indicator_find_domain(set, TEXT("example.org"), INDICATOR_NO_TIME, hits,
		array_size(hits)), INDICATOR_SOURCES_MAX);
}

static void an_empty_set_has_nothing(void **state)
{
	unsigned problems = 0;
	until_return(indicators_close) struct indicators *set = set_of("# nothing\n", &problems);

	for (size_t i = 0; i < array_size(questions); i++) {
		struct indicator_hit hits[HITS];

		assert_int_equal(indicator_find_typed(set, questions[i].type,
			text_of(questions[i].value), INDICATOR_NO_TIME, hits, HITS), 0);
	}
}

static char folder[] = "/tmp/indicators_test.XXXXXX";
static char path[64];

static int folder_make(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/set", folder);
	return 0;
}

static int folder_remove(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static void compile(void)
{
	unsigned problems = 0;
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, &problems);
	struct error err;

	feeds_add(feeds, TEXT("folder/test.txt"), text_of(list));
	assert_int_equal(feeds_compile(feeds, path, &err), 0);
	assert_int_equal(problems, 0);
}

static void a_file_answers_as_memory_does(void **state)
{
	struct error err = {0};

	compile();
	until_return(indicators_close) struct indicators *set = indicators_open(path, &err);
	assert_non_null(set);
	assert_int_equal(indicators_verify(set, &err), 0);
	ask_all(set);
}

/* What was compiled is a feed like others. */
static void a_compiled_set_can_be_compiled_again(void **state)
{
	unsigned problems = 0;
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, &problems);
	struct error err = {0};

	compile();
	assert_int_equal(feeds_add_path(feeds, path, &err), 1);
	until_return(indicators_close) struct indicators *set = feeds_set(feeds, &err);
	assert_non_null(set);
	assert_int_equal(problems, 0);
	ask_all(set);
}

static void a_file_that_cannot_be_written_leaves_nothing(void **state)
{
	unsigned problems = 0;
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, &problems);
	struct error err = {0};
	char wrong[96];

	snprintf(wrong, sizeof wrong, "%s/none/set", folder);
	assert_int_equal(feeds_compile(feeds, wrong, &err), -1);
	assert_non_null(strstr(err.text, "cannot write '"));
}

static size_t file_read(uint8_t *bytes, size_t size)
{
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, size);

	assert_true(n > 0 && (size_t)n < size);
	return (size_t)n;
}

static struct indicators *set_from(const uint8_t *bytes, size_t n, struct error *err)
{
	void *copy = memory_new(n ? n : 1);

	memcpy(copy, bytes, n);
	return indicators_from_memory(copy, n, err);
}

static void a_damaged_head_is_refused_in_one_sentence(void **state)
{
	static uint8_t bytes[65536], whole[65536];
	size_t n;
	struct error err;
	static const struct {
		size_t at, n; /* bytes to turn over, then how long it is; 0: all */
		const char *sentence;
	} cases[] = {
		{0, 0, "the set is no compiled set of indicators"},
		{8, 0, "the set was compiled by another version of saker; compile it again"},
		{24, 0, "the set is damaged; compile it again"},
		{400, 0, "the set is damaged; compile it again"},
		{60000, 4, "the set is no compiled set of indicators"},
		{60000, 100, "the set is cut; compile it again"},
		{60000, 3000, "the set is cut; compile it again"},
	};

	compile();
	n = file_read(whole, sizeof whole);
	for (size_t i = 0; i < array_size(cases); i++) {
		memcpy(bytes, whole, sizeof bytes);
		bytes[cases[i].at] ^= 0xff;
		err.text[0] = 0;
		until_return(indicators_close) struct indicators *set =
			set_from(bytes, cases[i].n ? cases[i].n : n, &err);
		assert_null(set);
		assert_string_equal(err.text, cases[i].sentence);
	}
}

/* A head that fits its sum, over anything: the fuzzer does this too, and longer. */
static void damage_behind_the_head_harms_nobody(void **state)
{
	static uint8_t bytes[65536], whole[65536];
	size_t n;
	struct error err;

	compile();
	n = file_read(whole, sizeof whole);
	for (size_t at = (sizeof(struct image_head) + 63) / 64 * 64; at < n; at += 3) {
		struct indicator_hit hits[HITS];

		memcpy(bytes, whole, n);
		for (size_t i = at; i < n && i < at + 4; i++)
			bytes[i] = 0xff;
		until_return(indicators_close) struct indicators *set = set_from(bytes, n, &err);
		assert_non_null(set);
		assert_int_equal(indicators_verify(set, &err),
			memcmp(bytes, whole, n) ? -1 : 0);
		for (size_t i = 0; i < array_size(questions); i++) {
			size_t found = indicator_find_typed(set, questions[i].type,
				text_of(questions[i].value), second, hits, HITS);

			assert_true(found <= HITS);
			for (size_t j = 0; j < found; j++) {
				struct indicator indicator;
				char buffer[INDICATOR_TEXT];

				indicator_read(set, hits[j], &indicator);
				indicator_value(set, hits[j], buffer);
			}
		}
	}
}

static void what_is_no_file_is_refused(void **state)
{
	struct error err;
	static const struct {
		const char *path, *sentence;
	} cases[] = {
		{"/nowhere/set", "cannot open '/nowhere/set': No such file or directory"},
		{"/dev/null", "'/dev/null' is no compiled set of indicators"},
		{"/tmp", "'/tmp' is no compiled set of indicators"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		assert_null(indicators_open(cases[i].path, &err));
		assert_string_equal(err.text, cases[i].sentence);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_it_is_found_and_nothing_else),
		cmocka_unit_test(no_more_hits_than_wanted_are_given),
		cmocka_unit_test(expired_ones_do_not_match),
		cmocka_unit_test(what_is_known_of_one_is_read_back),
		cmocka_unit_test(one_value_has_as_many_indicators_as_speak_of_it),
		cmocka_unit_test(an_empty_set_has_nothing),
		cmocka_unit_test(a_file_answers_as_memory_does),
		cmocka_unit_test(a_compiled_set_can_be_compiled_again),
		cmocka_unit_test(a_file_that_cannot_be_written_leaves_nothing),
		cmocka_unit_test(a_damaged_head_is_refused_in_one_sentence),
		cmocka_unit_test(damage_behind_the_head_harms_nobody),
		cmocka_unit_test(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
