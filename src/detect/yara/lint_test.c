// SPDX-License-Identifier: Apache-2.0
// Tests: what the linter says of a rule, and that it says nothing of rules that are right.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/own.h"
#include "detect/yara/lint.h"

#define A "$a = \"abcdefgh\" "
#define AB "$a = \"abcdefgh\" $b = \"ijklmnop\" "
#define ABC AB "$c = \"qrstuvwx\" "

/* What is found, by its kinds joined with spaces in the order in which they come. */
static const struct {
	const char *strings, *condition, *found;
} cases[] = {
	/* the case from the public reports: nine digits */
	{"", "uint32(0) == 0x4464c457f", "value-out-of-range never"},
	{A, "uint32(0) == 0x4464c457f and $a", "value-out-of-range never"},
	{A, "uint32(0) == 0x4464c457f or $a", "value-out-of-range"},
	{"", "uint32(0) == 0x464c457f", ""},
	/* values that the type cannot have */
	{"", "uint16(0) == 0x15a4d", "value-out-of-range never"},
	{"", "0x100 == uint8(3)", "value-out-of-range never"},
	{"", "uint8(0) == 256", "value-out-of-range never"},
	{"", "uint8(0) == 255", ""},
	{"", "int16(0) == 0x9abc", "value-out-of-range never"},
	{"", "int16be(0) == -5", ""},
	{"", "uint32be(0) == -1", "value-out-of-range never"},
	{"", "uint8(0) > 255", "value-out-of-range never"},
	{"", "uint8(0) < 256", "needless"},
	{A, "$a and #a >= 0", "needless"},
	{"", "filesize < 0", "value-out-of-range never"},
	{"", "uint16(0) & 0x0f == 0x10", "value-out-of-range never"},
	{"", "uint16(0) & 0xf0 == 0x10", ""},
	{"", "not uint8(0) == 256", "value-out-of-range"},
	/* contradictions of numbers */
	{"", "uint16(0) == 0x5a4d and uint16(0) == 0x457f", "contradiction never"},
	{"", "uint16(0) == 0x5a4d or uint16(0) == 0x457f", ""},
	{"", "uint16(0) == 0x5a4d and uint16(2) == 0x457f", ""},
	{"", "uint16(0) == 0x5a4d and uint16be(0) == 0x457f", "contradiction never"},
	{"", "uint16(0) == 0x5a4d and uint16be(0) == 0x4d5a", ""},
	{"", "uint16(0) == 0x5a4d and uint32(0) == 0x464c457f", "contradiction never"},
	{"", "uint16(0) == 0x457f and uint32(0) == 0x464c457f", ""},
	{"", "uint8(3) == 0x46 and uint32(0) == 0x464c457f", ""},
	{"", "uint8(3) == 0x47 and uint32(0) == 0x464c457f", "contradiction never"},
	{"", "uint8(4) == 0x47 and uint32(0) == 0x464c457f", ""},
	{"", "uint16(0) == 0x5a4d or uint32(0) == 0x464c457f", ""},
	{"", "int8(0) == -1 and uint8(0) == 255", ""},
	{"", "not uint16(0) == 0x5a4d and uint32(0) == 0x464c457f", ""},
	{"", "uint16(0x3c) == 1 and uint16( 60 ) == 2", "contradiction never"},
	{"", "uint32(uint32(60)) == 17744 and uint32(uint32(0x3c)) == 1", "contradiction never"},
	{"", "uint16(0) == 0x5a4d and not uint16(0) == 0x5a4d", "contradiction never"},
	{"", "uint16(0) == 0x5a4d and not uint16(0) == 0x457f", ""},
	{"", "uint16(0) == 1 and (filesize > 5 or uint16(0) == 2)", "contradiction"},
	{"", "uint16(0) == 1 and (uint16(0) == 3 or uint16(0) == 2)",
		"contradiction contradiction never"},
	{"", "(uint16(0) == 3 or uint16(0) == 2) and uint16(0) == 2", "contradiction"},
	{"", "not (uint8(0) != 1 or uint8(0) != 2)", ""}, /* of an empty file */
	{"", "not (uint8(0) == 1 or uint8(0) == 2)", ""},
	{"", "not (uint8(0) == 1 and uint8(0) == 2)", "always"},
	{"", "filesize < 10KB and filesize > 1MB", "contradiction never"},
	{"", "filesize < 1MB and filesize > 10KB", ""},
	{"", "filesize > 100 and filesize < 101", "contradiction never"},
	{"", "filesize > 100 and filesize < 102", ""},
	{"", "filesize >= 100 and filesize <= 100 and filesize != 100", "contradiction never"},
	{"", "10MB < filesize and 1MB > filesize", "contradiction never"},
	{"", "filesize < 10 and not filesize < 20", "contradiction never"},
	{"", "filesize < 10 and (filesize > 20 or filesize > 30)",
		"contradiction contradiction never"},
	{A, "#a > 5 and #a < 3", "contradiction never"},
	{A, "#a > 5 and #a < 7", ""},
	{A, "#a > 5 and #a < 6", "contradiction never"},
	{A, "$a and #a == 0", "contradiction never"},
	{A, "$a and not $a", "contradiction never"},
	{A, "not $a and $a at 0", "contradiction never"},
	{A, "$a and not $a at 0", ""},
	{A, "$a at 0 and $a at 5 and not $a in (7..9)", ""},
	{A, "@a[1] > 5 and @a[1] < 3", "contradiction never"},
	{A, "@a[1] > 5 and @a[2] < 3", ""},
	{A, "#a in (0..9) == 1 and #a == 0", ""},
	{"", "math.entropy(0, 9) > 7 and math.entropy(0, 9) < 8", ""},
	{"", "pe.number_of_sections == 3 and pe.number_of_sections == 4",
		"contradiction never"},
	{"", "x.ratio > 3 and x.ratio < 4", ""},
	{"", "x.ratio > 4 and x.ratio < 3", "contradiction never"},
	{"", "x.ratio != 3 and x.ratio >= 3 and x.ratio <= 3", ""},
	{"", "seen and not seen", "contradiction never"},
	{"", "time.now() == 1 and time.now() == 2", ""},
	{"", "filesize == 9223372036854775807 and filesize > 1", ""},
	{"", "filesize > 9223372036854775807", "value-out-of-range never"},
	{"", "1 == 2", "never"},
	{"", "1 == 1", "always"},
	{"", "2 * 3 > 1 + 4 and filesize < 1MB", ""},
	{"", "false", "never"},
	/* sets */
	{AB, "3 of ($a, $b)", "set-too-small never"},
	{AB, "2 of ($a, $b)", ""},
	{AB, "3 of them", "set-too-small never"},
	{AB, "3 of ($*)", "set-too-small never"},
	{AB, "3 of ($a, $a, $b)", ""},
	{"$a1 = \"abcdefgh\" $a2 = \"ijklmnop\" $b = \"qrstuvwx\" ", "3 of ($a*) or $b",
		"set-too-small"},
	{"$ = \"abcdefgh\" $ = \"ijklmnop\" ", "2 of them", ""},
	{"$ = \"abcdefgh\" $ = \"ijklmnop\" ", "3 of them", "set-too-small never"},
	{A, "$a or 2 of ($x*)", "set-empty"},
	{AB, "all of them and not $a", "contradiction never"},
	{AB, "any of them and not $a", ""},
	{AB, "any of them and not $a and not $b", "contradiction never"},
	{AB, "none of them and $a", "contradiction never"},
	{AB, "none of them and any of them", "contradiction never"},
	{ABC, "2 of them and not $a", ""},
	{ABC, "2 of them and not $a and not $b", "contradiction never"},
	{ABC, "not 2 of them and $a and $b", "contradiction never"},
	{ABC, "not 2 of them and $a", ""},
	{AB, "50% of them", ""},
	{AB, "all of them in (0..100) and #a == 0", "contradiction never"},
	{AB, "none of them in (0..100) and $a", ""},
	{"", "2 of (rule_a, rule_b*)", ""},
	{AB, "not all of them and $a", ""},
	{AB, "0 of them and $a", ""},
	/* always true */
	{"", "true", "always"},
	{A, "$a or true", "always"},
	{"", "filesize >= 0", "needless always"},
	{A, "#a >= 0 or $a", "needless always"},
	{A, "$a or not $a", "always"},
	{"", "filesize < 10 or filesize > 5", "always"},
	{"", "filesize < 5 or filesize > 10", ""},
	{AB, "any of them or none of them", "always"},
	{"", "uint8(0) == 1 or uint8(0) != 1", ""},
	{"", "not (filesize < 10 and filesize > 20)", "always"},
	{"", "defined uint8(0)", ""},
	{"", "not defined uint8(0)", ""},
	/* strings */
	{AB, "$a", "unused-string"},
	{A "$_b = \"ijklmnop\" ", "$a", ""},
	{AB, "for any of ($b) : ($ at 0) and !a == 8", ""},
	{AB, "for all of them : ($ at 0 and # > 2 and @ < 10)", ""},
	{AB, "for any of them : (# > 2 and # < 1)", "contradiction never"},
	{AB, "for any of ($a) : ($ and not $b) and $b", ""},
	{"$a = \"MZ\" ", "$a at 0", "short-string"},
	{"$a = \"\\x4d\\x5a\\\\\" ", "$a at 0", "short-string"},
	{"$a = \"abcd\" nocase wide ", "$a", "short-nocase-wide"},
	{"$a = \"abcd\" nocase ", "$a", ""},
	{"$a = /.*evil/ ", "$a", "regex-open"},
	{"$a = /evil.*thing/ ", "$a", "regex-greedy"},
	{"$a = /evil.+thing/s ", "$a", "regex-greedy"},
	{"$a = /evil.*?thing/ ", "$a", ""},
	{"$a = /evil.{0,64}thing/ ", "$a", ""},
	{"$a = /[a-z]{3}\\d+/ ", "$a", "regex-no-atom"},
	{"$a = /(evil|good)\\s/i ", "$a", ""},
	{"$a = /(ev|good)\\s/i ", "$a", "regex-no-atom"},
	{"$a = /(ab|cd)ef[0-9]/ ", "$a", ""},
	{"$a = /a{4}[0-9]/ ", "$a", ""},
	{"$a = /a\\/b[12]c\\.?/ ", "$a", ""},
	{"$a = { 4D 5A 90 00 } ", "$a", ""},
	{"$a = { 4D 5A ?? 90 } ", "$a", "hex-no-atom"},
	{"$a = { ?? 4D 5A 90 00 } ", "$a", "hex-open"},
	{"$a = { 4D 5A 90 00 [1-] 45 46 } ", "$a", "hex-jump"},
	{"$a = { 4D 5A 90 00 [1-900] 45 46 } ", "$a", "hex-jump"},
	{"$a = { 4D 5A 90 00 [4-8] 45 46 /* } */ ( 47 | 48 ?? ) // }\n } ", "$a", ""},
	{"$a = { 4D ?? ?? ?? 5A ?? ?? ?? } ", "$a", "hex-wild"},
	/* loops and whole files */
	{A, "for all i in (1..#a) : (@a[i] < 100)", "long-loop"},
	{"", "for any i in (0..filesize - 4) : (uint32(i) == 5)", "long-loop"},
	{"", "for any i in (0..10) : (uint32(i) == 5)", ""},
	{"", "for any i in (0..10) : (uint8(i) == 5 and uint8(i) == 6)", "contradiction never"},
	{"", "for all i in (1..0) : (uint8(i) == 5 and uint8(i) == 6)", "contradiction"},
	{"", "for any i in (0, 1, 2) : (uint8(i) == 5) and uint8(i) == 6", ""},
	{"", "for any s in pe.sections : (s.name == \".text\")", ""},
	{"", "for any k, v in pe.version_info : (k == \"a\" and v contains \"b\")", ""},
	{"", "hash.md5(0, filesize) == \"a\"", "no-size-bound"},
	{"", "hash.md5(0, filesize) == \"a\" and filesize < 1MB", ""},
	{"", "filesize < 1MB and math.entropy(0, filesize) > 7.5", ""},
	{"", "filesize < 1MB or math.entropy(0, filesize) > 7.5", "no-size-bound"},
	{"", "hash.md5(0, 100) == \"a\"", ""},
	{"", "filesize < 1MB and for any i in (0..3) : (math.mean(0, filesize) > i)", ""},
	/* grammar that must be passed over in silence */
	{A, "entrypoint == 5 and $a in (entrypoint..entrypoint + 10)", ""},
	{A, "$a and pe.imphash() iequals \"x\" and not pe.is_dll()", ""},
	{A, "$a and elf.sections[0].name matches /^[.]t/ and (1 | 2 ^ 3 & ~4) << 2 > -1", ""},
	{A, "$a and uint32(@a[1] + 4) == uint32(!a[1]) and 7 \\ 2 == 3", ""},
	{A, "for 2 i in (1..3) : (@a[i] % 2 == 0) and $a", ""},
	{A, "with x = 5 : (x == 5 and $a)", ""},
	{A, "$a and ) ( nothing", ""},
	{A, "$a and (", ""},
	{A, "$a and 99999999999999999999999 == filesize", ""},
};

static void gather(void *context, const struct yara_finding *finding)
{
	FILE *out = context;

	fprintf(out, "%s%s", ftell(out) ? " " : "", yara_lint_name(finding->kind));
	assert_true(finding->sentence.n > 0);
	assert_true(text_is(finding->rule, "r"));
}

/* The kinds found in a source; the caller frees it. */
static char *kinds_of(const char *source, struct arena *arena)
{
	char *kinds = NULL;
	size_t n;
	FILE *out = open_memstream(&kinds, &n);

	yara_lint(text_of(source), arena, gather, out);
	fclose(out);
	return kinds;
}

static void each_rule_gives_the_findings_it_should(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	unsigned wrong = 0;

	for (size_t i = 0; i < array_size(cases); i++) {
		struct text source = arena_format(&arena,
			"import \"pe\"\nrule r : tag { meta: a = \"}\" b = -1 %s%s "
			"condition: %s }",
			cases[i].strings[0] ? "strings: " : "", cases[i].strings,
			cases[i].condition);
		until_return(memory_free) char *kinds = kinds_of(source.at, &arena);

		if (strcmp(kinds, cases[i].found)) {
			print_error("# %s: found '%s'\n", source.at, kinds);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

struct told {
	unsigned line, column;
	char sentence[600];
};

static void keep_first(void *context, const struct yara_finding *finding)
{
	struct told *told = context;

	if (told->line)
		return;
	told->line = finding->line;
	told->column = finding->column;
	snprintf(told->sentence, sizeof told->sentence, "%.*s", (int)finding->sentence.n,
		finding->sentence.at);
}

static const struct {
	const char *source, *sentence;
	unsigned line, column;
} sentences[] = {
	{"rule r {\n\tcondition:\n\t\tuint32(0) == 0x4464c457f\n}",
		"no 32-bit value equals 0x4464c457f, which has a digit too many; write 0x464c457f "
		"if the head of an ELF program is meant", 3, 3},
	{"rule r { condition: int16(0) == 0x9abc }",
		"no signed 16-bit value equals 0x9abc; write uint16", 1, 21},
	{"rule r { condition: uint16(0) == 0x5a4d and uint16(0) == 0x457f }",
		"uint16(0) must be 0x457f here and 0x5a4d elsewhere, so this part never holds; "
		"take one of the two out, or join them with 'or'", 1, 45},
	{"rule r { condition: filesize < 10 and filesize > 1KB }",
		"filesize must be at least 1025 here and at most 9 elsewhere, so this part never "
		"holds; take one of the two out, or join them with 'or'", 1, 39},
	{"rule r { strings: $a = \"abcdefgh\" condition: $a and not $a }",
		"'$a' must be absent here and present elsewhere, so this part never holds; take "
		"one of the two out, or join them with 'or'", 1, 57},
	{"rule r { strings: $a = \"abcdefgh\" condition: 2 of ($a) }",
		"2 strings are asked for of a set of 1; ask for fewer, or for 'all of'", 1, 46},
	{"rule r { strings: $a = \"abc\" condition: $a }",
		"string '$a' has 3 of the 4 bytes that a search needs; make it longer, or compare "
		"a number at a fixed place", 1, 24},
};

static void a_finding_says_where_and_what_to_do(void **state)
{
	until_return(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < array_size(sentences); i++) {
		struct told told = {0};

		yara_lint(text_of(sentences[i].source), &arena, keep_first, &told);
		assert_string_equal(told.sentence, sentences[i].sentence);
		assert_int_equal(told.line, sentences[i].line);
		assert_int_equal(told.column, sentences[i].column);
	}
}

static void no_depth_and_no_length_is_too_much(void **state)
{
	static const char *const pieces[] = {"(", "not ", "-", "for any of them : (", "a[", "1+",
		"a.", "uint8(", "$a or ", "a(", "$a and not (", "#a == 1 and "};
	until_return(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < array_size(pieces); i++) {
		size_t n = strlen(pieces[i]), times = 20000;
		char *source = arena_alloc(&arena, n * times + 100), *end = source;

		end += sprintf(end, "rule r { strings: $a = \"abcdefgh\" condition: $a or ");
		for (size_t j = 0; j < times; j++, end += n)
			memcpy(end, pieces[i], n);
		strcpy(end, "$a }");
		until_return(memory_free) char *kinds = kinds_of(source, &arena);

		assert_string_equal(kinds, "");
	}
}

static void rules_of_one_source_are_told_apart(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	until_return(memory_free) char *kinds = kinds_of(
		"global private rule r { condition: false }\n"
		"// rule x { condition: false }\n/* rule y { condition: false } */\n"
		"include \"other\"\nrule r { strings: $a = \"}rule\" condition: any of them }\n"
		"rule r { condition: true } rule r {", &arena);

	assert_string_equal(kinds, "never always");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_gives_the_findings_it_should),
		cmocka_unit_test(a_finding_says_where_and_what_to_do),
		cmocka_unit_test(no_depth_and_no_length_is_too_much),
		cmocka_unit_test(rules_of_one_source_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
