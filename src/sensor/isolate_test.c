// SPDX-License-Identifier: Apache-2.0
// What may be written for an address that stays reachable.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/own.h"
#include "sensor/isolate.h"

static void addresses_networks_and_ports_are_read(void **state)
{
	static const struct {
		const char *text;
		u32 family, bits;
		u16 port;
		u8 first;
	} cases[] = {
		{"192.0.2.1", 2, 32, 0, 192},
		{"192.0.2.0/24", 2, 24, 0, 192},
		{"192.0.2.1:443", 2, 32, 443, 192},
		{"192.0.2.0/24:443", 2, 24, 443, 192},
		{"0.0.0.0/0", 2, 0, 0, 0},
		{"2001:db8::1", 10, 128, 0, 0x20},
		{"2001:db8::/32", 10, 32, 0, 0x20},
		{"[2001:db8::1]:65535", 10, 128, 65535, 0x20},
		{"[2001:db8::]", 10, 128, 0, 0x20},
		{"[2001:db8::/64]:53", 10, 64, 53, 0x20},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct isolate_allowed allowed;
		struct error err = {0};

		if (isolate_read(text_of(cases[i].text), &allowed, &err) < 0)
			print_error("%s: %s\n", cases[i].text, err.text);
		assert_string_equal(err.text, "");
		assert_int_equal(allowed.key.family, cases[i].family);
		assert_int_equal(allowed.key.bits, ISOLATE_FAMILY + cases[i].bits);
		assert_int_equal(allowed.port, cases[i].port);
		assert_int_equal(allowed.key.bytes[0], cases[i].first);
	}
}

static void anything_else_gets_a_sentence(void **state)
{
	static const char *const cases[] = {"", "host", "192.0.2", "192.0.2.1/33", "192.0.2.1/",
		"192.0.2.1/x", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:", "[2001:db8::1",
		"[2001:db8::1]443", "[2001:db8::1]:", "2001:db8::/129", "192.0.2.1/-1"};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct isolate_allowed allowed;
		struct error err = {0};

		if (!isolate_read(text_of(cases[i]), &allowed, &err))
			print_error("'%s' was taken\n", cases[i]);
		assert_true(strlen(err.text) > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_networks_and_ports_are_read),
		cmocka_unit_test(anything_else_gets_a_sentence),
	};

	return cmocka_run_group_tests_name("isolate", tests, NULL, NULL);
}
