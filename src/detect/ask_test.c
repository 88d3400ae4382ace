// SPDX-License-Identifier: Apache-2.0
// Tests: typed events are asked, parents and ancestors included; the same event as JSON gives the
// same answer; nothing is allocated once warm.

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

/* Linked with --wrap: every allocation of our own code comes through here. */
static size_t allocations;

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *old, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);

void *__wrap_malloc(size_t n)
{
	allocations++;
	return __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
	allocations++;
	return __real_calloc(count, n);
}

void *__wrap_realloc(void *old, size_t n)
{
	allocations++;
	return __real_realloc(old, n);
}

/* systemd -> apache2 -> dash -> curl */
static struct event *sample_new(struct arena *arena, enum event_kind kind)
{
	static const char *const paths[] = {"/usr/lib/systemd/systemd", "/usr/sbin/apache2",
		"/usr/bin/dash", "/usr/bin/curl"};
	struct process *process = NULL;
	struct event *event = event_new(arena, kind);

	for (size_t i = 0; i < array_size(paths); i++) {
		struct process *parent = process;

		process = process_new(arena);
		process->parent = parent;
		process->executable = text_of(paths[i]);
		process->name = text_basename(process->executable);
		process->command_line = arena_format(arena, "%s --Option -x", paths[i]);
		process->pid = 100 + (int64_t)i;
		process->uid = 33;
	}
	process->sha256 = TEXT("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	process->memfd = true;
	event->process = process;
	event->time = 1443261600000000000;
	if (kind == EVENT_file_create) {
		event->file = file_new(arena);
		event->file->path = TEXT("/var/www/html/shell.php");
	}
	if (kind == EVENT_network_connect) {
		event->network = network_new(arena);
		event->network->initiated = true;
		event->network->destination_port = 443;
		assert_true(address_read(TEXT("10.1.2.3"), &event->network->destination_ip));
	}
	return event;
}

static struct rules *rules_for(const char *category, const char *detection)
{
	struct rules *rules = rules_new();
	char yaml[4096];

	snprintf(yaml, sizeof yaml, "title: t\nlogsource: {product: linux%s%s}\ndetection:\n"
		"  s: %s\n  condition: s\n",
		category[0] ? ", category: " : "", category, detection);
	rules_add(rules, "x.yml", text_of(yaml));
	rules_compile(rules);
	if (rules_problems(rules))
		print_error("# %s\n", rules_problem(rules, 0)->sentence.at);
	return rules;
}

static const struct {
	enum event_kind kind;
	const char *category, *detection;
	bool matches;
} cases[] = {
	{EVENT_process_exec, "process_creation", "{Image|endswith: /curl}", true},
	{EVENT_process_exec, "process_creation", "{Image|endswith: /CURL}", true},
	{EVENT_process_exec, "process_creation", "{process.executable: /usr/bin/curl}", true},
	{EVENT_process_exec, "process_creation", "{ParentImage: /usr/bin/dash}", true},
	{EVENT_process_exec, "process_creation", "{parent.executable: /usr/bin/dash}", true},
	{EVENT_process_exec, "process_creation",
		"{ParentCommandLine|contains: 'dash --opt'}", true},
	{EVENT_process_exec, "process_creation", "{AncestorImage: /usr/sbin/apache2}", true},
	{EVENT_process_exec, "process_creation", "{AncestorImage: /usr/bin/curl}", false},
	{EVENT_process_exec, "process_creation", "{AncestorCommandLine|contains: systemd}", true},
	{EVENT_process_exec, "process_creation", "{AncestorImage|re: '^/usr/sbin/'}", true},
	{EVENT_process_exec, "process_creation", "{Hashes|contains: 'SHA256=0011'}", true},
	{EVENT_process_exec, "process_creation", "{process.hash.sha256|startswith: '0011'}", true},
	{EVENT_process_exec, "process_creation",
		"{ImageInMemory: true, ImageDeleted: false}", true},
	{EVENT_process_exec, "process_creation", "{UserId: 33}", true},
	{EVENT_process_exec, "process_creation", "{UserId|lt: 33}", false},
	{EVENT_process_exec, "process_creation", "{User: null}", true},
	{EVENT_process_exec, "process_creation", "{TargetFilename: null}", true},
	{EVENT_process_exec, "process_creation", "{Nothing|exists: true}", false},
	{EVENT_process_exec, "process_creation", "{event.kind: process_exec}", true},
	{EVENT_process_exec, "process_creation", "{'@timestamp|year': 2015}", true},
	{EVENT_process_exec, "file_event", "{Image|endswith: /curl}", false},
	{EVENT_process_exec, "", "{Image|endswith: /curl}", true},
	{EVENT_process_exec, "", "[curl --OPTION]", true},
	{EVENT_process_exec, "", "[apache2]", false},
	{EVENT_process_fork, "", "{Image|endswith: /curl}", false},
	{EVENT_file_create, "file_event",
		"{TargetFilename|endswith: .php, Image|endswith: /curl}", true},
	{EVENT_network_connect, "network_connection",
		"{Initiated: 'true', DestinationPort: 443, DestinationIp|cidr: 10.0.0.0/8}", true},
	{EVENT_network_connect, "network_connection", "{Initiated: 'false'}", false},
};

static void a_typed_event_gives_every_field_a_rule_may_name(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		until_return(rules_free) struct rules *rules =
			rules_for(cases[i].category, cases[i].detection);
		const struct rule *hit;

		if (rules_match(rules, sample_new(&arena, cases[i].kind), &hit, 1) !=
			cases[i].matches)
			case_fails("case %zu: %s", i, cases[i].detection);
	}
}

static void the_same_event_as_json_gives_the_same_answer(void **state)
{
	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		until_return(json_writer_clear) struct json_writer out = {0};
		until_return(rules_free) struct rules *rules =
			rules_for(cases[i].category, cases[i].detection);
		const struct rule *hit;
		struct error err;

		if (strstr(cases[i].detection, "[apache2]"))
			continue; /* JSON tells of ancestors too, and keywords may stand anywhere
				   */
		event_write(sample_new(&arena, cases[i].kind), &out);
		if (rules_match_json(rules, (struct text){out.at, out.n}, &hit, 1, &err) !=
		    cases[i].matches)
			case_fails("case %zu: %s on %.*s", i, cases[i].detection, (int)out.n,
				out.at);
	}
}

static void a_live_event_is_what_the_audit_daemon_would_have_recorded(void **state)
{
	static const struct {
		enum event_kind kind;
		const char *detection;
		bool matches;
	} audit[] = {
		{EVENT_process_exec, "{type: EXECVE, a0: curl, a1: --Option}", true},
		{EVENT_process_exec, "{type: EXECVE, a0: /usr/bin/curl, a2: -x}", true},
		{EVENT_process_exec, "{type: execve, a1|startswith: --}", true},
		{EVENT_process_exec, "{type: SYSCALL, a0: curl}", false},
		{EVENT_process_exec, "{type: SYSCALL, SYSCALL: execve, exe: /usr/bin/curl}", true},
		{EVENT_process_exec, "{type: PATH, name|endswith: /curl}", true},
		{EVENT_process_exec, "{type: EXECVE, name|endswith: /curl}", false},
		{EVENT_file_create, "{type: PATH, nametype: CREATE}", true},
		{EVENT_file_create, "{type: EXECVE}", false},
		{EVENT_process_exit, "{type: SYSCALL}", false},
	};

	for (size_t i = 0; i < array_size(audit); i++) {
		until_return(arena_clear) struct arena arena = {0};
		until_return(rules_free) struct rules *rules = rules_new();
		struct event *event = sample_new(&arena, audit[i].kind);
		const struct text args[] = {TEXT("/usr/bin/curl"), TEXT("--Option"), TEXT("-x")};
		struct process *process = (struct process *)event->process;
		const struct rule *hits[4];
		char yaml[400];

		process->args = (struct text_list){args, array_size(args)};
		snprintf(yaml, sizeof yaml, "title: t\n"
			"logsource: {product: linux, service: auditd}\n"
			"detection:\n  s: %s\n  condition: s\n", audit[i].detection);
		rules_add(rules, "x.yml", text_of(yaml));
		rules_add(rules, "y.yml", TEXT("title: u\nlogsource: {product: linux}\n"
			"detection: {s: {Image|contains: r}, condition: s}\n"));
		rules_compile(rules);
		if (rules_match(rules, event, hits, 4) != (size_t)audit[i].matches +
			(kinds[audit[i].kind].category[0] != 0))
			case_fails("case %zu: %s", i, audit[i].detection);
	}
}

static void hits_come_in_order_and_no_more_than_there_is_room_for(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	until_return(rules_free) struct rules *rules = rules_new();
	const struct rule *hits[100];

	for (unsigned i = 0; i < 200; i++) {
		char yaml[300];

		snprintf(yaml, sizeof yaml, "title: t\nlogsource: {product: linux}\ndetection:\n"
			"  s: {%s}\n  condition: s\n", i % 3 == 0 ? "Image|endswith: /curl" :
			i % 3 == 1 ? "Image|re: c.rl" : "Image: nothing");
		rules_add(rules, "x.yml", text_of(yaml));
	}
	rules_compile(rules);
	assert_int_equal(rules_match(rules, sample_new(&arena, EVENT_process_exec), hits, 100),
		134);
	for (size_t i = 1; i < 100; i++)
		assert_true(hits[i - 1]->number < hits[i]->number && hits[i]->number % 3 != 2);
}

static void nothing_is_allocated_per_event_once_warm(void **state)
{
	until_return(arena_clear) struct arena arena = {0};
	until_return(json_writer_clear) struct json_writer out = {0};
	until_return(rules_free) struct rules *rules = rules_new();
	const struct event *event = sample_new(&arena, EVENT_process_exec);
	const struct rule *hits[4];
	struct error err;
	size_t before = 0;

	for (size_t i = 0; i < array_size(cases); i++) {
		char yaml[1024];

		snprintf(yaml, sizeof yaml, "title: t\nlogsource: {product: linux}\ndetection:\n"
			"  s: %s\n  condition: s\n",
			cases[i].detection);
		rules_add(rules, "x.yml", text_of(yaml));
	}
	rules_compile(rules);
	event_write(event, &out);
	for (unsigned i = 0; i < 1000; i++) {
		if (i == 10)
			before = allocations;
		assert_true(rules_match(rules, event, hits, 4) > 10);
		assert_true(
			rules_match_json(rules, (struct text){out.at, out.n}, hits, 4, &err) > 10);
	}
	assert_true(before > 0);
	assert_int_equal(allocations, before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_typed_event_gives_every_field_a_rule_may_name),
		cmocka_unit_test(the_same_event_as_json_gives_the_same_answer),
		cmocka_unit_test(a_live_event_is_what_the_audit_daemon_would_have_recorded),
		cmocka_unit_test(hits_come_in_order_and_no_more_than_there_is_room_for),
		cmocka_unit_test(nothing_is_allocated_per_event_once_warm),
	};

	return cmocka_run_group_tests_name("ask", tests, NULL, NULL);
}
