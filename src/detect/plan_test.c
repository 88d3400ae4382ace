// SPDX-License-Identifier: Apache-2.0
// Tests: which deny rules become clauses for the kernel, which clauses, and why others do not.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/own.h"
#include "detect/plan.h"
#include "detect/sigma/case_test.h"

static void rule_add(struct rules *rules, const char *detection, const char *action)
{
	char yaml[4096];

	snprintf(yaml, sizeof yaml,
		"title: t\nlogsource: {product: linux, category: process_creation}\n"
		"detection:\n%s\nsaker: {action: %s}\n",
		detection, action);
	if (!rules_add(rules, "x.yml", text_of(yaml)))
		case_fails("%s", rules_problem(rules, 0)->sentence.at);
}

/* Bits of an image of the plan by its value, 0 if it has none. */
static uint64_t bits_of(const struct plan *plan, enum plan_how how, const char *value)
{
	for (size_t i = 0; i < plan->image_count; i++)
		if (plan->images[i].how == how && text_is(plan->images[i].value, value))
			return plan->images[i].bits;
	return 0;
}

static void a_rule_becomes_clauses_or_a_reason(void **state)
{
	static const struct {
		const char *detection;
		size_t clauses, images;
		const char *why; /* NULL: the kernel decides it */
	} cases[] = {
		{"  s: {Image: /usr/bin/nc}\n  condition: s", 1, 1, NULL},
		{"  s: {Image|endswith: [/nc, /ncat]}\n  condition: s", 1, 2, NULL},
		{"  s: {Image|startswith: /dev/shm/}\n  condition: s", 1, 1, NULL},
		{"  s: {Image|endswith: [/sh, /bash], ParentImage|endswith: [/php, /nginx]}\n  "
		 "condition: s",
			1, 4, NULL},
		{"  a: {Image|endswith: /sh}\n  b: {AncestorImage|endswith: /nginx}\n"
		 "  c: {ParentImage: /usr/bin/make}\n  condition: a and b and not c",
			1, 3, NULL},
		{"  a: {Image|endswith: /a}\n  b: {UserId: 33}\n  condition: a or b", 2, 1, NULL},
		{"  a: {ImageInMemory: true}\n  condition: a", 1, 0, NULL},
		{"  a: {ImageDeleted: 'false'}\n  condition: a", 0, 0, "not set"},
		{"  a: {Image|contains: x}\n  condition: a", 0, 0, "form of path"},
		{"  a: {CommandLine: x}\n  condition: a", 0, 0, "form of path"},
		{"  a: {Image|startswith: /usr/bi}\n  condition: a", 0, 0, "form of path"},
		{"  a: {Image|endswith: /bin/sh}\n  condition: a", 0, 0, "form of path"},
		{"  a: {Image: /a}\n  b: {Image: /b}\n  condition: a and b", 0, 0, "two things"},
		{"  a: {UserId: 1}\n  b: {UserId: 2}\n  condition: a and b", 0, 0, "two users"},
		{"  a: {UserId: 33}\n  condition: not a", 0, 0, "form of path"},
		{"  a: {Hashes|contains: 'SHA256=000102030405060708090a0b0c0d0e0f"
		 "101112131415161718191A1B1C1D1E1F'}\n  condition: a",
			1, 0, NULL},
		{"  a: {Hashes|contains: 'MD5=00'}\n  condition: a", 0, 0, "form of path"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(rules_free) struct rules *rules = rules_new();
		until_return(plan_clear) struct plan plan = {0};

		rule_add(rules, cases[i].detection, "deny");
		rules_compile(rules);
		plan_make(&plan, rules);
		if (plan.clause_count != cases[i].clauses || plan.image_count != cases[i].images ||
		    !plan.why_not[0] != !cases[i].why ||
		    (cases[i].why && !strstr(plan.why_not[0], cases[i].why)))
			case_fails("%s: %zu clauses, %zu images, %s", cases[i].detection,
				plan.clause_count, plan.image_count, plan.why_not[0]);
	}
}

static void a_clause_has_the_bits_of_what_the_rule_names(void **state)
{
	until_return(rules_free) struct rules *rules = rules_new();
	until_return(plan_clear) struct plan plan = {0};
	const struct plan_clause *clause;

	rule_add(rules,
		"  a: {Image|endswith: [/Sh, /bash], ImageOnTmpfs: true, SetuidExec: true}\n"
		"  b: {AncestorImage: [/usr/sbin/nginx, /usr/sbin/apache2]}\n"
		"  c: {ParentImage|startswith: /opt/}\n  d: {UserId: 33}\n"
		"  condition: a and b and d and not c",
		"deny");
	rules_compile(rules);
	plan_make(&plan, rules);
	assert_int_equal(plan.clause_count, 1);
	clause = plan.clauses;
	assert_int_equal(clause->image_any,
		bits_of(&plan, PLAN_name, "Sh") | bits_of(&plan, PLAN_name, "bash"));
	assert_int_equal(clause->ancestor_any, bits_of(&plan, PLAN_path, "/usr/sbin/nginx") |
		bits_of(&plan, PLAN_path, "/usr/sbin/apache2"));
	assert_int_equal(clause->parent_none, bits_of(&plan, PLAN_prefix, "/opt/"));
	assert_true(clause->parent_none && !clause->parent_any && !clause->ancestor_none);
	assert_int_equal(clause->image_none, 1);
	assert_int_equal(clause->file_flags, 4 | 8);
	assert_true(clause->uid_asked && clause->uid == 33 && !clause->hash_asked);
}

static void protected_programs_are_left_out_unless_named(void **state)
{
	until_return(rules_free) struct rules *rules = rules_new();
	until_return(plan_clear) struct plan plan = {0};

	rule_add(rules, "  s: {Image|endswith: /sshd}\n  condition: s", "deny");
	rule_add(rules, "  s: {ParentImage|endswith: /sshd}\n  condition: s", "deny");
	rule_add(rules, "  s: {Image|endswith: /x}\n  condition: s", "kill");
	rules_compile(rules);
	plan_make(&plan, rules);
	assert_int_equal(plan.clause_count, 2);
	assert_int_equal(plan.clauses[0].image_none, 0);
	assert_int_equal(plan.clauses[1].image_none, 1);
	assert_int_equal(plan.clauses[1].rule, 1);
	assert_null(plan.why_not[2]);
}

static void what_does_not_fit_any_more_is_left_to_the_engine(void **state)
{
	until_return(rules_free) struct rules *rules = rules_new();
	until_return(plan_clear) struct plan plan = {0};

	for (unsigned i = 0; i < 70; i++) {
		char detection[100];

		snprintf(detection, sizeof detection,
			"  s: {Image: /usr/bin/program%u}\n  condition: s", i);
		rule_add(rules, detection, "deny");
	}
	rule_add(rules, "  s: {Image: /usr/bin/program7}\n  condition: s", "deny");
	rules_compile(rules);
	plan_make(&plan, rules);
	assert_int_equal(plan.image_count, 63);
	assert_int_equal(plan.clause_count, 64);
	assert_null(plan.why_not[62]);
	assert_non_null(strstr(plan.why_not[63], "used up"));
	assert_null(plan.why_not[70]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_becomes_clauses_or_a_reason),
		cmocka_unit_test(a_clause_has_the_bits_of_what_the_rule_names),
		cmocka_unit_test(protected_programs_are_left_out_unless_named),
		cmocka_unit_test(what_does_not_fit_any_more_is_left_to_the_engine),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
