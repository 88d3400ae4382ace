// SPDX-License-Identifier: Apache-2.0
// JSON: what is read, what is refused and where, and that what is written can be read again.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/own.h"

/* The tokens as a line: brackets, k:key, s:string, n:number, t, f, 0; '!' where it is refused. */
static void tokens_of(struct text json, char *line, size_t size)
{
	static const char signs[] = " !{}[]ksntf0";
	struct arena arena = {0};
	struct json_reader reader;
	enum json_token token;
	size_t n = 0;

	json_reader_init(&reader, json, &arena);
	line[0] = 0;
	while ((token = json_next(&reader)) != JSON_END && n < size - 1) {
		n += (size_t)snprintf(line + n, size - n, "%c", signs[token]);
		if (token == JSON_KEY || token == JSON_STRING || token == JSON_NUMBER)
			n += (size_t)snprintf(line + n, size - n, "<%.*s>", (int)reader.text.n,
				reader.text.at);
		if (token == JSON_ERROR)
			break;
	}
	arena_clear(&arena);
}

static void texts_are_read_or_refused(void **state)
{
	static const struct { const char *json, *tokens; } cases[] = {
		{"{}", "{}"},
		{" [ ] \n", "[]"},
		{"{\"a\":1,\"b\":[true,false,null]}", "{k<a>n<1>k<b>[tf0]}"},
		{"18446744073709551615", "n<18446744073709551615>"},
		{"-0", "n<-0>"},
		{"1.5e-7", "n<1.5e-7>"},
		{"1e400", "n<1e400>"},
		{"\"a\\n\\u00e4\\ud83d\\ude00\"", "s<a\n\xc3\xa4\xf0\x9f\x98\x80>"},
		{"\"\\ud83d\"", "s<\xef\xbf\xbd>"},
		{"\"\\ud83dx\"", "s<\xef\xbf\xbdx>"},
		{"\"\xff\"", "s<\xef\xbf\xbd>"},
		{"\"\xc0\xaf\"", "s<\xef\xbf\xbd\xef\xbf\xbd>"},
		{"{\"a\":1,\"a\":2}", "{k<a>n<1>k<a>n<2>}"},
		{"", "!"},
		{"01", "n<0>!"},
		{"1.", "!"},
		{"+1", "!"},
		{"nul", "!"},
		{"[1,]", "[n<1>!"},
		{"{\"a\":1,}", "{k<a>n<1>!"},
		{"{\"a\" 1}", "{!"},
		{"{a:1}", "{!"},
		{"[1}", "[n<1>!"},
		{"\"abc", "!"},
		{"\"a\\", "!"},
		{"\"\\x\"", "!"},
		{"\"\\u12\"", "!"},
		{"\"a\nb\"", "!"},
		{"[1] 2", "[n<1>]!"},
		{"]", "!"},
	};
	char line[256];

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		tokens_of(text_of(cases[i].json), line, sizeof line);
		assert_string_equal(line, cases[i].tokens);
	}
}

static void an_error_says_where(void **state)
{
	struct arena arena = {0};
	struct json_reader reader;

	(void)state;
	json_reader_init(&reader, TEXT("{\"a\":tru}"), &arena);
	while (json_next(&reader) != JSON_ERROR)
		;
	assert_string_equal(reader.error.text, "no value at byte 6");
	assert_int_equal(json_next(&reader), JSON_ERROR);
	arena_clear(&arena);
}

static void depth_is_bounded(void **state)
{
	struct arena arena = {0};
	struct json_reader reader;
	char deep[200];
	int opened = 0;

	(void)state;
	memset(deep, '[', sizeof deep);
	json_reader_init(&reader, (struct text){deep, sizeof deep}, &arena);
	while (json_next(&reader) == JSON_ARRAY_OPEN)
		opened++;
	assert_int_equal(opened, JSON_DEPTH_MAX);
	arena_clear(&arena);
}

static void a_value_is_skipped_with_all_that_is_in_it(void **state)
{
	struct arena arena = {0};
	struct json_reader reader;

	(void)state;
	json_reader_init(&reader, TEXT("[{\"a\":[1,{\"b\":2}]},\"after\"]"), &arena);
	assert_int_equal(json_next(&reader), JSON_ARRAY_OPEN);
	assert_true(json_skip(&reader, json_next(&reader)));
	assert_int_equal(json_next(&reader), JSON_STRING);
	assert_true(text_is(reader.text, "after"));
	arena_clear(&arena);
}

static void what_is_written_is_json(void **state)
{
	struct json_writer out = {0};

	(void)state;
	json_object_open(&out);
	json_key(&out, TEXT("a\"b"));
	json_number(&out, INT64_MIN);
	json_key(&out, TEXT("list"));
	json_array_open(&out);
	json_string(&out, TEXT("x\x01\n\xc3\xa4\xff"));
	json_null(&out);
	json_bool(&out, true);
	json_raw(&out, TEXT("{}"));
	json_array_close(&out);
	json_object_close(&out);
	assert_true(text_is((struct text){out.at, out.n},
		"{\"a\\\"b\":-9223372036854775808,\"list\":"
		"[\"x\\u0001\\n\xc3\xa4\xef\xbf\xbd\",null,true,{}]}"));
	json_writer_clear(&out);
}

static void every_string_comes_back(void **state)
{
	struct json_writer out = {0};
	struct arena arena = {0};
	struct json_reader reader;
	char all[128];

	(void)state;
	for (int i = 0; i < 128; i++)
		all[i] = (char)i;
	json_string(&out, (struct text){all, sizeof all});
	json_reader_init(&reader, (struct text){out.at, out.n}, &arena);
	assert_int_equal(json_next(&reader), JSON_STRING);
	assert_true(text_equal(reader.text, (struct text){all, sizeof all}));
	assert_int_equal(json_next(&reader), JSON_END);
	json_writer_clear(&out);
	arena_clear(&arena);
}

/* Writes the one byte among letters; how long what became of it is. */
static size_t byte_written(unsigned char byte, size_t at, size_t n)
{
	until_return(json_writer_clear) struct json_writer out = {0};
	char text[24];

	memset(text, 'a', sizeof text);
	text[at] = (char)byte;
	json_string(&out, (struct text){text, n});
	for (size_t i = 0; i < out.n; i++)
		assert_true((unsigned char)out.at[i] >= 0x20);
	return out.n - 2 - (n - 1);
}

static void a_byte_is_escaped_wherever_it_stands(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		bool is_short = byte && strchr("\"\\\b\f\n\r\t", (int)byte);
		bool is_long = byte < 0x20 || byte == 0x7f;
		size_t wanted = is_short ? 2 : is_long ? 6 : byte < 0x80 ? 1 : 3;

		for (size_t n = 1; n <= 24; n++)
			for (size_t at = 0; at < n; at++)
				assert_int_equal(byte_written((unsigned char)byte, at, n), wanted);
	}
}

static void a_made_key_is_written_as_it_stands(void **state)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	(void)state;
	json_object_open(&out);
	json_key_made(&out, TEXT("\"a\":"));
	json_number(&out, 1);
	json_key_made(&out, TEXT("\"b\":"));
	json_number(&out, 0);
	json_pair(&out, "c\n", "d");
	json_object_close(&out);
	assert_true(text_is((struct text){out.at, out.n}, "{\"a\":1,\"b\":0,\"c\\n\":\"d\"}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read_or_refused),
		cmocka_unit_test(an_error_says_where),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(a_value_is_skipped_with_all_that_is_in_it),
		cmocka_unit_test(what_is_written_is_json),
		cmocka_unit_test(every_string_comes_back),
		cmocka_unit_test(a_byte_is_escaped_wherever_it_stands),
		cmocka_unit_test(a_made_key_is_written_as_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
