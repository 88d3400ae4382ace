// SPDX-License-Identifier: Apache-2.0
// URLs in the form in which they are compared.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/own.h"
#include "intel/indicator/url.h"

static void urls_are_normalised(void **state)
{
	static const struct {
		const char *text, *wanted, *host; /* NULL: refused */
	} cases[] = {
		{"http://example.org/a", "http://example.org/a", "example.org/a"},
		{"HTTP://User:pw@EXAMPLE.org:80/A?b=C#frag", "http://example.org/A?b=C",
			"example.org/A?b=C"},
		{"https://example.org", "https://example.org/", "example.org/"},
		{"https://example.org.:8443?x", "https://example.org:8443/?x",
			"example.org:8443/?x"},
		{"http://example.org:443/", "http://example.org:443/", "example.org:443/"},
		{"http://example.org/%7Euser/%41%2f%c3%bc%zz%4", "http://example.org/~user/A%2F%C3%BC%zz%4",
			"example.org/~user/A%2F%C3%BC%zz%4"},
		{"http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x", "[2001:db8::1]/x"},
		{"example.org/a.php", "example.org/a.php", "example.org/a.php"},
		{"http:///nohost", NULL, NULL},
		{"http://exa mple.org/", NULL, NULL},
		{"http://example.org/a b", NULL, NULL},
		{"", NULL, NULL},
	};
	struct url url;

	for (size_t i = 0; i < array_size(cases); i++) {
		bool is = url_normalise(text_of(cases[i].text), &url);

		assert_int_equal(is, cases[i].wanted != NULL);
		if (!is)
			continue;
		assert_true(text_is((struct text){url.text, url.n}, cases[i].wanted));
		assert_true(text_is((struct text){url.text + url.host, url.n - url.host},
			cases[i].host));
		assert_int_equal(url_host_at((struct text){url.text, url.n}), url.host);
	}
}

static void the_host_is_found_in_a_url(void **state)
{
	static const struct {
		const char *url, *host;
	} cases[] = {
		{"http://example.org/x", "example.org"},
		{"http://a-host-of-more-than-one-word.example.org/x", "a-host-of-more-than-one-word.example.org"},
		{"http://example.org./xyzxyzxyz", "example.org"},
		{"http://user:pass@example.org/x", "example.org"},
		{"http://example.org:80/xyz", "example.org"},
		{"http://1/2345678901234", "1"},
		{"HTTPS://Example.org?a/b", "Example.org"},
		{"ftp://u@example.org:2121", "example.org"},
		{"http://[2001:db8::1]:80/", "[2001:db8::1]"},
		{"example.org?x", "example.org"},
	};

	for (size_t i = 0; i < array_size(cases); i++)
		assert_true(text_is(url_host(text_of(cases[i].url)), cases[i].host));
	assert_null(url_host(TEXT("http://")).at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_normalised),
		cmocka_unit_test(the_host_is_found_in_a_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
