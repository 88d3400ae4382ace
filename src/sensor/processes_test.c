// SPDX-License-Identifier: Apache-2.0
// The process table by itself: who is kept, who shares what, and what a wrong order or a wrong
// parent does to it.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/entity.h"
#include "sensor/feed.h"
#include "sensor/processes.h"
#include "sensor/record_test.h"

#include <cmocka.h> /* after ours: it makes a macro of fail */

static const uint64_t second = 1000000000;
static const struct wire_process init = {.pid = 1, .start = 1};

static void describe(
	struct processes *table, struct member *member, const char *path, const char *line)
{
	struct process facts;
	struct text arg = {line, strcspn(line, " ")};

	process_init(&facts);
	facts.executable = text_of(path);
	facts.command_line = text_of(line);
	facts.args = (struct text_list){&arg, 1};
	facts.cgroup = TEXT("/lxc/web");
	facts.container = (struct text){facts.cgroup.at + 5, 3};
	facts.comm = TEXT("comm");
	facts.uid = 33;
	processes_describe(table, member, &facts);
}

static struct member *exec_in(struct processes *table, struct wire_process id, const char *path)
{
	struct member *member = processes_exec(table, &id, &init);

	describe(table, member, path, path);
	return member;
}

static void facts_are_copied_once_and_shared_by_forks(void **state)
{
	until_return(processes_free) struct processes *table = processes_new(1, 0, 1 << 20);
	struct wire_process id = process_id(50, 90, 1), child = process_id(51, 95, 0);
	struct member *member = processes_exec(table, &id, &init), *copy;
	char path[] = "/usr/bin/python3", line[] = "python3 -c x";
	size_t before;

	describe(table, member, path, line);
	memset(path, '#', sizeof path);
	memset(line, '#', sizeof line);
	assert_true(text_is(member->process.executable, "/usr/bin/python3"));
	assert_true(text_is(member->process.name, "python3"));
	assert_true(text_is(member->process.command_line, "python3 -c x"));
	assert_true(text_is(member->process.args.at[0], "python3"));
	assert_ptr_equal(member->process.args.at[0].at, member->process.command_line.at);
	assert_true(text_is(member->process.container, "web"));
	before = processes_memory(table);
	copy = processes_fork(table, &id, &child, 7);
	assert_int_equal(processes_memory(table) - before, sizeof(struct member));
	assert_ptr_equal(copy->facts, member->facts);
	assert_int_equal(copy->process.uid, 33);
	assert_int_equal(copy->process.vpid, 7);
	processes_rename(copy, (char[16]){"comm"}, (char[16]){"other"});
	assert_true(text_is(copy->process.comm, "other"));
	assert_true(text_is(member->process.comm, "comm"));
}

/* An order in which a program's parts can be gone; the rest stays as it was. */
static void the_dead_are_kept_while_a_descendant_lives_or_for_five_minutes(void **state)
{
	until_return(processes_free) struct processes *table = processes_new(1, 0, 1 << 20);
	struct wire_process top = process_id(50, 90, 1), middle = process_id(51, 95, 0),
			    low = process_id(52, 99, 0);

	exec_in(table, top, "/bin/top");
	processes_fork(table, &top, &middle, 0);
	processes_fork(table, &middle, &low, 0);
	processes_exit(table, &top, second);
	processes_exit(table, &middle, 2 * second);
	processes_round(table, 1000 * second);
	assert_int_equal(processes_count(table), 4);
	assert_non_null(processes_find(table, &top));
	processes_exit(table, &low, 1001 * second);
	processes_round(table, 1300 * second);
	assert_int_equal(processes_count(table), 4);
	processes_round(table, 1302 * second);
	assert_int_equal(processes_count(table), 1);
	assert_null(processes_find(table, &top));
	assert_int_equal(processes_evicted(table), 0);
}

static void a_replaced_program_is_found_for_a_moment_by_its_generation(void **state)
{
	until_return(processes_free) struct processes *table = processes_new(1, 0, 1 << 20);
	struct wire_process id = process_id(50, 90, 0), next = process_id(50, 90, 1);

	processes_fork(table, &init, &id, 0);
	exec_in(table, next, "/bin/next");
	assert_int_equal(processes_find(table, &id)->list, MEMBERS_replaced);
	assert_ptr_equal(processes_living(table, 50), processes_find(table, &next));
	processes_round(table, 3 * second);
	assert_null(processes_find(table, &id));
	/*
	 * a record that comes even later makes it appear as an identity, and does not take the
	 * pid
	 */
	assert_int_equal(processes_get(table, &id)->list, MEMBERS_replaced);
	assert_ptr_equal(processes_living(table, 50), processes_find(table, &next));
}

static void a_parent_that_would_close_a_circle_is_not_believed(void **state)
{
	until_return(processes_free) struct processes *table = processes_new(1, 0, 1 << 20);
	const struct wire_process a = process_id(50, 90, 0), b = process_id(51, 95, 0);

	processes_fork(table, &a, &b, 0);
	processes_fork(table, &b, &a, 0);
	processes_fork(table, &a, &a, 0);
	assert_ptr_equal(
		processes_find(table, &b)->process.parent, &processes_find(table, &a)->process);
	assert_null(processes_find(table, &a)->process.parent);
}

static void under_pressure_the_longest_dead_go_first(void **state)
{
	enum { BOUND = 40 * sizeof(struct member) };
	until_return(processes_free) struct processes *table = processes_new(1, 0, BOUND);
	struct wire_process keeper = process_id(10, 5, 1), child = process_id(11, 6, 0);

	exec_in(table, keeper, "/bin/keeper");
	processes_fork(table, &keeper, &child, 0);
	processes_exit(table, &keeper, 1);
	for (uint32_t i = 0; i < 100; i++) {
		struct wire_process id = process_id(1000 + i, 100 + i, 0);

		processes_fork(table, &init, &id, 0);
		processes_exit(table, &id, 200 + i);
	}
	processes_round(table, 1000);
	assert_true(processes_memory(table) <= BOUND);
	assert_non_null(processes_find(table, &keeper));
	for (uint32_t i = 0, seen = 0; i < 100; i++) {
		struct wire_process id = process_id(1000 + i, 100 + i, 0);
		bool is_there = processes_find(table, &id);

		assert_true(is_there || !seen);
		seen |= is_there;
		assert_true(i < 99 || seen);
	}
	assert_int_equal(processes_evicted(table), 100 - (processes_count(table) - 3));
}

static void what_is_handed_out_in_a_round_stays_until_the_next(void **state)
{
	until_return(processes_free) struct processes *table = processes_new(1, 0, 1 << 20);
	struct wire_process id = process_id(50, 90, 1);
	struct member *refused, *member = exec_in(table, id, "/bin/one");
	struct text path = member->process.executable;

	describe(table, member, "/bin/two",
		"two"); /* the same exec told again: the old texts are still there */
	assert_true(text_is(path, "/bin/one"));
	refused = processes_refuse(table, &id, 100);
	describe(table, refused, "/bin/evil", "evil");
	assert_ptr_equal(refused->process.parent, &member->process);
	assert_false(entity_equal(refused->process.entity, member->process.entity));
	assert_ptr_equal(processes_living(table, 50), member);
	processes_round(table, 200);
	assert_int_equal(processes_count(table), 2);
	assert_int_equal(member->refs, 0);
}

static void entities_are_distinct_and_give_back_the_start(void **state)
{
	static const struct wire_process cases[] = {
		{1, 1, 0},
		{1, 1, 1},
		{1, 2, 0},
		{2, 1, 0},
		{UINT64_C(1) << 59, 4194303, 16383},
		{(UINT64_C(1) << 60) - 1, 4194303, 16383},
		{UINT64_C(1) << 28, 1, 0},
		{(UINT64_C(1) << 28) - 1, 1, 0},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct entity entity = entity_of(0xdeadbeef, &cases[i]);

		assert_int_equal(entity.high >> 32, 0xdeadbeef);
		assert_int_equal(entity_start(entity), cases[i].start);
		assert_int_equal(entity.low >> 14 & 0x3fffff, cases[i].pid);
		assert_int_equal(entity.low & 0x3fff, cases[i].generation);
	}
	assert_true(entity_is_none(entity_of(1, &(struct wire_process){0})));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_copied_once_and_shared_by_forks),
		cmocka_unit_test(the_dead_are_kept_while_a_descendant_lives_or_for_five_minutes),
		cmocka_unit_test(a_replaced_program_is_found_for_a_moment_by_its_generation),
		cmocka_unit_test(a_parent_that_would_close_a_circle_is_not_believed),
		cmocka_unit_test(under_pressure_the_longest_dead_go_first),
		cmocka_unit_test(what_is_handed_out_in_a_round_stays_until_the_next),
		cmocka_unit_test(entities_are_distinct_and_give_back_the_start),
	};

	return cmocka_run_group_tests_name("processes", tests, NULL, NULL);
}
