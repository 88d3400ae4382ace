// SPDX-License-Identifier: Apache-2.0
// Tests: rules as texts, events as JSON, who matches; and what is said about mistakes.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/own.h"
#include "detect/rules.h"
#include "detect/sigma/case_test.h"

static struct rules *rules_from(const char *yaml)
{
	struct rules *rules = rules_new();

	rules_add(rules, "x.yml", text_of(yaml));
	rules_compile(rules);
	return rules;
}

/* A rule for events of unknown source, around a detection. */
static struct rules *rules_around(const char *detection)
{
	char yaml[4096];

	snprintf(yaml, sizeof yaml, "title: t\nlogsource: {category: test}\ndetection:\n%s",
		detection);
	return rules_from(yaml);
}

static int64_t matches(struct rules *rules, const char *json)
{
	const struct rule *hits[8];
	struct error err = {0};
	int64_t n = rules_match_json(rules, text_of(json), hits, array_size(hits), &err);

	if (n < 0)
		print_error("# %s: %s\n", json, err.text);
	return n;
}

/* Beyond what the conformance vectors ask. */
static void detections_mean_what_the_specification_says(void **state)
{
	static const struct {
		const char *detection, *event;
		bool matches;
	} cases[] = {
		{"  s: {F|windash|endswith: ' /x'}\n  condition: s\n", "{\"F\":\"a -x\"}", true},
		{"  s: {F|windash|contains: ' -x'}\n  condition: s\n", "{\"F\":\"a /x\"}", true},
		{"  s: {F|cased|startswith: Ab}\n  condition: s\n", "{\"F\":\"abc\"}", false},
		{"  s: {F|endswith: '1?'}\n  condition: s\n", "{\"F\":\"x1y\"}", true},
		{"  s: {F|neq: [a, b]}\n  condition: s\n", "{\"F\":\"b\"}", false},
		{"  s: {F|neq: [a, b]}\n  condition: s\n", "{\"F\":\"c\"}", true},
		{"  s: {F|neq: a}\n  condition: s\n", "{\"G\":\"c\"}", true},
		{"  s: {F|neq: a}\n  condition: s\n", "{\"F\":[\"c\",\"A\"]}", false},
		{"  s: {F: [null, x]}\n  condition: s\n", "{\"G\":1}", true},
		{"  s: {F: null}\n  condition: s\n", "{\"F\":null}", true},
		{"  s: {F: null}\n  condition: s\n", "{\"F\":[null,1]}", true},
		{"  s: {F: ''}\n  condition: s\n", "{\"F\":null}", false},
		{"  s: {F: '*'}\n  condition: s\n", "{\"F\":\"\"}", true},
		{"  s: {F: '*'}\n  condition: s\n", "{\"F\":null}", false},
		{"  s: {F|contains: ''}\n  condition: s\n", "{\"F\":\"\"}", true},
		{"  s: {F|exists: true}\n  condition: s\n", "{\"F\":{}}", true},
		{"  s: {F|exists: true}\n  condition: s\n", "{\"F\":[]}", true},
		{"  s: {F: 1.0}\n  condition: s\n", "{\"F\":1}", true},
		{"  s: {F: '1'}\n  condition: s\n", "{\"F\":1.0}", true},
		{"  s: {F: 1000}\n  condition: s\n", "{\"F\":1e3}", true},
		{"  s: {F: 'TRUE'}\n  condition: s\n", "{\"F\":true}", true},
		{"  s: {F|gte: 5}\n  condition: s\n", "{\"F\":\"5.0\"}", true},
		{"  s: {F|gte: 5}\n  condition: s\n", "{\"F\":\"0x17\"}", false},
		{"  s: {F|gte: 5}\n  condition: s\n", "{\"F\":\"\"}", false},
		{"  s: {F|lt: 9007199254740993}\n  condition: s\n", "{\"F\":9007199254740992}",
			true},
		{"  s: {F|fieldref|endswith: G}\n  condition: s\n", "{\"F\":\"abC\",\"G\":\"Bc\"}",
			true},
		{"  s: {F|fieldref|neq: G}\n  condition: s\n", "{\"F\":\"a\"}", false},
		{"  s: {F|fieldref|neq: G}\n  condition: s\n", "{\"F\":\"a\",\"G\":\"b\"}", true},
		{"  s: {A.B: x}\n  condition: s\n", "{\"A\":{\"B\":\"x\"}}", true},
		{"  s: {A.B: x}\n  condition: s\n", "{\"A\":[{\"B\":\"y\"},{\"B\":\"x\"}]}", true},
		{"  s: {f: x}\n  condition: s\n", "{\"F\":\"x\"}", true},
		{"  s: {f: x}\n  condition: s\n", "{\"F\":\"x\",\"f\":\"y\"}", false},
		{"  s: {f: x}\n  condition: s\n", "{\"f\":\"y\",\"F\":\"x\"}", false},
		{"  s: {F|minute|gt: 40}\n  condition: s\n", "{\"F\":\"2024-05-06T13:45:00Z\"}",
			true},
		{"  s: {F|week: 53}\n  condition: s\n", "{\"F\":\"2021-01-03 00:00:00\"}", true},
		{"  s: {F|week: 1}\n  condition: s\n", "{\"F\":\"2024-12-30\"}", true},
		{"  s: {F|month|neq: 5}\n  condition: s\n", "{\"F\":\"2024-05-06\"}", false},
		{"  s: {F|hour: 1}\n  condition: s\n", "{\"F\":\"yesterday\"}", false},
		{"  s: ['|all', x]\n  condition: s\n", "{\"F\":\"X\"}", true},
		{"  s: {'|all': [a, b]}\n  condition: s\n", "{\"F\":\"xa\",\"G\":[\"bx\"]}", true},
		{"  s: [12]\n  condition: s\n", "{\"F\":{\"G\":4123}}", true},
		{"  s: {'|re': '^a.c$'}\n  condition: s\n", "{\"F\":\"abc\"}", true},
		{"  a: {F: 1}\n  b: {F: 2}\n  condition: [a, b]\n", "{\"F\":2}", true},
		{"  a: {F: 1}\n  b: {G: 2}\n  condition: not (a or b)\n", "{\"F\":2}", true},
		{"  a: {F: 1}\n  b: {G: 2}\n  condition: not not a and not b\n", "{\"F\":1}",
			true},
		{"  a: {F: 1}\n  b: {G: 2}\n  condition: not (not a or b)\n", "{\"F\":1}", true},
		{"  a: {F: 1}\n  b: {G: 2}\n  condition: not (not a or b)\n", "{\"F\":1,\"G\":2}",
			false},
		{"  a1: {F: 1}\n  a2: {G: 2}\n  condition: all of a*\n", "{\"F\":1}", false},
		{"  a1: {F: 1}\n  a2: {G: 2}\n  condition: any of them\n", "{\"G\":2}", true},
		{"  s: {F|base64: x*}\n  condition: s\n", "{\"F\":\"x\"}", false},
		{"  s: {F|re: 'a|b'}\n  condition: s\n", "{\"F\":\"xbx\"}", true},
		{"  s: {F: 'a*b?d*'}\n  condition: s\n", "{\"F\":\"AxxBcDe\"}", true},
		{"  s: {Threat Name: x}\n  condition: s\n", "{\"ThreatName\":\"x\"}", true},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(rules_free) struct rules *rules = rules_around(cases[i].detection);

		if (matches(rules, cases[i].event) != cases[i].matches)
			case_fails("case %zu: %s on %s (%zu rules)", i, cases[i].detection,
				cases[i].event, rules_count(rules));
	}
}

static void every_mistake_has_a_place_and_a_remedy(void **state)
{
	static const struct {
		const char *detection;
		unsigned line, column;
		bool fatal;
		const char *part;
	} cases[] = {
		{"  s: {F|contain: x}\n  condition: s\n", 4, 7, true, "write 'contains'"},
		{"  s: {F|regex: x}\n  condition: s\n", 4, 7, true, "write re"},
		{"  s: {F|i: x}\n  condition: s\n", 4, 7, true, "write 're|i'"},
		{"  s: {F|cidr|contains: x}\n  condition: s\n", 4, 7, true, "do not go together"},
		{"  s: {F|all|all: [x]}\n  condition: s\n", 4, 7, true, "stands twice"},
		{"  s: {F|base64|wide: x}\n  condition: s\n", 4, 7, true, "before the Base64"},
		{"  s: {F|re: '('}\n  condition: s\n", 4, 13, true, "no regular expression"},
		{"  s: {F|cidr: 1.2.3/8}\n  condition: s\n", 4, 15, true, "no network"},
		{"  s: {F|lt: x}\n  condition: s\n", 4, 13, true, "no number"},
		{"  s: {F|exists: 1}\n  condition: s\n", 4, 17, true, "true or false"},
		{"  s: {F|expand: '%a%'}\n  condition: s\n", 4, 17, true, "'%a%' has no value"},
		{"  s: {F: {G: x}}\n  condition: s\n", 4, 10, true, "must be a text"},
		{"  s: {F: []}\n  condition: s\n", 4, 10, true, "is empty"},
		{"  s: {}\n  condition: s\n", 4, 6, true, "asks for nothing"},
		{"  s: [[x]]\n  condition: s\n", 4, 7, true, "list inside of a list"},
		{"  s: {F: x, F: y}\n  condition: s\n", 4, 13, true, "stands twice"},
		{"  s: {F: x}\n  s: {F: y}\n  condition: s\n", 5, 3, true, "stands twice"},
		{"  s: {F: x}\n", 4, 3, true, "write 'condition: s'"},
		{"  condition: s\n", 4, 3, true, "no search identifier"},
		{"  sel: {F: x}\n  condition: sle\n", 5, 14, true, "write 'sel'"},
		{"  s: {F: x}\n  condition: s and\n", 5, 19, true, "ends where"},
		{"  s: {F: x}\n  condition: s s\n", 5, 16, true, "'and' or 'or' is missing"},
		{"  s: {F: x}\n  condition: (s\n", 5, 16, true, "a ')' is missing"},
		{"  s: {F: x}\n  condition: s)\n", 5, 15, true, "too many"},
		{"  s: {F: x}\n  condition: s | count() > 3\n", 5, 18, true, "Sigma 1"},
		{"  s: {F: x}\n  condition: s | near s\n", 5, 18, true, "type: temporal"},
		{"  s: {F: x}\n  condition: 2 of s*\n", 5, 14, true, "write '1 of'"},
		{"  s: {F: x}\n  condition: 1 of t*\n", 5, 19, true, "fits 't*'"},
		{"  _s: {F: x}\n  condition: 1 of them\n", 5, 19, true, "begin with '_'"},
		{"  s: {F: x}\n  condition: [s, [s]]\n", 5, 18, true, "must be a text"},
		{"  s: {F: x}\n  t: {F: y}\n  condition: s\n", 5, 3, false, "does not use 't'"},
		{"  s: {F: x}\n  condition: s AND s\n", 5, 14, false, "lower case"},
		{"  s: {F: 0x10}\n  condition: s\n", 4, 10, false, "is the number 16"},
		{"  s: {F: [null, x]}\n  condition: s\n", 4, 11, false, "null in a list"},
		{"  s: {F|re|contains: x}\n  condition: s\n", 4, 7, false, "mean nothing"},
		{"  s: {F: x}\n  condition: s\n  timeframe: 5m\n", 6, 3, false, "Sigma 1"},
		{"  s: {F: x}\n  condition: s\nlevel: hgh\n", 6, 8, false, "write 'high'"},
		{"  s: {F: x}\n  condition: s\nsaker: {acton: deny}\n", 6, 9, false,
			"write 'action'"},
		{"  s: {F: x}\n  condition: s\nsaker: {action: stop}\n", 6, 17, true,
			"'deny', 'kill'"},
		{"  s: {F: x}\n  condition: s\nsaker: {tests: {match: x}}\n", 6, 24, true,
			"must be a list"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(rules_free) struct rules *rules = rules_around(cases[i].detection);
		const struct rule_problem *p;

		if (rules_problems(rules) != 1)
			case_fails("case %zu: %zu problems: %s", i, rules_problems(rules),
				cases[i].detection);
		p = rules_problem(rules, 0);
		if (p->line != cases[i].line || p->column != cases[i].column ||
		    p->fatal != cases[i].fatal || rules_count(rules) == p->fatal ||
		    !strstr(p->sentence.at, cases[i].part))
			case_fails("case %zu: %u:%u: %s", i, p->line, p->column, p->sentence.at);
	}
}

static void one_broken_document_does_not_stop_the_others(void **state)
{
	until_return(rules_free) struct rules *rules = rules_from(
		"title: a\nlogsource: {category: test}\ndetection: {s: {F: x}, condition: s}\n"
		"--- # second\ntitle: b: c\n"
		"---\ntitle: c\ncorrelation: event_count\n"
		"---\ntitle: d\nlogsource: {category: test}\nid: 7\ntags: [attack.t1059.004, "
		"attack.command_and_control, attack.g0009]\ndetection:\n  s:\n    F: x\n  "
		"condition: s\n"
		"---\n# nothing\n---\ntitle: d\nlogsource: {category: test}\nfilter: 5\n");

	assert_int_equal(rules_count(rules), 2);
	assert_int_equal(rules_problems(rules), 3);
	assert_int_equal(rules_problem(rules, 0)->line, 5);
	assert_non_null(strstr(rules_problem(rules, 1)->sentence.at,
		"'correlation' must be a map"));
	assert_int_equal(rules_problem(rules, 1)->line, 8);
	assert_int_equal(rules_get(rules, 1)->line, 10);
	assert_int_equal(rules_get(rules, 1)->techniques.n, 1);
	assert_true(text_is(rules_get(rules, 1)->techniques.at[0], "T1059.004"));
	assert_int_equal(rules_get(rules, 1)->tactics.n, 1);
	assert_true(text_is(rules_get(rules, 1)->tactics.at[0], "command-and-control"));
	assert_int_equal(matches(rules, "{\"F\":\"x\"}"), 2);
}

static void filters_narrow_their_rules(void **state)
{
	static const char head[] = "title: a\nname: aa\nlogsource: {category: test}\n"
		"detection: {s: {F: x}, condition: s}\n---\n"
		"title: b\nlogsource: {category: test, product: p}\n"
		"detection: {s: {F: x}, condition: s}\n---\n";
	static const struct {
		const char *filter;
		size_t matches; /* of {"F": "x", "U": "adm"} */
		size_t problems;
	} cases[] = {
		{"title: f\nlogsource: {category: test}\nfilter: {rules: [aa], s: {U: adm}, "
			"condition: not s}", 1, 0},
		{"title: f\nlogsource: {category: test}\nfilter: {rules: any, s: {U: adm}, "
			"condition: not s}", 0, 0},
		{"title: f\nlogsource: {category: test}\nfilter: {rules: any, s: {U: bob}, "
			"condition: not s}", 2, 0},
		{"title: f\nlogsource: {product: p}\nfilter: {rules: any, s: {U: adm}, "
			"condition: not s}", 1, 0},
		{"title: f\nlogsource: {product: p}\nfilter: {rules: [aa], s: {U: adm}, "
			"condition: not s}", 2, 1}, /* of another logsource */
		{"title: f\nlogsource: {product: p}\nfilter: {s: {U: adm}, condition: not s}",
			2, 1},
		{"title: f\nfilter: {rules: any, s: {U: adm}, condition: not s}", 2, 1},
		{"title: f\nlogsource: {product: p}\nfilter: {rules: any, s: {U: adm}}", 2, 1},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		char yaml[1024];

		snprintf(yaml, sizeof yaml, "%s%s\n", head, cases[i].filter);
		until_return(rules_free) struct rules *rules = rules_from(yaml);
		if (rules_problems(rules) != cases[i].problems)
			print_error("case %zu\n", i);
		assert_int_equal(rules_problems(rules), cases[i].problems);
		assert_int_equal(matches(rules, "{\"F\":\"x\",\"U\":\"adm\"}"),
			cases[i].matches);
	}
}

/* Whether their values come before or after the rule. */
static void placeholders_have_values(void **state)
{
	static const char rule[] = "title: a\nlogsource: {category: test}\n"
		"detection: {s: {F|%s: %s}, condition: s}\n";
	static const struct {
		const char *modifiers, *value, *event;
		size_t matches;
	} cases[] = {
		{"expand", "'%who%'", "bob", 1},
		{"expand", "'%who%'", "carol", 0},
		{"expand", "'%who%'", "%who%", 0},
		{"expand", "['%who%', eve]", "eve", 1},
		{"expand", "'%who%@%where%'", "alice@home", 1},
		{"expand", "'%who%@%where%'", "alice@work", 0},
		{"contains|expand", "'%who%'", "xalicex", 1},
		{"expand", "'100%'", "100%", 1},
		{"expand", "'%%'", "%%", 1},
		{"contains|all|expand", "'%who%'", "bob and alice", 1},
		{"contains|all|expand", "'%who%'", "bob alone", 0},
	};

	for (size_t i = 0; i < 2 * array_size(cases); i++) {
		char yaml[2048], one[512], event[128];
		const char *values = "placeholders: {who: [alice, bob], where: home}\n";

		snprintf(one, sizeof one, rule, cases[i / 2].modifiers, cases[i / 2].value);
		snprintf(yaml, sizeof yaml, "%s---\n%s", i % 2 ? values : one,
			i % 2 ? one : values);
		snprintf(event, sizeof event, "{\"F\":\"%s\"}", cases[i / 2].event);
		until_return(rules_free) struct rules *rules = rules_from(yaml);
		assert_int_equal(rules_problems(rules), 0);
		if (matches(rules, event) != (int64_t)cases[i / 2].matches)
			print_error("case %zu\n", i);
		assert_int_equal(matches(rules, event), cases[i / 2].matches);
	}
}

static void random_bytes_are_refused_in_one_sentence(void **state)
{
	char bytes[4096];

	srandom(1);
	for (unsigned round = 0; round < 200; round++) {
		until_return(rules_free) struct rules *rules = rules_new();

		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)random();
		assert_int_equal(rules_add(rules, "x.yml", (struct text){bytes, sizeof bytes}), 0);
		assert_true(rules_problems(rules) >= 1);
		rules_compile(rules);
	}
}

static void a_rule_of_many_values_is_decided(void **state)
{
	char *yaml = NULL;
	size_t size;
	FILE *out = open_memstream(&yaml, &size);

	fputs("title: t\nlogsource: {category: test}\ndetection:\n  s:\n    F|contains:\n", out);
	for (unsigned i = 0; i < 50000; i++)
		fprintf(out, "      - value%u.\n", i);
	fputs("  condition: s and not (", out);
	for (unsigned i = 0; i < 5000; i++)
		fputs("not s and ", out);
	fputs("s)\n", out);
	fclose(out);
	{
		until_return(rules_free) struct rules *rules = rules_from(yaml);

		/* 5,000 times 50,000 values would be too many steps */
		assert_int_equal(rules_count(rules), 0);
		assert_non_null(strstr(rules_problem(rules, 0)->sentence.at, "1048576 steps"));
	}
	memcpy(strstr(yaml, "condition: s"), "condition: s\n#", 14);
	{
		until_return(rules_free) struct rules *rules = rules_from(yaml);

		assert_int_equal(rules_count(rules), 1);
		assert_int_equal(matches(rules, "{\"F\":\"xxvalue49999.xx\"}"), 1);
		assert_int_equal(matches(rules, "{\"F\":\"xxvalue50000.xx\"}"), 0);
	}
	free(yaml);
}

static void events_are_routed_by_what_they_say(void **state)
{
	static const char *const yaml =
		"title: a\nlogsource: {product: linux, category: process_creation}\n"
		"detection: {s: {Image: x}, condition: s}\n---\n"
		"title: b\nlogsource: {product: windows, service: security}\n"
		"detection: {s: {Image: x}, condition: s}\n---\n"
		"title: c\nlogsource: {product: okta}\ndetection: {s: {Image: x}, condition: s}\n";
	static const struct {
		const char *event, *titles;
	} cases[] = {
		{"{\"Image\":\"x\"}", "c"},
		{"{\"Image\":\"x\",\"logsource\":{\"product\":\"Linux\",\"category\":\"process_"
		 "creation\"}}",
			"a"},
		{"{\"Image\":\"x\",\"logsource\":{\"product\":\"okta\",\"service\":\"y\"}}", "c"},
		{"{\"Image\":\"x\",\"Channel\":\"Security\",\"EventID\":1}", "b"},
		{"{\"Event\":{\"System\":{\"Channel\":\"Security\",\"EventID\":{\"#text\":1,"
		 "\"#attributes\":{\"Qualifiers\":2}}},\"EventData\":{\"Data\":[{\"#attributes\":"
		 "{\"Name\":\"Image\"},\"#text\":\"x\"}]}}}",
			"b"},
		{"{\"winlog\":{\"channel\":\"Security\",\"event_id\":\"4624\",\"event_data\":{"
		 "\"Image\":\"X\"}}}",
			"b"},
		{"{\"Image\":\"x\",\"Channel\":\"Other\",\"EventID\":1}", ""},
		{"{\"event.kind\":\"process_exec\",\"process.executable\":\"x\"}", "a"},
		{"{\"event.kind\":\"process_exit\",\"process.executable\":\"x\"}", ""},
		{"{\"event.kind\":\"file_create\",\"Image\":\"x\"}", ""},
	};
	until_return(rules_free) struct rules *rules = rules_from(yaml);

	for (size_t i = 0; i < array_size(cases); i++) {
		const struct rule *hits[4];
		int64_t n = rules_match_json(rules, text_of(cases[i].event), hits, 4, NULL);
		char titles[8] = "";

		for (int64_t h = 0; h < n; h++)
			strncat(titles, hits[h]->title.at, 1);
		if (strcmp(titles, cases[i].titles))
			case_fails("'%s' for %s", titles, cases[i].event);
	}
	assert_int_equal(rules_unrouted(rules), 1);
}

static void an_assumed_source_is_for_events_that_say_none(void **state)
{
	until_return(rules_free) struct rules *rules = rules_from(
		"title: a\nlogsource: {product: linux, category: process_creation}\n"
		"detection: {s: {Image: x}, condition: s}\n");

	rules_assume(rules, "linux", "process_creation", NULL);
	assert_int_equal(matches(rules, "{\"process\":{\"executable\":\"x\"}}"), 1);
	assert_int_equal(matches(rules, "{\"Image\":\"x\",\"logsource\":{\"product\":\"macos\"}}"),
		0);
}

static void what_is_no_event_is_said(void **state)
{
	static const char *const cases[] = {"", "x", "[]", "1", "{\"a\":1", "{\"a\":1}}",
		"{\"a\"}", "nul"};
	until_return(rules_free) struct rules *rules = rules_around(
		"  s: {F: x}\n  condition: s\n");

	for (size_t i = 0; i < array_size(cases); i++) {
		struct error err = {0};

		assert_int_equal(rules_match_json(rules, text_of(cases[i]), NULL, 0, &err), -1);
		assert_true(err.text[0]);
	}
}

static void count_wrong(void *context, const struct rule_test_result *result)
{
	size_t *wrong = context;

	++*wrong;
	assert_int_equal(result->index, 2);
	assert_true(result->wanted);
	assert_false(result->matched);
}

static void examples_of_rules_are_run(void **state)
{
	until_return(rules_free) struct rules *rules = rules_from(
		"title: a\nlogsource: {product: linux, service: sshd}\n"
		"detection: {s: {Image|endswith: /sh, Port: 22, Flag: true}, condition: s}\n"
		"saker:\n  action: deny\n  tests:\n    match:\n"
		"      - {Image: [/x, /bin/sh], Port: 22, Flag: true}\n"
		"      - {Image: /bin/ssh, Port: 22, Flag: true}\n"
		"    no_match:\n      - {Image: null}\n");
	size_t wrong = 0;

	assert_int_equal(rules_problems(rules), 0);
	assert_int_equal(rules_get(rules, 0)->action, ACTION_deny);
	assert_int_equal(rules_test(rules, count_wrong, &wrong), 3);
	assert_int_equal(wrong, 1);
}

static void who_names_protected_programs_is_known(void **state)
{
	static const struct {
		const char *detection;
		bool names;
	} cases[] = {
		{"  s: {Image|endswith: /sshd}\n  condition: s\n", true},
		{"  s: {Image: /usr/bin/dpkg}\n  condition: s\n", true},
		{"  s: {ParentImage|endswith: /sshd}\n  condition: s\n", false},
		{"  s: {Image|endswith: /x}\n  f: {Image|endswith: /apt}\n  condition: s and not "
		 "f\n",
			false},
		{"  s: {Image|startswith: /usr/sbin/sshd}\n  condition: s\n", false},
		{"  s: {Image|endswith: /bash}\n  condition: s\n", false},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(rules_free) struct rules *rules = rules_around(cases[i].detection);

		if (rules_get(rules, 0)->names_protected != cases[i].names)
			case_fails("%s", cases[i].detection);
	}
}

static void the_same_id_twice_is_a_warning(void **state)
{
	until_return(rules_free) struct rules *rules = rules_from(
		"title: a\nid: 1\nlogsource: {category: test}\ndetection: {s: {F: x}, condition: "
		"s}\n---\n"
		"title: b\nid: 1\nlogsource: {category: test}\ndetection: {s: {F: x}, condition: "
		"s}\n");

	assert_int_equal(rules_count(rules), 2);
	assert_int_equal(rules_problems(rules), 1);
	assert_false(rules_problem(rules, 0)->fatal);
	assert_int_equal(rules_problem(rules, 0)->line, 6);
}

static void a_pattern_that_takes_too_long_is_named_once(void **state)
{
	until_return(rules_free) struct rules *rules =
		rules_around("  s: {F|re: '^(a+a+)+(a+a+)+[xy]'}\n  condition: s\n");

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(matches(rules, "{\"F\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"), 0);
	assert_int_equal(rules_problems(rules), 1);
	assert_non_null(strstr(rules_problem(rules, 0)->sentence.at, "took too long"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(detections_mean_what_the_specification_says),
		cmocka_unit_test(every_mistake_has_a_place_and_a_remedy),
		cmocka_unit_test(one_broken_document_does_not_stop_the_others),
		cmocka_unit_test(filters_narrow_their_rules),
		cmocka_unit_test(placeholders_have_values),
		cmocka_unit_test(random_bytes_are_refused_in_one_sentence),
		cmocka_unit_test(a_rule_of_many_values_is_decided),
		cmocka_unit_test(events_are_routed_by_what_they_say),
		cmocka_unit_test(an_assumed_source_is_for_events_that_say_none),
		cmocka_unit_test(what_is_no_event_is_said),
		cmocka_unit_test(examples_of_rules_are_run),
		cmocka_unit_test(who_names_protected_programs_is_known),
		cmocka_unit_test(the_same_id_twice_is_a_warning),
		cmocka_unit_test(a_pattern_that_takes_too_long_is_named_once),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
