// SPDX-License-Identifier: Apache-2.0
// Tests of what is shown in place of harmful characters.

#include "base/json.h"
#include "base/own.h"
#include "base/printable.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
	struct text raw, shown;
} texts[] = {
	{ TEXT(""), TEXT("") },
	{ TEXT("/bin/sh -c 'id'"), TEXT("/bin/sh -c 'id'") },
	{ TEXT("caf\xc3\xa9 \xf0\x9f\x98\x80"), TEXT("caf\xc3\xa9 \xf0\x9f\x98\x80") },
	{ TEXT("a\nb\tc\rd"), TEXT("a\\nb\\tc\\rd") },
	{ TEXT("\x1b[2J\x07\x7f"), TEXT("\\x1b[2J\\x07\\x7f") },
	{ TEXT("nul\0byte"), TEXT("nul\\x00byte") },
	{ TEXT("\xc2\x9b"
	       "31m"),
		TEXT("\\u009b31m") },
	{ TEXT("gpj\xe2\x80\xae.sh"), TEXT("gpj\\u202e.sh") },
	{ TEXT("zero\xe2\x80\x8bwidth"), TEXT("zero\\u200bwidth") },
	{ TEXT("line\xe2\x80\xa8"), TEXT("line\\u2028") },
	{ TEXT("tag\xf3\xa0\x81\x81"), TEXT("tag\\U000e0041") },
	{ TEXT("\xff\xfe"), TEXT("\\xff\\xfe") },
	{ TEXT("\xc0\xaf"), TEXT("\\xc0\\xaf") },
	{ TEXT("\xed\xa0\x80"), TEXT("\\xed\\xa0\\x80") },
	{ TEXT("\xf4\x90\x80\x80"), TEXT("\\xf4\\x90\\x80\\x80") },
	{ TEXT("cut \xe2\x82"), TEXT("cut \\xe2\\x82") },
};

static void harmful_characters_are_spelled(void **state)
{
	struct arena arena = { 0 };

	for (size_t i = 0; i < array_size(texts); i++) {
		struct text shown = text_printable(&arena, texts[i].raw);

		assert_int_equal(shown.n, texts[i].shown.n);
		assert_memory_equal(shown.at, texts[i].shown.at, shown.n);
	}
	assert_int_equal(text_printable(&arena, (struct text){ 0 }).n, 0);
	assert_non_null(text_printable(&arena, (struct text){ 0 }).at);
	arena_clear(&arena);
}

static void every_byte_alone_becomes_printable_ascii(void **state)
{
	struct arena arena = { 0 };

	for (unsigned byte = 0; byte < 256; byte++) {
		char raw = (char)byte;
		struct text shown = text_printable(&arena, (struct text){ &raw, 1 });

		for (size_t i = 0; i < shown.n; i++)
			assert_in_range((unsigned char)shown.at[i], 0x20, 0x7e);
	}
	arena_clear(&arena);
}

/* The first string that a reader finds in the JSON. */
static struct text string_in(struct text json, struct arena *arena)
{
	struct json_reader reader;

	json_reader_init(&reader, json, arena);
	assert_int_equal(json_next(&reader), JSON_STRING);
	return reader.text;
}

static void json_stays_the_same_json(void **state)
{
	static const struct text values[] = {
		TEXT("plain"),
		TEXT("\x1b[1m\n\x7f"),
		TEXT("\xc2\x9bJ"),
		TEXT("\xe2\x80\xae!"),
		TEXT("tag\xf3\xa0\x81\x81"),
		TEXT("\xf0\x9f\x98\x80 \"quoted\" \\"),
	};
	struct arena arena = { 0 };
	struct json_writer out = { 0 };

	for (size_t i = 0; i < array_size(values); i++) {
		struct text shown;

		json_writer_reset(&out);
		json_string(&out, values[i]);
		shown = json_printable(&arena, (struct text){ out.at, out.n });
		assert_true(text_equal(string_in(shown, &arena), values[i]));
		/* nothing is left that text_printable would change */
		assert_ptr_equal(text_printable(&arena, shown).at, shown.at);
	}
	json_writer_clear(&out);
	arena_clear(&arena);
}

static const struct {
	struct text raw;
	size_t max;
	struct text shown;
} cuts[] = {
	{ TEXT("abcdef"), 6, TEXT("abcdef") },
	{ TEXT("abcdefg"), 6, TEXT("abc\xe2\x80\xa6") },
	{ TEXT("ab\xc3\xa9"
	       "defg"),
		6, TEXT("ab\xe2\x80\xa6") },
	{ TEXT("abcd"), 3, TEXT("\xe2\x80\xa6") },
	{ TEXT(""), 3, TEXT("") },
};

static void a_long_text_is_cut_between_characters(void **state)
{
	struct arena arena = { 0 };

	for (size_t i = 0; i < array_size(cuts); i++)
		assert_true(
			text_equal(text_shorten(&arena, cuts[i].raw, cuts[i].max), cuts[i].shown));
	arena_clear(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmful_characters_are_spelled),
		cmocka_unit_test(every_byte_alone_becomes_printable_ascii),
		cmocka_unit_test(json_stays_the_same_json),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
