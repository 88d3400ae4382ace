// SPDX-License-Identifier: Apache-2.0
// Values of feeds: their types are told, defanged forms made plain, what is none refused.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/own.h"
#include "intel/indicator/date.h"
#include "intel/indicator/value.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void types_are_told_from_values(void **state)
{
	static const struct {
		const char *text;
		enum indicator_type type;
		const char *kept; /* NULL: in binary */
	} cases[] = {
		{MD5, INDICATOR_md5, NULL},
		{SHA1, INDICATOR_sha1, NULL},
		{"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
			INDICATOR_sha256, NULL},
		{"192.0.2.1", INDICATOR_ipv4, NULL},
		{"192[.]0[.]2[.]1", INDICATOR_ipv4, NULL},
		{"192.0.2.1/32", INDICATOR_ipv4, NULL},
		{"2001:db8::1", INDICATOR_ipv6, NULL},
		{"192.0.2.0/24", INDICATOR_ipv4_range, NULL},
		{"2001:db8::/32", INDICATOR_ipv6_range, NULL},
		{"Example.ORG", INDICATOR_domain, "example.org"},
		{"example[.]org", INDICATOR_domain, "example.org"},
		{"example(dot)org.", INDICATOR_domain, "example.org"},
		{"*.example.org", INDICATOR_domain, "example.org"},
		{"hxxps://Example[.]org/A", INDICATOR_url, "https://example.org/A"},
		{"hXXp[:]//example.org", INDICATOR_url, "http://example.org/"},
		{"example.org/gate.php", INDICATOR_url, "example.org/gate.php"},
		{"C:\\Windows\\evil.exe", INDICATOR_path, "C:\\Windows\\evil.exe"},
		{"/tmp/.x[.]y", INDICATOR_path, "/tmp/.x[.]y"},
		{"evil.exe", INDICATOR_path, "evil.exe"},
		{"Someone@Example.org", INDICATOR_email, "someone@example.org"},
		{"someone[at]example[.]org", INDICATOR_email, "someone@example.org"},
	};
	struct value value;

	for (size_t i = 0; i < array_size(cases); i++) {
		assert_null(value_read(INDICATOR_TYPES, text_of(cases[i].text), &value));
		assert_int_equal(value.type, cases[i].type);
		if (cases[i].kept)
			assert_true(text_is((struct text){(char *)value.bytes, value.n},
				cases[i].kept));
		else
			assert_int_equal(value.n, indicator_widths[value.type]);
	}
}

static void what_cannot_be_an_indicator_is_refused_with_a_reason(void **state)
{
	static const struct {
		enum indicator_type type;
		const char *text, *why;
	} cases[] = {
		{INDICATOR_TYPES, "", "is empty"},
		{INDICATOR_TYPES, "word",
			"is no hash, address, range, domain, URL, path or e-mail address"},
		{INDICATOR_TYPES, "0.0.0.0/0", "is the range of all addresses"},
		{INDICATOR_md5, SHA1, "is no hash of 32 hexadecimal digits"},
		{INDICATOR_md5, "zz1d8cd98f00b204e9800998ecf8427e",
			"is no hash of 32 hexadecimal digits"},
		{INDICATOR_sha1, MD5, "is no hash of 40 hexadecimal digits"},
		{INDICATOR_sha256,
			"0000000000000000000000000000000000000000000000000000000000000000",
			"is the hash of nothing"},
		{INDICATOR_domain, "localhost", "is no domain of two labels or more"},
		{INDICATOR_domain, "b\xc3\xbc" "cher.example",
			"is no domain in ASCII; write its \"xn--\" form"},
		{INDICATOR_path, "%TEMP%\\x.exe",
			"begins with a variable; write the path itself, or only the file's name"},
		{INDICATOR_path, "C:\\Temp\\",
			"names a folder; write the path of a file, or its name"},
		{INDICATOR_path, "C:\\Temp\\*.exe",
			"has a wildcard, which a path of an indicator cannot have"},
		{INDICATOR_email, "@example.org", "is no e-mail address"},
	};
	struct value value;

	for (size_t i = 0; i < array_size(cases); i++) {
		const char *why = value_read(cases[i].type, text_of(cases[i].text), &value);

		assert_non_null(why);
		assert_string_equal(why, cases[i].why);
	}
}

static void dates_are_read_in_the_forms_of_feeds(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: none */
	} cases[] = {
		{"1970-01-02", 86400},
		{"2015-09-25", 1443139200},
		{"2015-09-25T00:00:10Z", 1443139210},
		{"2015-09-25 00:00:10", 1443139210},
		{"2015-09-25 00:00:10 UTC", 1443139210},
		{"2015-09-25T02:00:10.123+02:00", 1443139210},
		{"1443139210", 1443139210},
		{"1443139210123", 1443139210},
		{"2015-13-01", -1},
		{"25.09.2015", -1},
		{"soon", -1},
		{"2015-09-25T", -1},
		{"2015-09-25 00:00:10 MET", -1},
		{"", -1},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		int64_t seconds = -1;

		assert_int_equal(
			date_read(text_of(cases[i].text), &seconds), cases[i].seconds >= 0);
		assert_int_equal(seconds, cases[i].seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_told_from_values),
		cmocka_unit_test(what_cannot_be_an_indicator_is_refused_with_a_reason),
		cmocka_unit_test(dates_are_read_in_the_forms_of_feeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
