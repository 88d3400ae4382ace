// SPDX-License-Identifier: Apache-2.0
// What the linter says of YARA rules, and what it must not say.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/own.h"
#include "base/printable.h"
#include "detect/yara/lint.h"

static void on_finding(void *context, const struct yara_finding *finding)
{
	char *kinds = context;
	size_t n = strlen(kinds);

	assert_true(finding->line > 0 && finding->column > 0 && finding->sentence.n > 0);
	snprintf(kinds + n, 200 - n, "%s%s", n ? " " : "", yara_lint_names[finding->kind]);
}

static const char strings[] = "$a1 = \"first\"\n$a2 = \"second\"\n$b = { 01 02 [2-4] 05 }\n"
			      "$c = /abcd[0-9]{2}/ nocase\n";

static void conditions_are_understood(void **state)
{
	static const struct {
		const char *condition, *kinds;
	} cases[] = {
		/* the case of the public report: nine digits */
		{"uint32(0) == 0x4464c457f and all of them", "never"},
		{"uint32(0) == 0x464c457f and all of them", ""},
		{"uint32(0) == 0x4464C457F", "never"},
		{"uint16(0) == 0x5a4d and uint16(0) == 0x457f and $a1", "never"},
		{"uint16(0) == 0x5a4d or uint16(0) == 0x457f", ""},
		{"uint32(0) == 0x464c457f and uint16(0) == 0x5a4d", "never"},
		{"uint32(0) == 0x464c457f and uint16(0) == 0x457f", ""},
		{"uint32be(0) == 0x7f454c46 and uint32(0) == 0x464c457f", ""},
		{"uint32be(0) == 0x7f454c46 and uint8(3) == 0x47", "never"},
		{"uint16(0) == 0x5a4d and uint16(2) == 0x457f", ""},
		{"uint16(0) == 70000", "never"},
		{"uint16(0) < 70000", ""},
		{"uint8(0) > 255", "never"},
		{"int8(0) == 200", "never"},
		{"int8(0) == -3", ""},
		{"int32(0) < 0", ""},
		{"uint32(0) < 0", "never"},
		{"filesize > 1MB and filesize < 500KB", "never"},
		{"filesize < 1MB and filesize > 500KB", ""},
		{"filesize > 10 and filesize < 11", "never"},
		{"filesize == 10 and filesize != 10", "never"},
		{"10 < filesize and 5 > filesize", "never"},
		{"filesize < 500KB and ($a1 or filesize > 1MB)", ""}, /* by $a1 */
		{"(filesize < 10 and filesize > 20) or $a1", "never"},
		{"not (filesize < 10 and filesize > 20)", ""},
		{"not filesize < 10 and filesize < 5", ""}, /* it may be undefined */
		{"#a1 > 5 and #a1 < 3", "never"},
		{"#a1 > 5 and #a2 < 3", ""},
		{"#a1 > 2 and #a1 < 5", ""},
		{"3 of ($a1, $a2)", "never"},
		{"3 of ($a*, $b)", ""},
		{"4 of ($a*, $b)", "never"},
		{"4 of them", ""},
		{"5 of them", "never"},
		{"50% of them", ""},
		{"all of ($x*)", "empty_set"},
		{"any of ($x*)", "empty_set never"},
		{"$a1 or any of ($x*)", "empty_set never"},
		{"none of ($a*)", ""},
		{"false", "never"},
		{"$a1 and false", "never"},
		{"not false", ""},
		{"not true", "never"},
		{"true", "always"},
		{"filesize >= 0", "always"},
		{"$a1 or true", "always"},
		{"$a1 and true", ""},
		{"#a1 >= 0", "always"},
		{"for all i in (1..#a1) : (@a1[i] > 5)", "loop"},
		{"for any i in (0..filesize) : (uint8(i) == 5 and uint8(i) == 6)", "loop"},
		{"for any i in (1..5) : (uint8(@a1[i] + 2) == 5)", ""},
		{"for any of ($a*) : ($ at 0)", ""},
		{"for 2 of them : (# > 3)", ""},
		{"for all i in (1, 2, 3) : (@a1[i] + 10 == @a2[i])", ""},
		{"for any s in pe.sections : (s.name == \".text\")", ""},
		{"math.entropy(0, filesize) > 7.5", "whole_file"},
		{"hash.md5(0, filesize) == \"d41d8cd98f00b204e9800998ecf8427e\"", "whole_file"},
		{"filesize < 1MB and math.entropy(0, filesize) > 7.5", ""},
		{"math.entropy(0, 1000) > 7.5", ""},
		{"pe.imports(\"a.dll\", \"f\") and pe.sections[0].name == \".x\"", ""},
		{"pe.version_info[\"CompanyName\"] contains \"x\"", ""},
		{"pe.rich_signature.clear_data matches /abc.*def/", ""},
		{"$a1 at 0 and $a2 in (0..100) and $b in (filesize - 100 .. filesize)", ""},
		{"(#a1 + #a2) > 3 and (1 + 2) * 3 == 9", ""},
		{"uint16(uint32(0x3c)) == 0x4550 and uint16(uint32(0x3c)) == 1", ""},
		{"uint32(0) & 0xff == 3 and uint32(0) & 0xff == 4", ""},
		{"uint16(0) == 0x5a00 + 0x4d and uint16(0) == 0x5a4d", ""},
		{"defined pe.entry_point and $a1", ""},
		{"any of them at 0 and #a1 in (0..100) == 2", ""},
		{"Other_Rule and not Third", ""},
		{"any of (Other_*)", ""},
		{"filesize > 0x7fffffffffffffff", "never"},
		{"((((((((((((((((((($a1)))))))))))))))))))", ""},
		{"uint8(0) == 1 and uint8(0) == 2 or uint8(0) == 3", "never"},
		{"(uint8(0) == 1 or uint8(0) == 2) and (uint8(0) == 3 or uint8(0) == 4)", "never"},
		{"(uint8(0) == 1 or uint8(0) == 2) and (uint8(0) == 3 or uint8(0) == 2)", ""},
		{"this is no condition", ""},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		char source[2048], kinds[200] = "";
		int n = snprintf(source, sizeof source,
			"import \"pe\"\nrule R : tag\n{\n meta:\n  a = \"}\"\n strings:\n%s "
			"condition:\n  %s\n}\n", strings, cases[i].condition);

		yara_lint((struct text){source, (size_t)n}, &arena, on_finding, kinds);
		if (strcmp(kinds, cases[i].kinds))
			print_error("%s\n", cases[i].condition);
		assert_string_equal(kinds, cases[i].kinds);
	}
}

static void strings_are_looked_at(void **state)
{
	static const struct {
		const char *string, *kinds;
	} cases[] = {
		{"\"abcd\"", ""},
		{"\"abc\"", "short_text"},
		{"\"\\x01\\x02\\\"\\\\\"", ""},
		{"\"\\x01\\x02\\\"\"", "short_text"},
		{"\"abc\" wide ascii", "short_text"},
		{"\"long enough\" xor(0x01-0xff)", ""},
		{"\"long enough\" base64(\"abc\")", ""},
		{"/abc.*def/", ""},
		{"/.+abcdef/", ""},
		{"/abcdef.*/", ""},
		{"/abc[.*]def\\.*/", ""},
		{"/abc.{0,100}def/is", ""},
		{"/a\\/b[/]c/", ""},
		{"{ 01 02 ?? [4] 05 ( 06 | 07 ) }", ""},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		char source[1024], kinds[200] = "";
		int n = snprintf(source, sizeof source, "private global rule R {\n strings: // $b "
			"= \"x\"\n  $a = %s /* $c = \"x\" */\n condition: $a\n}\n"
			"rule Next { condition: false }", cases[i].string);

		yara_lint((struct text){source, (size_t)n}, &arena, on_finding, kinds);
		if (strncmp(kinds, cases[i].kinds, strlen(cases[i].kinds)))
			print_error("%s\n", cases[i].string);
		assert_int_equal(strlen(kinds),
			strlen(cases[i].kinds) + strlen("never") + (cases[i].kinds[0] != 0));
	}
}

static void first_sentence(void *context, const struct yara_finding *finding)
{
	snprintf(context, 300, "%.*s:%u:%u: %.*s", TEXT_PRINT(finding->rule), finding->line,
		finding->column, TEXT_PRINT(finding->sentence));
}

static void the_remedy_is_told(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	char sentence[300] = "";

	yara_lint(TEXT("rule Elf {\n condition:\n  filesize < 1MB and\n  uint32(0) == "
		       "0x4464c457f\n}\n"), &arena, first_sentence, sentence);
	assert_string_equal(sentence, "Elf:4:3: the condition can never be true: uint32 has 32 "
		"bits and is never 0x4464c457f; an ELF file has 0x464c457f");
}

/* Parentheses that could be read in two ways, nested: bounded. */
static void nested_parentheses_end(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	char source[4096] = "rule R { condition: ", kinds[200] = "";

	for (int i = 0; i < 60; i++)
		strcat(source, "(");
	strcat(source, "1");
	for (int i = 0; i < 60; i++)
		strcat(source, "+1)");
	strcat(source, " == 61 }");
	yara_lint(text_of(source), &arena, on_finding, kinds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_are_understood),
		cmocka_unit_test(strings_are_looked_at),
		cmocka_unit_test(the_remedy_is_told),
		cmocka_unit_test(nested_parentheses_end),
	};

	return cmocka_run_group_tests_name("lint", tests, NULL, NULL);
}
