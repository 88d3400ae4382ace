// SPDX-License-Identifier: Apache-2.0
// Tests: what must be in whatever a regular expression fits is only what is certain.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/own.h"
#include "detect/sigma/case_test.h"
#include "detect/sigma/mandatory.h"
#include "detect/sigma/regex.h"

static void a_text_is_only_named_if_it_is_certain(void **state)
{
	static const struct {
		const char *regex, *texts; /* joined by a comma; "": none */
	} cases[] = {
		{"abc", "abc"},
		{"ab", ""},
		{"abc|def", "abc,def"},
		{"abc|d", ""},
		{"abc|", ""},
		{"(abc|def)ghi", "ghi"},
		{"(abc|def)gh", "abc,def"},
		{"(?:abc|def)?gh", ""},
		{"(abc|def){2}", "abc,def"},
		{"(abc|def)*", ""},
		{"((abc)|(?:d(efg|hij)))", "abc,efg,hij"},
		{"abc?def", "def"},
		{"abcd*efg", "abc"},
		{"abc+de", "abc"},
		{"abc{0,3}defg", "defg"},
		{"abc{2}d", "abc"},
		{"foo{|bar}", ""},
		{"foo\\.bar", "foo.bar"},
		{"foo\\dbar", "foo"},
		{"^/etc/passwd$", "/etc/passwd"},
		{"[abc]defg[^]]", "defg"},
		{"(?i)hello", "hello"},
		{"(?x)a b c d", ""},
		{"\\Qab|cd\\E", ""},
		{"(?!foo|x)barbaz", "barbaz"},
		{"abc\\x41", ""},
		{"xyz(a(b|c)d)?zz", "xyz"},
		{"[[:alpha:]]abc", ""},
		{"a.*?bcd", "bcd"},
		{"abc\\bcd", "abc"},
		{"(*UTF)abcd", ""},
		{"(?#no|thing)abc", ""},
		{"", ""},
		{"abc\\", ""},
		{"[", ""},
		{"(", ""},
		{"(abc", ""},
		{"abc)", ""},
		{"\xc3\xa9"
		 "abc",
			"abc"},
		{"(a|b)+cde(f|g)", "cde"},
		{"(curl|wget)\\s.*-o", "curl,wget"},
		{"abc|(?=x)def|ghi", "abc,def,ghi"},
		{"a1a|a2a|a3a|a4a|a5a|a6a|a7a|a8a|a9a|b1a|b2a|b3a|b4a|b5a|b6a|b7a|b8a", ""},
		{"((((((((((((((((((abc))))))))))))))))))", ""},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		struct mandatory mandatory;
		char texts[256] = "";

		mandatory_find(text_of(cases[i].regex), &arena, &mandatory);
		for (size_t n = 0, at = 0; n < mandatory.n; n++)
			at += (size_t)snprintf(texts + at, sizeof texts - at, "%s%.*s",
				n ? "," : "", (int)mandatory.at[n].n, mandatory.at[n].at);
		if (strcmp(texts, cases[i].texts))
			case_fails("'%s' gave '%s'", cases[i].regex, texts);
	}
}

static uint64_t seed = 88172645463325252;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % n;
}

static bool one_is_in(const struct mandatory *mandatory, struct text value)
{
	for (size_t i = 0; i < mandatory->n; i++)
		if (memmem(value.at, value.n, mandatory->at[i].at, mandatory->at[i].n))
			return true;
	return false;
}

/* Whatever PCRE finds must hold one of the texts, for expressions put together by chance. */
static void no_match_goes_without_its_text(void **state)
{
	until_return(regex_room_clear) struct regex_room room = {0};
	static const char *const pieces[] = {"a", "b", "ab", "aab", "bba", "abab", "(", ")", "|",
		"*", "?", "+", "{2}", "{0,1}", "{", "}", "[ab]", "[^a]", "[", "]", ".", "^", "$",
		"\\b", "\\", "(?:", "(?=", "(?!", "(?i)", "\\Q", "\\E", "(?#", "(?<x>", "(?>",
		"\\d", "\\1", "(?|"};
	size_t compiled = 0, named = 0, matched = 0;

	for (unsigned round = 0; round < 60000; round++) {
		until_return(arena_clear) struct arena arena = {0};
		until_return(regex_free) struct regex *regex = NULL;
		struct mandatory mandatory;
		char pattern[128] = "";

		for (uint32_t n = 2 + random_below(9); n; n--)
			strcat(pattern,
				pieces[random_below(random_below(2) ? 9 : array_size(pieces))]);
		regex = regex_new(text_of(pattern), false, false, false, NULL);
		if (!regex)
			continue;
		compiled++;
		mandatory_find(text_of(pattern), &arena, &mandatory);
		if (!mandatory.n)
			continue;
		named++;
		for (unsigned v = 0; v < 30; v++) {
			char value[24];
			uint32_t n = random_below(sizeof value);

			for (uint32_t i = 0; i < n; i++)
				value[i] = "ab"[random_below(2)];
			if (regex_search(regex, (struct text){value, n}, &room) != REGEX_yes)
				continue;
			matched++;
			if (!one_is_in(&mandatory, (struct text){value, n}))
				case_fails("'%s' fits '%.*s' without its text", pattern, (int)n,
					value);
		}
	}
	assert_true(compiled > 5000 && named > 2000 && matched > 5000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_only_named_if_it_is_certain),
		cmocka_unit_test(no_match_goes_without_its_text),
	};

	return cmocka_run_group_tests_name("mandatory", tests, NULL, NULL);
}
