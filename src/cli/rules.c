// SPDX-License-Identifier: Apache-2.0
// saker rules: check, list, test and explain rules.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/own.h"
#include "cli/command.h"
#include "cli/noise.h"
#include "cli/yara/check.h"
#include "daemon/content.h"
#include "detect/explain.h"
#include "detect/folder.h"
#include "import/log.h"

enum { FOLDER_BYTES = 4096, EVENTS_EXPLAINED = 100 };

static const char *event_path; /* --event */
static bool coverage; /* --coverage */

static const char *const action_names[] = {
	[ACTION_none] = "none", [ACTION_deny] = "deny", [ACTION_kill] = "kill"};

/* Takes --event FILE and --coverage out of the arguments. */
static int options_take(struct invocation *invocation)
{
	int n = 1;

	for (int i = 1; i < invocation->argc; i++) {
		char *word = invocation->argv[i];

		if (!strcmp(word, "--coverage")) {
			coverage = true;
		} else if (!strcmp(word, "--event")) {
			if (++i == invocation->argc)
				return usage(invocation);
			event_path = invocation->argv[i];
		} else if (word[0] == '-') {
			return usage(invocation);
		} else {
			invocation->argv[n++] = word;
		}
	}
	invocation->argc = n;
	return EXIT_done;
}

static int paths_load(struct invocation *invocation, struct rules *rules)
{
	char folder[FOLDER_BYTES];
	struct error err;

	for (int i = 2; i < invocation->argc; i++)
		if (rules_add_folder(rules, invocation->argv[i], &err) < 0)
			return refuse(invocation, "%s", err.text);
	if (invocation->argc == 2) {
		if (!content_folder("rules", folder, sizeof folder))
			return refuse(invocation, "the rules that come with saker are not there; "
				"name a file or a folder");
		if (rules_add_folder(rules, folder, &err) < 0)
			return refuse(invocation, "%s", err.text);
	}
	rules_compile(rules);
	return EXIT_done;
}

static void string_put(struct json_writer *out, const char *key, struct text value)
{
	json_key(out, text_of(key));
	json_string(out, value.at ? value : TEXT(""));
}

static void number_put(struct json_writer *out, const char *key, int64_t value)
{
	json_key(out, text_of(key));
	json_number(out, value);
}

static void line_print(struct json_writer *out)
{
	printf("%.*s\n", (int)out->n, out->at);
	json_writer_reset(out);
}

static void problem_print(const struct rule_problem *p, FILE *to)
{
	fprintf(to, "%.*s:%u:%u: %s%.*s\n", (int)p->file.n, p->file.at, p->line, p->column,
		p->fatal ? "" : "warning: ", (int)p->sentence.n, p->sentence.at);
}

static void problem_json(const struct rule_problem *p)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	json_object_open(&out);
	string_put(&out, "file", p->file);
	number_put(&out, "line", p->line);
	number_put(&out, "column", p->column);
	json_key(&out, TEXT("refused"));
	json_bool(&out, p->fatal);
	string_put(&out, "sentence", p->sentence);
	json_object_close(&out);
	line_print(&out);
}

/*
 * Rules without a text to find them by cost something on every event: worth knowing, no mistake.
 */
static void slow_print(const struct rules *rules)
{
	for (size_t i = 0; i < rules_count(rules); i++) {
		const struct rule *rule = rules_get(rules, i);

		if (!rule_is_indexed(rules, rule))
			printf("%.*s:%u:1: note: no plain text must be there for this rule to "
				"match, so it is asked about every event of its kind\n",
				(int)rule->file.n,
				rule->file.at, rule->line);
	}
}

static int check(struct invocation *invocation, struct rules *rules)
{
	size_t refused = 0, n = rules_problems(rules);

	for (size_t i = 0; i < n; i++) {
		const struct rule_problem *p = rules_problem(rules, i);

		refused += p->fatal;
		if (invocation->json)
			problem_json(p);
		else
			problem_print(p, stdout);
	}
	if (!invocation->json) {
		slow_print(rules);
		printf("%zu rules, %zu mistakes, %zu warnings\n", rules_count(rules), refused,
			n - refused);
	}
	return n ? EXIT_found : EXIT_done;
}

static void techniques_put(struct json_writer *out, const struct rule *rule)
{
	json_key(out, TEXT("techniques"));
	json_array_open(out);
	for (size_t i = 0; i < rule->techniques.n; i++)
		json_string(out, rule->techniques.at[i]);
	json_array_close(out);
}

static void rule_json(const struct rule *rule)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	json_object_open(&out);
	string_put(&out, "id", rule->id);
	string_put(&out, "title", rule->title);
	string_put(&out, "level", rule->level);
	string_put(&out, "status", rule->status);
	string_put(&out, "product", rule->product);
	string_put(&out, "category", rule->category);
	string_put(&out, "service", rule->service);
	string_put(&out, "action", text_of(action_names[rule->action]));
	techniques_put(&out, rule);
	string_put(&out, "file", rule->file);
	number_put(&out, "line", rule->line);
	json_object_close(&out);
	line_print(&out);
}

static void problems_to_stderr(const struct rules *rules)
{
	for (size_t i = 0; i < rules_problems(rules); i++)
		if (rules_problem(rules, i)->fatal)
			problem_print(rules_problem(rules, i), stderr);
}

static int text_order(const void *a, const void *b)
{
	const struct text *x = a, *y = b;
	int order = memcmp(x->at, y->at, x->n < y->n ? x->n : y->n);

	return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

/* How many rules there are for each technique, by the numbers of ATT&CK. */
static int coverage_list(struct invocation *invocation, struct rules *rules)
{
	until_return(memory_free) struct text *all = NULL;
	size_t n = 0, size = 0, techniques = 0, untagged = 0;

	for (size_t i = 0; i < rules_count(rules); i++) {
		const struct rule *rule = rules_get(rules, i);

		untagged += !rule->techniques.n;
		for (size_t j = 0; j < rule->techniques.n; j++) {
			if (n == size) {
				size = size ? size * 2 : 256;
				all = memory_resize(all, size, sizeof *all);
			}
			all[n++] = rule->techniques.at[j];
		}
	}
	if (n)
		qsort(all, n, sizeof *all, text_order);
	for (size_t i = 0, same; i < n; i += same, techniques++) {
		for (same = 1; i + same < n && text_equal(all[i], all[i + same]); same++)
			;
		if (invocation->json)
			printf("{\"technique\":\"%.*s\",\"rules\":%zu}\n", (int)all[i].n,
				all[i].at, same);
		else
			printf("%-10.*s %zu\n", (int)all[i].n, all[i].at, same);
	}
	if (!invocation->json)
		printf("%zu techniques by %zu rules; %zu name none\n", techniques,
			rules_count(rules), untagged);
	return EXIT_done;
}

static int list(struct invocation *invocation, struct rules *rules)
{
	problems_to_stderr(rules);
	if (coverage)
		return coverage_list(invocation, rules);
	for (size_t i = 0; i < rules_count(rules); i++) {
		const struct rule *rule = rules_get(rules, i);

		if (invocation->json)
			rule_json(rule);
		else
			printf("%-13.*s %-4s %-36.*s %.*s\n", (int)rule->level.n,
				rule->level.n ? rule->level.at : "",
				rule->action ? action_names[rule->action] : "-", (int)rule->id.n,
				rule->id.n ? rule->id.at : "", (int)rule->title.n, rule->title.at);
	}
	return EXIT_done;
}

struct test_report {
	size_t wrong;
	bool json;
};

static void report(void *context, const struct rule_test_result *result)
{
	struct test_report *tests = context;
	const struct rule *rule = result->rule;
	until_return(json_writer_clear) struct json_writer out = {0};

	tests->wrong++;
	if (!tests->json) {
		printf("%.*s:%u: '%.*s': example %zu of '%s' %s\n", (int)rule->file.n,
			rule->file.at,
			rule->line, (int)rule->title.n, rule->title.at, result->index,
			result->wanted ? "match" : "no_match",
			result->matched ? "matches" : "does not match");
		return;
	}
	json_object_open(&out);
	string_put(&out, "file", rule->file);
	number_put(&out, "line", rule->line);
	string_put(&out, "id", rule->id);
	string_put(&out, "list", result->wanted ? TEXT("match") : TEXT("no_match"));
	number_put(&out, "example", (int64_t)result->index);
	json_object_close(&out);
	line_print(&out);
}

static int test(struct invocation *invocation, struct rules *rules)
{
	struct test_report tests = {.json = invocation->json};
	size_t run = rules_test(rules, report, &tests), refused = 0;

	problems_to_stderr(rules);
	for (size_t i = 0; i < rules_problems(rules); i++)
		refused += rules_problem(rules, i)->fatal;
	if (!run)
		return refuse(invocation, "no rule carries an example (saker: tests: match, "
			"no_match)");
	if (!invocation->json)
		printf("%zu examples of %zu rules, %zu wrong\n", run, rules_count(rules),
			tests.wrong);
	return tests.wrong || refused ? EXIT_found : EXIT_done;
}

/* While the events of a log are explained. */
struct explaining {
	struct rules *rules;
	struct matcher *matcher;
	uint64_t n;
};

static void record_explain(void *context, struct record *record)
{
	struct explaining *e = context;

	for (size_t i = 0; i < rules_count(e->rules); i++) {
		printf("%sevent %llu: ", e->n || i ? "\n" : "",
			(unsigned long long)record->number);
		rule_explain_record(e->matcher, rules_get(e->rules, i), record, stdout);
	}
	e->n++;
}

static void skipped_tell(void *context, struct text where, struct text why, uint64_t records)
{
	fprintf(stderr, "%.*s: %.*s\n", (int)where.n, where.at, (int)why.n, why.at);
}

/* Why the events of --event match, or not. */
static int events_explain(struct invocation *invocation, struct rules *rules)
{
	until_return(matcher_free) struct matcher *matcher = matcher_new(rules);
	struct explaining explaining = {rules, matcher, 0};
	const struct record_sink sink = {record_explain, skipped_tell, &explaining};
	struct error err;

	if (log_read(event_path, EVENTS_EXPLAINED, &sink, &err))
		return refuse(invocation, "%s", err.text);
	return explaining.n ? EXIT_done : refuse(invocation, "'%s' holds no event", event_path);
}

static int explain(struct invocation *invocation, struct rules *rules)
{
	until_return(plan_clear) struct plan plan = {0};

	problems_to_stderr(rules);
	if (event_path)
		return events_explain(invocation, rules);
	plan_make(&plan, rules);
	for (size_t i = 0; i < rules_count(rules); i++) {
		if (i)
			putchar('\n');
		rule_explain(rules, rules_get(rules, i), &plan, stdout);
	}
	return rules_count(rules) ? EXIT_done : EXIT_refused;
}

static const struct {
	const char *name;
	int (*run)(struct invocation *invocation, struct rules *rules);
} verbs[] = {
	{"list", list},
	{"test", test},
	{"explain", explain},
};

/* Sigma rules and YARA rules, where there are any. */
static int check_all(struct invocation *invocation, struct rules *rules)
{
	struct yara_paths yara = {.n = 0};
	char folder[FOLDER_BYTES];
	bool given = invocation->argc > 2;
	int result = EXIT_done, of_yara = EXIT_done;

	yara_paths_take(invocation, &yara, folder, sizeof folder);
	if (!given || invocation->argc > 2) {
		result = paths_load(invocation, rules);
		if (!result)
			result = check(invocation, rules);
	}
	if (yara.n && result != EXIT_refused)
		of_yara = yara_check(invocation, &yara);
	return of_yara > result ? of_yara : result;
}

int command_rules(struct invocation *invocation)
{
	until_return(rules_free) struct rules *rules = rules_new();
	int result;

	if (invocation->argc > 1 && !strcmp(invocation->argv[1], "noise"))
		return rules_noise(invocation);
	result = options_take(invocation);
	if (result)
		return result;
	if (invocation->argc > 1 && !strcmp(invocation->argv[1], "check"))
		return check_all(invocation, rules);
	for (size_t i = 0; invocation->argc > 1 && i < array_size(verbs); i++) {
		if (strcmp(invocation->argv[1], verbs[i].name))
			continue;
		result = paths_load(invocation, rules);
		return result ? result : verbs[i].run(invocation, rules);
	}
	return usage(invocation);
}
