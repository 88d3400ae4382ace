// SPDX-License-Identifier: Apache-2.0
// Domains: their ends are the same names with the same keys, in any case.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/own.h"
#include "intel/indicator/domain.h"

enum { SEED = 77 };

static void a_name_is_split_into_its_ends(void **state)
{
	static const struct {
		const char *name, *ends[DOMAIN_PROBES + 1];
	} cases[] = {
		{"example.org", {"example.org"}},
		{"WWW.Example.ORG.", {"www.example.org", "example.org"}},
		{"localhost", {"localhost"}},
		{"a.b", {"a.b"}},
		{".a.b", {".a.b", "a.b"}},
		{"x.1234567", {"x.1234567"}},
		{"x.y.1234567", {"x.y.1234567", "y.1234567"}},
		{"X.Y.23456.89", {"x.y.23456.89", "y.23456.89", "23456.89"}},
		{"a.b.c.d.e.f.g.h", {"a.b.c.d.e.f.g.h", "b.c.d.e.f.g.h", "c.d.e.f.g.h",
			"d.e.f.g.h", "e.f.g.h", "f.g.h", "g.h"}},
		{"1.2.3.a.b.c.d.e.f.g.h", {"1.2.3.a.b.c.d.e.f.g.h", "a.b.c.d.e.f.g.h",
			"b.c.d.e.f.g.h", "c.d.e.f.g.h", "d.e.f.g.h", "e.f.g.h", "f.g.h", "g.h"}},
		{"a-label-that-is-longer-than-sixteen-bytes.and-another-one-of-them.example.org",
			{"a-label-that-is-longer-than-sixteen-bytes.and-another-one-of-them."
			 "example.org", "and-another-one-of-them.example.org", "example.org"}},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct domain domain;
		size_t n = 0;

		assert_true(domain_split(text_of(cases[i].name), SEED, &domain));
		for (; cases[i].ends[n]; n++) {
			size_t probe = domain.probes - 1 - n;

			assert_true(n < domain.probes);
			assert_true(domain_ends(
				&domain, domain.lengths[probe], text_of(cases[i].ends[n])));
			assert_true(domain.keys[probe] ==
				domain_key(SEED, text_of(cases[i].ends[n])));
		}
		assert_int_equal(domain.probes, n);
	}
}

static void keys_tell_names_apart(void **state)
{
	static const char *const names[] = {"example.org", "example.orga", "xample.org",
		"examplf.org", "e.xample.org", "exampl.eorg", "example.org.org", "..org", ".org."};

	for (size_t i = 0; i < array_size(names); i++)
		for (size_t j = 0; j < i; j++)
			assert_true(domain_key(SEED, text_of(names[i])) !=
				domain_key(SEED, text_of(names[j])));
	assert_true(domain_key(SEED, text_of("example.org")) !=
		domain_key(SEED + 1, text_of("example.org")));
}

static void what_may_stand_in_a_set_is_told(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} cases[] = {
		{"example.org", true},
		{"example.org.", true},
		{"_dmarc.example.org", true},
		{"xn--bcher-kva.example", true},
		{"1.2.3.a2", true},
		{"localhost", false},
		{"example..org", false},
		{".example.org", false},
		{"example.org/", false},
		{"192.0.2.1", false},
		{"b\xc3\xbc" "cher.example", false},
		{"exa mple.org", false},
		{"", false},
		{".", false},
		{"an-end-of-one-letter.x", false},
		{"a234567890123456789012345678901234567890123456789012345678901234.org", false},
	};

	for (size_t i = 0; i < array_size(cases); i++)
		assert_int_equal(domain_is_valid(text_of(cases[i].name)), cases[i].valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_split_into_its_ends),
		cmocka_unit_test(keys_tell_names_apart),
		cmocka_unit_test(what_may_stand_in_a_set_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
