// SPDX-License-Identifier: Apache-2.0
// Correlations over small logs: each type, its window, its groups, what it refuses.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "detect/correlation/correlator.h"

/* Rules `a` to `c` match events with {"F": "a"} and so on. */
static const char bases[] =
	"title: Rule a\nname: a\nlogsource: {category: x}\n"
	"detection: {s: {F: a}, condition: s}\nlevel: low\n"
	"---\n"
	"title: Rule b\nname: b\nlogsource: {category: x}\n"
	"detection: {s: {F: b}, condition: s}\n"
	"---\n"
	"title: Rule c\nname: c\nlogsource: {category: x}\n"
	"detection: {s: {F: c}, condition: s}\n"
	"---\n";

/* What came of a log: "title@second(value)" of each that fired. */
struct outcome {
	char text[1024];
	size_t n;
	unsigned told; /* matches of rules that are told by themselves */
	size_t bytes;
	struct correlator_losses losses;
};

static void on_fired(void *context, const struct correlation_fired *fired)
{
	struct outcome *outcome = context;

	outcome->n += (size_t)snprintf(outcome->text + outcome->n,
		sizeof outcome->text - outcome->n, "%s%.*s@%lld(%g)", outcome->n ? " " : "",
		TEXT_PRINT(fired->rule->title), (long long)(fired->last / 1000000000),
		fired->value);
}

static void on_hit(void *context, const struct correlation_hit *hit)
{
	correlator_take(context, hit);
}

static struct rules *rules_of(const char *correlation)
{
	struct rules *rules = rules_new();
	char yaml[8192];
	int n = snprintf(yaml, sizeof yaml, "%s%s", bases, correlation);

	rules_add(rules, "x.yml", (struct text){yaml, (size_t)n});
	rules_assume(rules, NULL, "x", NULL);
	rules_compile(rules);
	return rules;
}

/* Events are "second F {more JSON}" in the order in which they are judged. */
static void log_judge(struct rules *rules, const char *const *events, struct outcome *outcome)
{
	until_return(matcher_free) struct matcher *matcher = matcher_new(rules);
	until_return(correlator_free) struct correlator *correlator =
		correlator_new(rules, 1 << 20, on_fired, outcome);

	for (size_t i = 0; events[i]; i++) {
		const struct rule *hits[8];
		char json[512], *more;
		long second = strtol(events[i], &more, 10);
		struct error err;
		int n = snprintf(json, sizeof json, "{\"F\":\"%c\"%s%s}", more[1],
			more[2] ? "," : "", more + 2);
		int64_t found = matcher_json(matcher, (struct text){json, (size_t)n}, hits, 8,
			&err);

		assert_true(found >= 0);
		correlator_advance(correlator, second * INT64_C(1000000000));
		for (int64_t h = 0; h < found; h++) {
			outcome->told += rule_is_told(rules, hits[h]);
			correlation_hits(matcher, hits[h], second * INT64_C(1000000000), i,
				on_hit, correlator);
		}
	}
	correlator_end(correlator);
	outcome->bytes = correlator_bytes(correlator);
}

#define EVENTS(...) (const char *const[]){__VA_ARGS__, NULL}

static void what_fires(void **state)
{
	const struct {
		const char *correlation;
		const char *const *events;
		const char *wanted;
	} cases[] = {
		{"{type: event_count, rules: [a], group-by: [U], timespan: 10s, "
			"condition: {gte: 3}}",
			EVENTS("1 a\"U\":\"r\"", "2 a\"U\":\"r\"", "3 a\"U\":\"q\"",
				"4 b\"U\":\"r\"", "11 a\"U\":\"r\"", "12 a\"U\":\"r\""),
			"C@11(3)"}, /* once: the condition has held since */
		{"{type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}}",
			EVENTS("1 a", "12 a", "22 a", "40 a", "41 a"), "C@22(2) C@41(2)"},
		{"{type: event_count, rules: a, group-by: U, timespan: 10s, condition: {gte: 2}}",
			EVENTS("1 a\"U\":\"\"", "2 a", "3 a"), ""}, /* without a U: in no group */
		{"{type: event_count, rules: [a], timespan: 10s, condition: {gt: 1, lt: 3}}",
			EVENTS("1 a", "2 a", "3 a"), "C@2(2)"},
		{"{type: event_count, rules: [a], timespan: 10s, condition: {eq: 2}}",
			EVENTS("1 a", "2 a", "3 a", "4 a"), "C@2(2)"},
		{"{type: event_count, rules: [a, b], timespan: 1m, condition: {gte: 3}}",
			EVENTS("1 a", "2 b", "3 a"), "C@3(3)"},
		{"{type: event_count, rules: [a], timespan: 10s, condition: {gte: 3}}",
			EVENTS("5 a", "1 a", "7 a"), "C@7(3)"}, /* a late one counts */
		{"{type: value_count, rules: [a], group-by: [U], timespan: 10s, "
			"condition: {field: V, gte: 2}}",
			EVENTS("1 a\"U\":1,\"V\":\"x\"", "2 a\"U\":1,\"V\":\"x\"", "3 a\"U\":1",
				"4 a\"U\":2,\"V\":\"y\"", "5 a\"U\":1,\"V\":\"y\""),
			"C@5(2)"},
		{"{type: value_count, rules: [a], timespan: 10s, condition: {field: V, gte: 2}}",
			EVENTS("1 a\"V\":1", "2 a\"V\":1", "13 a\"V\":2", "14 a\"V\":2"), ""},
		{"{type: value_count, rules: [a], timespan: 10s, "
			"condition: {field: [V, W], gte: 3}}",
			EVENTS("1 a\"V\":1,\"W\":1", "2 a\"V\":1,\"W\":2", "3 a\"V\":1,\"W\":1",
				"4 a\"V\":11,\"W\":\"\"", "5 a\"V\":1,\"W\":\"1\""),
			"C@4(3)"},
		{"{type: temporal, rules: [a, b], group-by: [U], timespan: 10s}",
			EVENTS("1 b\"U\":1", "2 b\"U\":2", "9 a\"U\":1", "13 a\"U\":2"), "C@9(2)"},
		{"{type: temporal, rules: [a, b, c], timespan: 10s, condition: a and (b or c)}",
			EVENTS("1 b", "2 c", "3 a"), "C@3(3)"},
		{"{type: temporal, rules: [a, b, c], timespan: 10s, "
			"condition: a and b and not c}",
			EVENTS("1 a", "2 b", "5 c", "30 a", "31 b", "55 a"), "C@31(2)"},
		{"{type: temporal_ordered, rules: [a, b, c], timespan: 10s}",
			EVENTS("1 a", "2 c", "3 b", "4 a", "9 c", "20 a", "21 b", "31 c"),
			"C@9(3)"},
		{"{type: temporal_ordered, rules: [a, a], timespan: 10s}",
			EVENTS("1 a", "20 a", "21 a"), "C@21(2)"}, /* one event is not two */
		{"{type: value_sum, rules: [a], timespan: 10s, condition: {field: N, gt: 100}}",
			EVENTS("1 a\"N\":60", "2 a\"N\":\"x\"", "3 a\"N\":\"40\"", "4 a\"N\":0.5"),
			"C@4(100.5)"},
		{"{type: value_avg, rules: [a], timespan: 10s, condition: {field: N, gte: 5}}",
			EVENTS("1 a\"N\":1", "2 a\"N\":6", "3 a\"N\":8"), "C@3(5)"},
		{"{type: value_median, rules: [a], timespan: 1m, condition: {field: N, gte: 5}}",
			EVENTS("1 a\"N\":1", "2 a\"N\":9", "3 a\"N\":4", "4 a\"N\":100"),
			"C@2(5) C@4(6.5)"},
		{"{type: value_percentile, rules: [a], timespan: 1m, "
			"condition: {field: N, percentile: 90, gte: 9}}",
			EVENTS("1 a\"N\":1", "2 a\"N\":10", "3 a\"N\":10"), "C@2(9.1)"},
		{"{type: temporal, rules: [a, b], group-by: [who], timespan: 10s, "
			"aliases: {who: {a: Src, b: Dst}}}",
			EVENTS("1 a\"Src\":\"m\",\"Dst\":\"n\"", "2 b\"Src\":\"m\",\"Dst\":\"k\"",
				"3 b\"Dst\":\"m\""),
			"C@3(2)"},
		/* below the process of the first, at any depth; not beside it */
		{"{type: temporal_ordered, rules: [a, b], group-by: [ProcessTree], timespan: 10s}",
			EVENTS("1 a\"ProcessGuid\":\"p\"",
				"2 b\"ProcessGuid\":\"q\",\"ParentProcessGuid\":\"x\"",
				"3 b\"ProcessGuid\":\"r\",\"ParentProcessGuid\":\"p\""),
			"C@3(2)"},
		{"{type: temporal_ordered, rules: [a, b], group-by: [ProcessTree], timespan: 10s}",
			EVENTS("1 a\"ProcessGuid\":\"p\"", "2 b\"ProcessGuid\":\"q\","
				"\"AncestorProcessGuid\":[\"o\",\"p\",\"i\"]"),
			"C@2(2)"},
		{"{type: temporal_ordered, rules: [a, b, c], group-by: [ProcessTree, U], "
			"timespan: 10s}",
			EVENTS("1 a\"ProcessGuid\":\"p\",\"U\":1",
				"2 b\"ProcessGuid\":\"p\",\"U\":1",
				"3 c\"ProcessGuid\":\"q\",\"ParentProcessGuid\":\"p\",\"U\":2",
				"4 c\"ProcessGuid\":\"q\",\"ParentProcessGuid\":\"p\",\"U\":1"),
			"C@4(3)"},
		{"{type: temporal_ordered, rules: [a, b], group-by: [ProcessTree], timespan: 10s}",
			EVENTS("1 b\"ProcessGuid\":\"q\",\"ParentProcessGuid\":\"p\"",
				"2 a\"ProcessGuid\":\"p\"", "3 a\"ProcessGuid\":\"q\""),
			""},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct outcome outcome = {0};
		char yaml[1024];

		snprintf(yaml, sizeof yaml, "title: C\ncorrelation: %s\n", cases[i].correlation);
		until_return(rules_free) struct rules *rules = rules_of(yaml);
		for (size_t p = 0; p < rules_problems(rules); p++)
			print_error("case %zu: %.*s\n", i,
				TEXT_PRINT(rules_problem(rules, p)->sentence));
		log_judge(rules, cases[i].events, &outcome);
		if (strcmp(outcome.text, cases[i].wanted))
			print_error("case %zu\n", i);
		assert_string_equal(outcome.text, cases[i].wanted);
	}
}

static void correlations_of_correlations(void **state)
{
	until_return(rules_free) struct rules *rules = rules_of(
		"title: Many\nname: many\ncorrelation: {type: event_count, rules: [a], "
		"group-by: [U, H], timespan: 10s, condition: {gte: 2}}\n"
		"---\n"
		"title: Then\ncorrelation: {type: temporal_ordered, rules: [many, b], "
		"group-by: [H], timespan: 1m}\n");
	struct outcome outcome = {0};

	assert_int_equal(rules_problems(rules), 0);
	log_judge(rules, EVENTS("1 a\"U\":1,\"H\":\"h\"", "2 a\"U\":1,\"H\":\"h\"",
		"3 b\"H\":\"g\"", "4 b\"H\":\"h\""), &outcome);
	assert_string_equal(outcome.text, "Many@2(2) Then@4(2)");
	assert_int_equal(outcome.told, 0);
}

static void members_are_told_if_wanted(void **state)
{
	static const struct {
		const char *generate;
		unsigned told;
	} cases[] = {{"", 1}, {", generate: true", 3}, {", generate: false", 1}};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct outcome outcome = {0};
		char yaml[512];

		snprintf(yaml, sizeof yaml, "title: C\ncorrelation: {type: event_count, "
			"rules: [a], timespan: 10s, condition: {gte: 9}%s}\n", cases[i].generate);
		until_return(rules_free) struct rules *rules = rules_of(yaml);
		log_judge(rules, EVENTS("1 a", "2 a", "3 b"), &outcome);
		assert_int_equal(outcome.told, cases[i].told);
	}
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *correlation, *sentence;
	} cases[] = {
		{"{type: event_cuont, rules: [a], timespan: 1m, condition: {gte: 1}}",
			"write 'event_count'"},
		{"{rules: [a], timespan: 1m, condition: {gte: 1}}", "needs a type"},
		{"{type: event_count, timespan: 1m, condition: {gte: 1}}", "names no rules"},
		{"{type: event_count, rules: [a], condition: {gte: 1}}", "needs a timespan"},
		{"{type: event_count, rules: [a], timespan: 1y, condition: {gte: 1}}",
			"needs a timespan"},
		{"{type: event_count, rules: [a], timespan: 1m}", "needs a condition"},
		{"{type: event_count, rules: [a], timespan: 1m, condition: {gte: x}}",
			"'gte' takes a number"},
		{"{type: event_count, rules: [a], timespan: 1m, condition: {min: 1}}",
			"'min' is no bound"},
		{"{type: value_count, rules: [a], timespan: 1m, condition: {gte: 1}}",
			"needs 'field:'"},
		{"{type: value_percentile, rules: [a], timespan: 1m, "
			"condition: {field: N, gte: 1}}", "needs 'percentile:'"},
		{"{type: event_count, rules: [nobody], timespan: 1m, condition: {gte: 1}}",
			"no rule with the name or id 'nobody'"},
		{"{type: temporal, rules: [a, C2], timespan: 1m}",
			"no rule with the name or id 'C2'"},
		{"{type: temporal, rules: [a, b], timespan: 1m, condition: a and d}", "'d'"},
		{"{type: temporal, rules: [a, b], timespan: 1m, group-by: [ProcessTree]}",
			"groups only a correlation of type temporal_ordered"},
		{"{type: temporal, rules: [a, b], timespan: 1m, group-by: [w], "
			"aliases: {w: {a: F, d: F}}}", "not its own, 'd'"},
		{"{type: temporal, rules: [a, b], timespan: 1m, group-by: [U], "
			"aliases: {w: {a: F}}}", "not grouped by, 'w'"},
		{"{type: event_count, rules: [a], timespan: 1m, condition: {gte: 1}}\n"
			"saker: {action: kill}", "too late to deny or kill"},
		{"[a, b]", "must be a map"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		char yaml[1024];

		snprintf(yaml, sizeof yaml, "title: C\ncorrelation: %s\n", cases[i].correlation);
		until_return(rules_free) struct rules *rules = rules_of(yaml);
		assert_true(rules_problems(rules) > 0);
		snprintf(yaml, sizeof yaml, "%.*s",
			TEXT_PRINT(rules_problem(rules, 0)->sentence));
		if (!strstr(yaml, cases[i].sentence))
			print_error("case %zu: '%s'\n", i, yaml);
		assert_non_null(strstr(yaml, cases[i].sentence));
		assert_int_equal(rules_count(rules), 3);
		assert_true(rules_problem(rules, 0)->fatal);
	}
}

static void what_correlations_find_has_no_fields(void **state)
{
	until_return(rules_free) struct rules *rules = rules_of(
		"title: One\ncorrelation: {type: temporal, rules: [a, b], timespan: 1m}\n---\n"
		"title: Two\ncorrelation: {type: value_count, rules: [One], timespan: 1m, "
		"condition: {field: F, gte: 2}}\n");

	assert_int_equal(rules_problems(rules), 1);
	assert_int_equal(rules_count(rules), 4);
}

static void one_in_itself_is_refused(void **state)
{
	until_return(rules_free) struct rules *rules = rules_of(
		"title: One\ncorrelation: {type: temporal, rules: [a, Two], timespan: 1m}\n---\n"
		"title: Two\ncorrelation: {type: temporal, rules: [b, One], timespan: 1m}\n");

	assert_int_equal(rules_problems(rules), 2);
	assert_int_equal(rules_count(rules), 3);
}

/* Groups without end: memory stays within its bound, and what went is counted. */
static void a_flood_of_groups_is_bounded(void **state)
{
	until_return(rules_free) struct rules *rules = rules_of("title: C\ncorrelation: {type: "
		"event_count, rules: [a], group-by: [U], timespan: 1h, condition: {gte: 3}}\n");
	until_return(matcher_free) struct matcher *matcher = matcher_new(rules);
	struct outcome outcome = {0};
	until_return(correlator_free) struct correlator *correlator =
		correlator_new(rules, 1 << 20, on_fired, &outcome);
	const struct rule *hits[8];
	struct error err;

	for (int i = 0; i < 100000; i++) {
		char json[64];
		int n = snprintf(json, sizeof json, "{\"F\":\"a\",\"U\":%d}", i);

		assert_int_equal(
			matcher_json(matcher, (struct text){json, (size_t)n}, hits, 8, &err), 1);
		correlation_hits(matcher, hits[0], i, (uint64_t)i, on_hit, correlator);
		assert_true(correlator_bytes(correlator) <= (1 << 20) + 65536);
	}
	assert_true(correlator_losses(correlator).groups > 90000);
	assert_int_equal(outcome.n, 0);
}

/* A window that holds more than is kept: the newest count, and it is said. */
static void a_full_window_says_so(void **state)
{
	until_return(rules_free) struct rules *rules = rules_of("title: C\ncorrelation: {type: "
		"value_count, rules: [a], timespan: 1h, condition: {field: V, gte: 5000}}\n");
	until_return(matcher_free) struct matcher *matcher = matcher_new(rules);
	struct outcome outcome = {0};
	until_return(correlator_free) struct correlator *correlator =
		correlator_new(rules, 1 << 20, on_fired, &outcome);
	const struct rule *hits[8];
	struct error err;

	for (int i = 0; i < 6000; i++) {
		char json[64];
		int n = snprintf(json, sizeof json, "{\"F\":\"a\",\"V\":%d}", i);

		matcher_json(matcher, (struct text){json, (size_t)n}, hits, 8, &err);
		correlation_hits(matcher, hits[0], i, (uint64_t)i, on_hit, correlator);
	}
	assert_int_equal(correlator_losses(correlator).events,
		6000 - CORRELATOR_VALUES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fires),
		cmocka_unit_test(correlations_of_correlations),
		cmocka_unit_test(members_are_told_if_wanted),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_correlations_find_has_no_fields),
		cmocka_unit_test(one_in_itself_is_refused),
		cmocka_unit_test(a_flood_of_groups_is_bounded),
		cmocka_unit_test(a_full_window_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
