// SPDX-License-Identifier: Apache-2.0
// Messages of DNS: what is asked, what is answered, what is refused.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "sensor/dns.h"

#define HEAD(flags1, flags2, answers) "\x12\x34" flags1 flags2 "\0\1\0" answers "\0\0\0\0"
#define NAME "\4EviL\7example\0"

struct read {
	struct arena arena;
	struct dns *dns;
	bool is_answer, is_cut;
};

static void read_clear(struct read *read)
{
	arena_clear(&read->arena);
}

static struct read read_bytes(const char *bytes, size_t n)
{
	struct read read = {0};

	read.dns = dns_read(&read.arena, (const unsigned char *)bytes, n, &read.is_answer,
		&read.is_cut);
	return read;
}

#define READ(bytes) read_bytes(bytes, sizeof(bytes) - 1)

static void a_question_has_a_name_and_a_type(void **state)
{
	until_return(read_clear) struct read read = READ(HEAD("\1", "\0", "\0") NAME "\0\20\0\1");

	assert_non_null(read.dns);
	assert_false(read.is_answer);
	assert_true(text_is(read.dns->name, "evil.example"));
	assert_true(text_is(read.dns->type, "TXT"));
	assert_int_equal(read.dns->id, 0x1234);
	assert_null(read.dns->code.at);
}

static void an_answer_has_addresses_and_names(void **state)
{
	until_return(read_clear) struct read read = READ(HEAD("\x81", "\x80", "\3") NAME "\0\1\0\1"
		"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7"
		"\xc0\x0c\0\5\0\1\0\0\0\x0a\0\2\xc0\x11"
		"\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1");

	assert_non_null(read.dns);
	assert_true(read.is_answer);
	assert_false(read.is_cut);
	assert_true(text_is(read.dns->code, "NOERROR"));
	assert_int_equal(read.dns->answers.n, 3);
	assert_true(text_is(read.dns->answers.at[1], "example"));
	assert_int_equal(read.dns->resolved.n, 2);
	assert_true(text_is(read.dns->resolved.at[0], "192.0.2.7"));
	assert_true(text_is(read.dns->resolved.at[1], "2001:db8::1"));
	assert_int_equal(read.dns->ttl, 10);
}

static void bytes_that_are_no_letters_are_escaped(void **state)
{
	until_return(read_clear) struct read read =
		READ(HEAD("\1", "\0", "\0") "\5a.\\\n\xff\0\0\1\0\1");

	assert_non_null(read.dns);
	assert_true(text_is(read.dns->name, "a\\.\\\\\\010\\255"));
}

static void a_cut_answer_gives_what_was_there(void **state)
{
	until_return(read_clear) struct read read = READ(HEAD("\x81", "\x80", "\2") NAME "\0\1\0\1"
		"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7" "\xc0\x0c\0\1\0\1\0\0");

	assert_non_null(read.dns);
	assert_true(read.is_cut);
	assert_int_equal(read.dns->resolved.n, 1);
}

static void what_is_no_message_is_none(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} cases[] = {
		{"", 0},
		{"\x12\x34", 2},
		{HEAD("\1", "\0", "\0") NAME, 12 + 14}, /* no type */
		{HEAD("\1", "\0", "\0") "\xc0\x0c\0\1\0\1", 18}, /* a name that points at itself */
		{HEAD("\1", "\0", "\0") "\xc0\x20\0\1\0\1", 18}, /* forward */
		{HEAD("\1", "\0", "\0") "\x7fname\0\0\1\0\1", 22}, /* a label of 127 bytes */
		{"\x12\x34\1\0\0\0\0\0\0\0\0\0", 12}, /* no question */
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(read_clear) struct read read =
			read_bytes(cases[i].bytes, cases[i].n);

		assert_null(read.dns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_has_a_name_and_a_type),
		cmocka_unit_test(an_answer_has_addresses_and_names),
		cmocka_unit_test(bytes_that_are_no_letters_are_escaped),
		cmocka_unit_test(a_cut_answer_gives_what_was_there),
		cmocka_unit_test(what_is_no_message_is_none),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
