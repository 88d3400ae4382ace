// SPDX-License-Identifier: Apache-2.0
// Addresses and ranges: every spelling that is one is read, and nothing else.

#include <arpa/inet.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/own.h"
#include "intel/indicator/address.h"

static void spellings_are_read_as_the_c_library_reads_them(void **state)
{
	static const char *const cases[] = {"192.0.2.1", "0.0.0.0", "255.255.255.255", "1.2.3",
		"1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "1..2.3", "", "::", "::1", "1::",
		"2001:db8::7", "2001:DB8:0:0:0:0:0:7", "fe80:0:0:0:1:2:3:4", "1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9", ":1", "1:", ":::", "1::2::3", "12345::", "g::",
		"64:ff9b::192.0.2.33", "1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:7:192.0.2.1",
		"::192.0.2", "::1.2.3.4:5", "1.2.3.4::", "::ffff:0:192.0.2.1"};

	for (size_t i = 0; i < array_size(cases); i++) {
		uint8_t wanted[16] = {0};
		struct ip_address read = {0};
		int family = inet_pton(AF_INET, cases[i], wanted) == 1	? 4
			: inet_pton(AF_INET6, cases[i], wanted) == 1 ? 6
								     : 0;

		assert_int_equal(ip_read(text_of(cases[i]), &read), family != 0);
		assert_int_equal(read.family, family);
		if (family)
			assert_memory_equal(read.bytes, wanted, 16);
	}
}

static void mapped_addresses_are_of_version_4(void **state)
{
	struct ip_address read;

	assert_true(ip_read(TEXT("::ffff:192.0.2.7"), &read));
	assert_int_equal(read.family, 4);
	assert_memory_equal(read.bytes, ((uint8_t[]){192, 0, 2, 7}), 4);
}

static void ranges_have_a_length_and_no_bits_behind_it(void **state)
{
	static const struct {
		const char *text;
		int family; /* 0: none */
		unsigned length;
		bool stray;
		uint8_t bytes[4];
	} cases[] = {
		{"192.0.2.0/24", 4, 24, false, {192, 0, 2, 0}},
		{"192.0.2.77/24", 4, 24, true, {192, 0, 2, 0}},
		{"192.0.2.255/31", 4, 31, true, {192, 0, 2, 254}},
		{"192.0.2.1/32", 4, 32, false, {192, 0, 2, 1}},
		{"0.0.0.0/0", 4, 0, false, {0}},
		{"2001:db8::/32", 6, 32, false, {0x20, 0x01, 0x0d, 0xb8}},
		{"::ffff:192.0.2.0/120", 4, 24, false, {192, 0, 2, 0}},
		{"192.0.2.0/33", 0, 0, false, {0}},
		{"192.0.2.0/", 0, 0, false, {0}},
		{"192.0.2.0/024", 0, 0, false, {0}},
		{"192.0.2.0/2x", 0, 0, false, {0}},
		{"2001:db8::/129", 0, 0, false, {0}},
		{"192.0.2.0", 0, 0, false, {0}},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct ip_address read = {0};
		unsigned length = 0;
		bool stray = false;
		bool is = ip_range_read(text_of(cases[i].text), &read, &length, &stray);

		assert_int_equal(is, cases[i].family != 0);
		assert_int_equal(read.family, cases[i].family);
		assert_int_equal(length, cases[i].length);
		assert_int_equal(stray, cases[i].stray);
		assert_memory_equal(read.bytes, cases[i].bytes, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_are_read_as_the_c_library_reads_them),
		cmocka_unit_test(mapped_addresses_are_of_version_4),
		cmocka_unit_test(ranges_have_a_length_and_no_bits_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
