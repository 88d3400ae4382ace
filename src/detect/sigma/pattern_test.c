// SPDX-License-Identifier: Apache-2.0
// Tests: wildcards, escapes and encodings of values.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "detect/sigma/case_test.h"
#include "detect/sigma/cidr.h"
#include "detect/sigma/encode.h"
#include "detect/sigma/fold.h"
#include "detect/sigma/pattern.h"

static void a_pattern_fits_what_it_should(void **state)
{
	static const struct {
		const char *pattern, *value;
		bool fits;
	} cases[] = {
		{"abc", "abc", true},
		{"abc", "abcd", false},
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "abc", true},
		{"a*", "abc", true},
		{"a*", "ba", false},
		{"*c", "abc", true},
		{"*c", "abcd", false},
		{"a*c", "abc", true},
		{"a*c", "ac", true},
		{"a*c", "a", false},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "acb", false},
		{"*ab*ab*", "abab", true},
		{"*ab*ab*", "aab", false},
		{"*ab*ab", "abab", true},
		{"?", "a", true},
		{"?", "", false},
		{"?", "ab", false},
		{"?", "\xc3\xa9", true},
		{"a?c",
			"a\xe2\x82\xac"
			"c",
			true},
		{"?", "\xff", true},
		{"??", "\xff\xff", true},
		{"*?", "\xc3\xa9", true},
		{"*??", "\xc3\xa9", false},
		{"*1?", "a1\xc3\xa9", true},
		{"*1?", "a1", false},
		{"?*?", "ab", true},
		{"?*?", "a", false},
		{"*a?c*", "xxabcabd", true},
		{"*a?c*", "xxabdac", false},
		{"a\\*c", "a*c", true},
		{"a\\*c", "abc", false},
		{"a\\?c", "a?c", true},
		{"a\\?c", "abc", false},
		{"a\\b", "a\\b", true},
		{"a\\\\b", "a\\b", true},
		{"a\\\\\\\\b", "a\\\\b", true},
		{"a\\\\*", "a\\xyz", true},
		{"a\\\\*", "ax", false},
		{"a\\\\\\*", "a\\*", true},
		{"a\\\\\\*", "a\\b", false},
		{"a\\", "a\\", true},
		{"**", "abc", true},
		{"a**b", "aXb", true},
		{"*aaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", true},
	};
	until_return(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct pattern pattern =
			pattern_read(text_of(cases[i].pattern), false, false, &arena);

		if (pattern_match(&pattern, text_of(cases[i].value)) != cases[i].fits)
			case_fails("'%s' on '%s'", cases[i].pattern, cases[i].value);
	}
}

static void a_pattern_is_written_as_it_is_read(void **state)
{
	static const char *const patterns[] = {"a*b?c", "\\*", "a\\\\b", "*", "?*?", ""};
	until_return(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < array_size(patterns); i++) {
		struct pattern pattern = pattern_read(text_of(patterns[i]), false, false, &arena);

		assert_true(text_is(pattern_text(&pattern, &arena), patterns[i]));
	}
}

static void the_longest_text_of_a_pattern_is_found(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	struct pattern pattern = pattern_read(TEXT("ab*cde?f"), true, true, &arena);

	assert_true(text_is(pattern_longest(&pattern), "cde"));
	pattern = pattern_read(TEXT("?"), true, true, &arena);
	assert_null(pattern_longest(&pattern).at);
}

static void base64_at_any_place_is_what_surely_stands_there(void **state)
{
	static const struct {
		const char *bytes;
		unsigned offset;
		const char *digits;
	} cases[] = {
		{"http://", 0, "aHR0cDovL"}, {"http://", 1, "h0dHA6Ly"}, {"http://", 2, "odHRwOi8v"},
		{"abc", 0, "YWJj"}, {"ab", 0, "YW"}, {"a", 1, NULL}, {"a", 2, "h"},
	};
	until_return(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct text digits = encode_base64_offset(text_of(cases[i].bytes), cases[i].offset,
			&arena);

		if (!text_equal(digits, text_of(cases[i].digits)))
			case_fails("'%s' at %u: '%.*s'", cases[i].bytes, cases[i].offset,
				(int)digits.n, digits.at);
	}
	assert_true(text_is(encode_base64(TEXT("a"), &arena), "YQ=="));
	assert_true(text_is(encode_base64(TEXT("abcd"), &arena), "YWJjZA=="));
}

static void utf16_has_pairs_and_an_order(void **state)
{
	until_return(arena_clear) struct arena arena = {0};

	assert_true(text_equal(encode_utf16(TEXT("a\xf0\x9f\x98\x80"), false, false, &arena),
		TEXT("a\0\x3d\xd8\x00\xde")));
	assert_true(text_equal(encode_utf16(TEXT("a"), true, false, &arena), TEXT("\0a")));
	assert_true(text_equal(encode_utf16(TEXT("a"), false, true, &arena), TEXT("\xff\xfe"
										  "a\0")));
}

static void case_and_dashes_are_folded(void **state)
{
	static const struct {
		const char *text, *folded;
	} cases[] = {
		{"AbC/Z[", "abc/z["},
		{"\xc3\x84", "\xc3\xa4"},
		{"\xe2\x84\xaa", "k"},
		{"\xc8\xba", "\xe2\xb1\xa5"},
		{"\xff"
		 "A",
			"\xff"
			"a"},
		{"\xc3", "\xc3"},
		{"\xf0\x90\x90\x80", "\xf0\x90\x90\xa8"},
		{"", ""},
	};
	char out[64];

	for (size_t i = 0; i < array_size(cases); i++) {
		size_t n = fold(out, text_of(cases[i].text));

		assert_true(text_is((struct text){out, n}, cases[i].folded));
	}
	assert_true(dash_found(TEXT("a/b")));
	assert_true(dash_found(TEXT("\xe2\x80\x95")));
	assert_false(dash_found(TEXT("a-b \xe2\x82\xac")));
	assert_true(text_is((struct text){out, dash_fold(out, TEXT("/a \xe2\x80\x93"
								   "b -c \xe2\x80"))},
		"-a -b -c \xe2\x80"));
}

static void a_network_holds_its_addresses_in_any_spelling(void **state)
{
	static const struct {
		const char *network, *address;
		bool holds;
	} cases[] = {
		{"10.0.0.0/8", "10.200.3.4", true},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"172.16.0.0/12", "172.31.9.9", true},
		{"172.16.0.0/12", "172.32.0.0", false},
		{"192.168.1.7", "192.168.1.7", true},
		{"192.168.1.7", "192.168.1.8", false},
		{"0.0.0.0/0", "1.2.3.4", true},
		{"fe80::/10", "FE80:0:0:0:0:0:0:1", true},
		{"fe80::/10", "fec0::1", false},
		{"::1", "0:0:0:0:0:0:0:1", true},
		{"10.0.0.0/8", "::ffff:10.1.2.3", true},
		{"::ffff:10.0.0.0/104", "10.1.2.3", true},
		{"10.0.0.0/8", "fe80::1", false},
		{"::/0", "fe80::1", true},
		{"10.0.0.0/8", "x", false},
		{"10.0.0.0/8", "", false},
	};
	static const char *const wrong[] = {"10.0.0.0/33", "10.0.0/8", "fe80::/129", "x", "",
		"10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8"};
	struct cidr cidr;

	for (size_t i = 0; i < array_size(cases); i++) {
		assert_true(cidr_read(text_of(cases[i].network), &cidr));
		if (cidr_holds(&cidr, text_of(cases[i].address)) != cases[i].holds)
			case_fails("%s in %s", cases[i].address, cases[i].network);
	}
	for (size_t i = 0; i < array_size(wrong); i++)
		if (cidr_read(text_of(wrong[i]), &cidr))
			case_fails("'%s' was read", wrong[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_fits_what_it_should),
		cmocka_unit_test(a_pattern_is_written_as_it_is_read),
		cmocka_unit_test(the_longest_text_of_a_pattern_is_found),
		cmocka_unit_test(base64_at_any_place_is_what_surely_stands_there),
		cmocka_unit_test(utf16_has_pairs_and_an_order),
		cmocka_unit_test(case_and_dashes_are_folded),
		cmocka_unit_test(a_network_holds_its_addresses_in_any_spelling),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
