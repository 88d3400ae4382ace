// SPDX-License-Identifier: Apache-2.0
// Patterns of STIX: values that stand alone are taken, the rest is named.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/own.h"
#include "intel/indicator/stix_pattern.h"

static char names[256]; /* of what was left out */

/* "type=value type=value" of what was read. */
static int values_of(const char *text, char *values, size_t size, struct error *err)
{
	until_return(arena_clear) struct arena arena = {0};
	static struct stix_pattern pattern;
	int result;
	size_t n = 0;

	names[0] = values[0] = 0;
	pattern.arena = &arena;
	result = stix_pattern_read(&pattern, text_of(text), err);
	for (size_t i = 0; i < pattern.n; i++)
		n += (size_t)snprintf(values + n, size - n, "%s%s=%.*s", n ? " " : "",
			indicator_names[pattern.values[i].type], (int)pattern.values[i].text.n,
			pattern.values[i].text.at);
	for (size_t i = n = 0; i < pattern.left_out_count; i++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%.*s", n ? " " : "",
			(int)pattern.left_out[i].n, pattern.left_out[i].at);
	return result;
}

static void values_are_taken_and_the_rest_is_named(void **state)
{
	static const struct {
		const char *pattern, *values, *left_out;
	} cases[] = {
		{"[ipv4-addr:value = '192.0.2.1']", "ipv4=192.0.2.1", ""},
		{"[file:hashes.'SHA-256' = 'aa' OR file:hashes.MD5='bb']", "sha256=aa md5=bb", ""},
		{"[file:hashes.\"SHA-1\" = 'aa'] OR [domain-name:value='x.example']",
			"sha1=aa domain=x.example", ""},
		{"[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "ipv4=192.0.2.0/24", ""},
		{"[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')]",
			"ipv4=192.0.2.1 ipv4=192.0.2.2", ""},
		{"[url:value = 'http://x.example/a\\'b\\\\c']", "url=http://x.example/a'b\\c", ""},
		{"[(url:value = 'a' OR (url:value = 'b'))]", "url=a url=b", ""},
		{"[file:name = 'a.exe' AND file:size > 10]", "", "AND"},
		{"[url:value = 'a' OR file:name = 'b' AND file:name = 'c']", "url=a", "AND"},
		{"[url:value = 'a'] AND [url:value = 'b'] OR [url:value = 'c']", "url=c", "AND"},
		{"[url:value = 'a'] FOLLOWEDBY [url:value = 'b']", "", "FOLLOWEDBY"},
		{"[url:value = 'a'] OR [url:value = 'b'] FOLLOWEDBY [url:value = 'c']", "",
			"FOLLOWEDBY"},
		{"[url:value = 'a'] REPEATS 5 TIMES WITHIN 1800 SECONDS", "", "WITHIN"},
		{"([url:value = 'a'] OR [url:value = 'b']) START t'2020-01-01T00:00:00Z' STOP "
		 "t'2021-01-01T00:00:00Z' OR [url:value = 'c']", "url=c", "START"},
		{"[url:value LIKE 'http://%']", "", "LIKE"},
		{"[url:value MATCHES 'x+']", "", "MATCHES"},
		{"[url:value != 'a']", "", "!="},
		{"[url:value NOT = 'a']", "", "NOT"},
		{"[url:value ISSUBSET 'a']", "", "ISSUBSET"},
		{"[NOT (url:value = 'a') OR url:value = 'b']", "url=b", "NOT"},
		{"[EXISTS url:value OR url:value = 'b']", "url=b", "EXISTS"},
		{"[windows-registry-key:values[*].name = 'x' OR file:name = 'b']", "path=b",
			"windows-registry-key:values[*].name"},
		{"[network-traffic:dst_ref.value = '192.0.2.9']", "ipv4=192.0.2.9", ""},
		{"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = "
		 "'bad']", "user_agent=bad", ""},
	};
	char values[256];
	struct error err = {0};

	for (size_t i = 0; i < array_size(cases); i++) {
		assert_int_equal(values_of(cases[i].pattern, values, sizeof values, &err), 0);
		assert_string_equal(values, cases[i].values);
		assert_string_equal(names, cases[i].left_out);
	}
}

static void what_is_no_pattern_is_said(void **state)
{
	static const struct {
		const char *pattern, *sentence;
	} cases[] = {
		{"", "the pattern ends where '[' should stand"},
		{"url:value = 'a'", "the pattern has no '[' at character 1"},
		{"[url:value = 'a'", "the pattern ends where ']' should stand"},
		{"[url:value = 'a']]", "the pattern has no end at character 18"},
		{"[url:value 'a']", "the pattern has no operator at character 12"},
		{"[url:value = 'a]", "the pattern has no value at character 14"},
		{"[]", "the pattern has no object path at character 2"},
		{"[((((((((((((((((((url:value = 'a'))))))))))))))))))]",
			"the pattern is nested deeper than 16"},
	};
	char values[256];
	struct error err;

	for (size_t i = 0; i < array_size(cases); i++) {
		assert_int_equal(values_of(cases[i].pattern, values, sizeof values, &err), -1);
		assert_string_equal(err.text, cases[i].sentence);
		assert_string_equal(values, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_taken_and_the_rest_is_named),
		cmocka_unit_test(what_is_no_pattern_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
