// SPDX-License-Identifier: Apache-2.0
// The feed from recorded bytes: what a host does, as records, and what the handler is told.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/entity.h"
#include "sensor/feed_private.h"
#include "sensor/record_test.h"

#include <cmocka.h> /* after ours: it makes a macro of fail */

enum { TOLD_MAX = 64 };

/*
 * What the handler was told, one after the other; processes as pointers, which live until the
 * next round.
 */
struct told {
	size_t n, kinds[EVENT_KINDS];
	struct {
		enum event_kind kind;
		const struct process *process;
		struct sensor sensor;
		struct file file;
		struct network network;
		char path[64], cause[16], signature[32];
		struct wire_verdict verdict;
		bool truncated;
		event_time time;
	} at[TOLD_MAX];
};

static void text_keep(char *to, size_t size, struct text text)
{
	snprintf(to, size, "%.*s", (int)text.n, text.at ? text.at : "");
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	const struct event *event = sighting->event;
	struct told *told = context;
	size_t i = told->n < TOLD_MAX ? told->n : TOLD_MAX - 1;

	told->n++;
	told->kinds[event->kind]++;
	told->at[i].kind = event->kind;
	told->at[i].process = event->process;
	told->at[i].verdict = sighting->verdict;
	told->at[i].truncated = event->truncated;
	told->at[i].time = event->time;
	if (event->sensor) {
		told->at[i].sensor = *event->sensor;
		text_keep(told->at[i].cause, sizeof told->at[i].cause, event->sensor->cause);
	}
	if (event->file) {
		told->at[i].file = *event->file;
		text_keep(told->at[i].path, sizeof told->at[i].path, event->file->path);
	}
	if (event->network) {
		told->at[i].network = *event->network;
		text_keep(told->at[i].signature, sizeof told->at[i].signature,
			event->network->signature);
	}
}

static struct record record;
static struct told told;

static const struct wire_process init = {.pid = 1, .start = 10};

static struct feed *feed_with(size_t memory_max)
{
	struct feed_handover handover = {
		.rings = {-1, -1, -1},
		.boot_id = "0123456789abcde",
		.boot_time = 1000000,
		.users = "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n",
		.memory_max = memory_max,
	};

	memset(&told, 0, sizeof told);
	memset(record_attempt, 0, sizeof record_attempt);
	return feed_new(&handover, on_sighting, &told, NULL);
}

static void give_record(struct feed *feed)
{
	feed_record(feed, record_ring(((struct wire_head *)record.bytes)->kind), record.bytes,
		record.n);
}

static void do_fork(
	struct feed *feed, uint64_t time, struct wire_process parent, struct wire_process child)
{
	record_fork(&record, time, parent, child);
	give_record(feed);
}

static void do_exec(struct feed *feed, uint64_t time, struct wire_process who, const char *path)
{
	record_exec(&record, time, who, init, path);
	give_record(feed);
}

static void do_exit(struct feed *feed, uint64_t time, struct wire_process who, int code)
{
	record_exit(&record, time, who, code);
	give_record(feed);
}

static void do_file(struct feed *feed, uint64_t time, struct wire_process who, const char *path)
{
	record_file(&record, WIRE_file_create, time, who, path, NULL, 0, 0, 0100644);
	give_record(feed);
}

static void assert_text(struct text text, const char *wanted)
{
	assert_int_equal(text.n, strlen(wanted));
	assert_memory_equal(text.at, wanted, text.n);
}

static void a_child_has_the_facts_of_its_parent_until_it_runs_a_program(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	const struct process *shell, *child, *first, *second;

	do_fork(feed, 100, init, process_id(50, 90, 0));
	do_exec(feed, 110, process_id(50, 90, 1), "/bin/bash");
	shell = told.at[1].process;
	do_fork(feed, 120, process_id(50, 90, 1), process_id(51, 115, 0));
	child = told.at[2].process;
	assert_text(child->executable, "/bin/bash");
	assert_ptr_equal(child->command_line.at, shell->command_line.at);
	assert_ptr_equal(child->parent, shell);
	assert_int_equal(child->pid, 51);
	assert_int_equal(child->start, 1000115);
	do_exec(feed, 130, process_id(51, 115, 1), "/usr/bin/env");
	first = told.at[3].process;
	assert_text(first->name, "env");
	assert_ptr_equal(first->parent, shell);
	assert_null(first->previous);
	do_exec(feed, 140, process_id(51, 115, 2), "/usr/bin/id");
	second = told.at[4].process;
	assert_ptr_equal(second->previous, first);
	assert_ptr_equal(second->parent, shell);
	assert_ptr_equal(feed_process(feed, 51), second);
	do_exit(feed, 150, process_id(51, 115, 2), 3 << 8);
	assert_int_equal(told.at[5].kind, EVENT_process_exit);
	assert_ptr_equal(told.at[5].process, second);
	assert_int_equal(second->exit_code, 3);
	assert_int_equal(second->exit_signal, NUMBER_NONE);
	assert_int_equal(second->end, 1000150);
	assert_null(feed_process(feed, 51));
	assert_ptr_equal(feed_process_last(feed, 51), second);
	assert_false(entity_equal(first->entity, second->entity));
	assert_int_equal(entity_start(second->entity), 115);
	do_exit(feed, 160, process_id(50, 90, 1), 9);
	assert_int_equal(shell->exit_signal, 9);
	assert_int_equal(shell->exit_code, NUMBER_NONE);
}

static void a_pid_that_is_given_again_is_another_process(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);

	do_exec(feed, 100, process_id(50, 90, 1), "/bin/old");
	do_exit(feed, 110, process_id(50, 90, 1), 0);
	do_fork(feed, 200, init, process_id(50, 190, 0));
	do_exec(feed, 210, process_id(50, 190, 1), "/bin/new");
	assert_text(feed_process(feed, 50)->executable, "/bin/new");
	do_file(feed, 220, process_id(50, 90, 1), "/tmp/of-the-old");
	assert_text(told.at[told.n - 1].process->executable, "/bin/old");
	/* and where the exit was lost */
	do_fork(feed, 300, init, process_id(50, 290, 0));
	assert_int_equal(entity_start(feed_process(feed, 50)->entity), 290);
	assert_null(feed_process(feed, 50)->executable.at);
}

static void the_early_end_of_a_parent_does_not_cut_the_ancestry(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	const struct process *daemon;

	do_exec(feed, 100, process_id(50, 90, 1), "/usr/sbin/httpd");
	do_fork(feed, 110, process_id(50, 90, 1), process_id(60, 105, 0));
	do_fork(feed, 120, process_id(60, 105, 0), process_id(61, 115, 0));
	do_exit(feed, 130, process_id(60, 105, 0), 0);
	/* an hour later, still; the kernel says that init is the parent now */
	feed_round(feed, UINT64_C(3600) * 1000000000);
	do_exec(feed, UINT64_C(3600) * 1000000001, process_id(61, 115, 1), "/bin/sh");
	daemon = told.at[told.n - 1].process;
	assert_text(daemon->executable, "/bin/sh");
	assert_int_equal(daemon->parent->pid, 60);
	assert_int_equal(daemon->parent->end, 1000130);
	assert_text(daemon->parent->parent->executable, "/usr/sbin/httpd");
}

static void what_is_dead_for_five_minutes_is_forgotten(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	const uint64_t second = 1000000000;

	do_exec(feed, 100, process_id(50, 90, 1), "/bin/true");
	do_exit(feed, second, process_id(50, 90, 1), 0);
	feed_round(feed, 300 * second);
	assert_int_equal(feed_numbers(feed).processes, 2);
	feed_round(feed, 302 * second);
	assert_int_equal(feed_numbers(feed).processes, 1);
	assert_int_equal(feed_numbers(feed).evicted, 0);
}

static void a_lost_fork_or_exec_leaves_a_process_of_which_only_the_identity_is_known(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	const struct process *writer;

	do_file(feed, 100, process_id(50, 90, 0), "/tmp/x");
	writer = told.at[0].process;
	assert_int_equal(writer->pid, 50);
	assert_int_equal(writer->start, 1000090);
	assert_null(writer->executable.at);
	assert_int_equal(writer->uid, NUMBER_NONE);
	do_exec(feed, 110, process_id(50, 90, 1), "/bin/sh");
	assert_int_equal(told.at[1].process->parent->pid, 1);
	/* generation 3 acts, 2 was never seen: not taken for the program of generation 1 */
	do_file(feed, 120, process_id(50, 90, 3), "/tmp/y");
	assert_null(told.at[2].process->executable.at);
	assert_text(told.at[2].process->previous->executable, "/bin/sh");
	/* nobody acts */
	do_file(feed, 130, process_id(0, 0, 0), "/tmp/z");
	assert_null(told.at[3].process);
}

static void a_refused_program_is_a_process_of_its_own_that_is_nowhere_to_be_found(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	const struct process *refused, *caller;
	struct wire_exec *wire = (struct wire_exec *)record.bytes;

	do_exec(feed, 100, process_id(50, 90, 1), "/bin/bash");
	caller = told.at[0].process;
	record_exec_case(&record, WIRE_denied, 110, process_id(50, 90, 1), init,
		&(struct exec_case){
			.path = "/tmp/evil", .args = "evil\0--now", .args_n = 11, .argc = 2});
	wire->verdict = (struct wire_verdict){.clause = 1, .rule = 7, .rung = WIRE_RUNG_lsm};
	give_record(feed);
	refused = told.at[1].process;
	assert_int_equal(told.at[1].kind, EVENT_process_exec);
	assert_int_equal(told.at[1].verdict.rule, 7);
	assert_int_equal(told.at[1].verdict.rung, WIRE_RUNG_lsm);
	assert_text(refused->executable, "/tmp/evil");
	assert_text(refused->command_line, "evil --now");
	assert_ptr_equal(refused->parent, caller);
	assert_ptr_equal(feed_process(feed, 50), caller);
	assert_false(entity_equal(refused->entity, caller->entity));
	assert_int_equal(entity_start(refused->entity), 110 | UINT64_C(1) << 59);
	feed_round(feed, 120);
	assert_int_equal(feed_numbers(feed).processes, 2);
}

static void a_thread_that_names_itself_is_no_rename(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	struct wire_rename wire = {.old = "httpd", .new_ = "[diskio]"};
	static const struct { uint32_t tid; size_t events; } cases[] = {{51, 0}, {50, 1}};

	for (size_t i = 0; i < array_size(cases); i++) {
		wire.head = record_head(WIRE_rename, 100, process_id(50, 90, 1));
		wire.head.tid = cases[i].tid;
		record.n = 0;
		record_put(&record, &wire, sizeof wire);
		record_end(&record);
		give_record(feed);
		assert_int_equal(told.n, cases[i].events);
	}
	assert_text(told.at[0].process->comm, "[diskio]");
	assert_text(told.at[0].process->old_comm, "httpd");
}

/* Every kind of act has an event; bytes that are too few are a loss. */
static void acts_become_events(void **state)
{
	static const enum event_kind kinds_of[] = {
#define RECORD(record, event, form) [WIRE_##record] = EVENT_##event,
#include "sensor/record.def"
#undef RECORD
	};

	for (unsigned kind = WIRE_exec_failed; kind < WIRE_KINDS; kind++) {
		until_return(feed_free) struct feed *feed = feed_with(0);
		struct wire_act wire = {
			.call = WIRE_CALL_ptrace, .object = "a\nname", .result = -1};

		wire.head = record_head(kind, 100, process_id(50, 90, 1));
		wire.target = process_id(60, 95, 0);
		record.n = 0;
		record_put(&record, &wire, sizeof wire);
		record_end(&record);
		give_record(feed);
		assert_int_equal(told.kinds[kinds_of[kind]], 1);
		record.n = 0;
		wire.head.length = sizeof wire - 1;
		record_put(&record, &wire, sizeof wire - 1);
		record_end(&record);
		give_record(feed);
		assert_int_equal(told.kinds[kinds_of[kind]], 1);
		assert_int_equal(told.kinds[EVENT_sensor_gap], 1);
	}
}

static void messages_of_dns_are_questions_or_answers(void **state)
{
	static const unsigned char question[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\1\0\1";
	until_return(feed_free) struct feed *feed = feed_with(0);
	struct wire_payload wire = {.length = sizeof question - 1, .kept = sizeof question - 1};

	for (int ingress = 0; ingress < 2; ingress++) {
		wire.network.head = record_head(WIRE_dns, 100, process_id(50, 90, 1));
		wire.network.head.flags |= ingress ? WIRE_FLAG_ingress : 0;
		record.n = 0;
		record_put(&record, &wire, sizeof wire);
		record_put(&record, question, sizeof question - 1);
		record_end(&record);
		give_record(feed);
	}
	/* a question that comes in is asked of us, and no answer */
	assert_int_equal(told.kinds[EVENT_dns_query], 1);
	assert_int_equal(told.kinds[EVENT_dns_answer], 0);
	assert_int_equal(told.n, 1);
}

static void payloads_are_named_or_dropped(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	unsigned char hello[64] = {
		0xcd, 0xab, 0x34, 0x12, 0x32, 0x54, 0xcb, 0xed, 0x57, 0x69, 0x24, 0x9a};

	record_payload(&record, 100, process_id(50, 90, 1), SHAPE_handshake_old, hello, 64, 64);
	give_record(feed);
	assert_int_equal(told.kinds[EVENT_network_payload], 1);
	assert_string_equal(told.at[0].signature, "derusbi-handshake-old");
	assert_int_equal(told.at[0].network.payload.n, 128);
	hello[4]++;
	record_payload(&record, 110, process_id(50, 90, 1), SHAPE_handshake_old, hello, 64, 64);
	give_record(feed);
	assert_int_equal(told.n, 1);
}

static void holes_in_the_numbers_are_gaps(void **state)
{
	static const struct { uint64_t attempts[8]; uint64_t from, to, count; } cases[] = {
		{{1, 2, 3}, 0, 0, 0},
		{{3, 4}, 1, 2, 2},
		{{1, 5, 6}, 2, 4, 3},
		{{1, 3, 5, 6}, 2, 4, 2},
		{{1, 3, 2, 4}, 0, 0, 0},
		{{1, 5, 3, 6}, 2, 4, 2},
		{{100}, 1, 99, 99},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(feed_free) struct feed *feed = feed_with(0);

		for (size_t k = 0; k < 8 && cases[i].attempts[k]; k++) {
			record_attempt[WIRE_RING_file] = cases[i].attempts[k] - 1;
			do_file(feed, 100 + k, process_id(50, 90, 1), "/tmp/x");
		}
		feed_round(feed, 1000);
		feed_round(feed, 2000);
		feed_round(feed, 3000);
		assert_int_equal(told.kinds[EVENT_sensor_gap], cases[i].count ? 1 : 0);
		assert_int_equal(feed_numbers(feed).missing, cases[i].count);
		if (!cases[i].count)
			continue;
		assert_int_equal(told.at[told.n - 1].sensor.from, cases[i].from);
		assert_int_equal(told.at[told.n - 1].sensor.to, cases[i].to);
		assert_int_equal(told.at[told.n - 1].sensor.count, cases[i].count);
		assert_int_equal(told.at[told.n - 1].sensor.cpu, 0);
		assert_string_equal(told.at[told.n - 1].cause, "ring_full");
	}
}

static void what_the_kernel_held_back_is_told_as_that(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);

	do_file(feed, 100, process_id(50, 90, 1), "/tmp/x");
	record_attempt[WIRE_RING_file] = (9 | WIRE_GOVERNED) - 1;
	do_file(feed, 101, process_id(50, 90, 1), "/tmp/x");
	record_attempt[WIRE_RING_file] = 9;
	do_file(feed, 102, process_id(50, 90, 1), "/tmp/x");
	feed_round(feed, 1000);
	feed_round(feed, 2000);
	assert_int_equal(told.kinds[EVENT_sensor_gap], 1);
	assert_int_equal(feed_numbers(feed).missing, 7);
	assert_string_equal(told.at[told.n - 1].cause, "governor");
}

static void processors_and_rings_are_counted_each_for_itself(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	struct wire_head *head = (struct wire_head *)record.bytes;

	for (uint32_t cpu = 0; cpu < 4; cpu++) {
		record_attempt[WIRE_RING_file] = cpu == 3 ? 1 : 0;
		record_file(&record, WIRE_file_create, 100, process_id(50, 90, 1), "/x", NULL, 0,
			0, 0);
		head->cpu = cpu;
		give_record(feed);
	}
	record_attempt[WIRE_RING_lifecycle] = 2;
	do_exec(feed, 110, process_id(50, 90, 1), "/bin/sh");
	feed_round(feed, 1000);
	feed_round(feed, 2000);
	assert_int_equal(told.kinds[EVENT_sensor_gap], 2);
	assert_int_equal(feed_numbers(feed).missing, 3);
	assert_int_equal(feed_numbers(feed).gaps, 2);
}

/*
 * Every record cut at every length, and every length inside set wrong: an event or a gap, never
 * anything else.
 */
static void wrong_lengths_are_gaps_and_never_read_past_the_record(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	static struct record whole;
	size_t cut;

	record_exec_case(&whole, WIRE_exec, 100, process_id(50, 90, 1), init,
		&(struct exec_case){.path = "/bin/ls",
			.interp = "/bin/ls",
			.cwd = "/",
			.cgroup = "/x",
			.args = "ls",
			.env = "PATH=/bin"});
	for (cut = 0; cut < whole.n; cut++) {
		until_return(memory_free) unsigned char *bytes = memory_new(cut + 1);

		memcpy(bytes, whole.bytes, cut);
		if (cut >= sizeof(struct wire_head))
			((struct wire_head *)bytes)->length = (u32)cut;
		feed_record(feed, WIRE_RING_lifecycle, bytes, cut);
		assert_int_equal(told.kinds[EVENT_sensor_gap], cut + 1);
		assert_string_equal(
			told.at[told.n < TOLD_MAX ? told.n - 1 : TOLD_MAX - 1].cause, "cut");
	}
	for (size_t i = 0; i < 7; i++) {
		struct wire_exec *wire = (struct wire_exec *)record.bytes;

		record = whole;
		(&wire->path_length)[i] = i & 1 ? UINT32_MAX : 100000;
		feed_record(feed, WIRE_RING_lifecycle, record.bytes, record.n);
		assert_int_equal(told.kinds[EVENT_sensor_gap], cut + i + 1);
	}
	assert_int_equal(told.kinds[EVENT_process_exec], 0);
}

static void a_host_that_forks_without_end_stays_within_the_bound(void **state)
{
	enum { FORKS = 200000, BOUND = 4 << 20 };
	static const struct { const char *what; bool they_end; bool they_chain; } cases[] = {
		{"short-lived children", true, false},
		{"a bomb of living children", false, false},
		{"children that fork and leave", true, true},
		{"a living chain", false, true},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(feed_free) struct feed *feed = feed_with(BOUND);
		struct wire_process parent = process_id(100, 90, 1);
		size_t most = 0;

		do_exec(feed, 100, parent, "/usr/bin/bomb");
		for (uint32_t k = 0; k < FORKS; k++) {
			struct wire_process child = process_id(1000 + k, 1000 + 10 * k, 0);

			do_fork(feed, 1001 + 10 * k, parent, child);
			if (cases[i].they_end)
				do_exit(feed, 1002 + 10 * k, cases[i].they_chain ? parent : child,
					0);
			if (cases[i].they_chain)
				parent = child;
			if (k % 1000)
				continue;
			feed_round(feed, 1003 + 10 * k);
			if (feed_numbers(feed).memory > most)
				most = feed_numbers(feed).memory;
		}
		feed_round(feed, 1003 + 10 * FORKS);
		assert_in_range(most, 1, BOUND);
		assert_in_range(feed_numbers(feed).memory, 1, BOUND);
		assert_true(feed_numbers(feed).evicted > 0);
		feed_round(feed, 5 * UINT64_C(1000000000));
		assert_true(told.kinds[EVENT_sensor_gap] > 0);
		assert_string_equal(told.at[TOLD_MAX - 1].cause, "memory");
		assert_int_equal(told.kinds[EVENT_process_fork], FORKS);
		assert_int_equal(feed_numbers(feed).missing, 0);
	}
}

static void long_command_lines_of_the_living_are_shortened_before_anyone_is_forgotten(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(4 << 20);
	until_return(memory_free) char *args = memory_new(WIRE_ARGS_MAX);

	memset(args, 'x', WIRE_ARGS_MAX - 1);
	for (size_t i = 63; i < WIRE_ARGS_MAX; i += 64)
		args[i] = 0;
	do_exec(feed, 100, process_id(99, 80, 1), "/usr/sbin/httpd");
	for (uint32_t i = 0; i < 400; i++) {
		do_fork(feed, 100 + i, process_id(99, 80, 1), process_id(100 + i, 90 + i, 0));
		record_exec_case(&record, WIRE_exec, 100 + i, process_id(100 + i, 90 + i, 1), init,
			&(struct exec_case){.path = "/bin/x",
				.args = args,
				.args_n = WIRE_ARGS_MAX,
				.argc = 2048});
		give_record(feed);
		do_fork(feed, 100 + i, process_id(100 + i, 90 + i, 1),
			process_id(10000 + i, 91 + i, 0));
		if (i % 10 == 0)
			feed_round(feed, 100 + i);
	}
	feed_round(feed, 1000);
	assert_in_range(feed_numbers(feed).memory, 1, 4 << 20);
	for (uint32_t i = 0; i < 400; i++) {
		const struct process *process = feed_process(feed, 100 + i);
		const struct process *child = feed_process(feed, 10000 + i);

		assert_non_null(process);
		assert_text(process->executable, "/bin/x");
		assert_text(process->parent->executable, "/usr/sbin/httpd");
		assert_ptr_equal(child->command_line.at, process->command_line.at);
		for (size_t k = 0; k < process->args.n; k++)
			assert_int_equal(process->args.at[k].n, 63);
	}
	assert_true(feed_process(feed, 100)->args_cut);
	assert_int_equal(feed_process(feed, 100)->command_line.n, 2048);
	assert_int_equal(feed_process(feed, 100)->args.n, 32);
}

static void run(
	struct feed *feed, struct wire_process who, struct wire_process parent, const char *path)
{
	struct error err;

	record_exec_case(&record, WIRE_running, 500, who, parent,
		&(struct exec_case){.path = path, .args = path, .argc = 1, .cwd = "/"});
	assert_int_equal(feed_running_record(feed, record.bytes, record.n, &err), 0);
}

static void what_ran_before_is_merged_in_any_order_and_told_once(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	const struct process *shell;

	do_fork(feed, 400, process_id(30, 20, 0),
		process_id(40, 300, 0)); /* of a parent that nobody knows yet */
	do_exec(feed, 410, process_id(41, 310, 2), "/bin/live");
	for (int pass = 0; pass < 2; pass++) {
		feed_running_begin(feed);
		run(feed, process_id(30, 20, 0), process_id(20, 15, 0),
			"/bin/bash"); /* the parent comes after it */
		run(feed, process_id(20, 15, 0), process_id(1, 10, 0), "/usr/sbin/sshd");
		run(feed, process_id(1, 10, 0), process_id(0, 0, 0), "/sbin/init");
		run(feed, process_id(40, 300, 0), process_id(30, 20, 0), "/bin/bash");
		run(feed, process_id(41, 310, 2), process_id(1, 10, 0), "/bin/title-set-later");
		feed_running_end(feed, 600);
		assert_int_equal(told.kinds[EVENT_process_running], 3);
	}
	assert_text(told.at[2].process->executable, "/sbin/init");
	assert_null(told.at[2].process->parent);
	assert_text(told.at[4].process->executable, "/bin/bash");
	shell = feed_process(feed, 30);
	assert_text(shell->parent->executable, "/usr/sbin/sshd");
	assert_ptr_equal(feed_process(feed, 40)->parent, shell);
	assert_text(feed_process(feed, 41)->executable, "/bin/live");
	/* its exec now: the program before it is its own, not a copy of sshd */
	do_exec(feed, 700, process_id(30, 20, 1), "/bin/cat");
	assert_ptr_equal(feed_process(feed, 30)->previous, shell);
	do_exec(feed, 710, process_id(40, 300, 1), "/bin/ls");
	assert_null(feed_process(feed, 40)->previous);
	/* and who is not seen any more has gone */
	feed_running_begin(feed);
	run(feed, process_id(30, 20, 0), process_id(20, 15, 0),
		"/bin/bash"); /* read before its exec */
	feed_running_end(feed, 800);
	assert_null(feed_process(feed, 20));
	assert_text(feed_process(feed, 30)->executable, "/bin/cat");
}

/*
 * After a restart of the reader: what ran has generations, which a child does not know of its
 * parent.
 */
static void a_parent_of_any_generation_is_one_process(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);

	feed_running_begin(feed);
	run(feed, process_id(30, 20, 5), process_id(40, 15, 0), "/bin/child");
	run(feed, process_id(40, 15, 3), process_id(1, 10, 0), "/bin/parent");
	run(feed, process_id(50, 25, 1), process_id(40, 15, 0), "/bin/other");
	feed_running_end(feed, 600);
	assert_text(feed_process(feed, 30)->parent->executable, "/bin/parent");
	assert_text(feed_process(feed, 50)->parent->executable, "/bin/parent");
	assert_int_equal(feed_process(feed, 40)->entity.low & 0x3fff, 3);
	assert_null(feed_process(feed, 40)->previous);
	assert_int_equal(feed_numbers(feed).processes, 4);
}

static void threads_of_the_kernel_are_no_processes(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);

	do_fork(feed, 100, process_id(2, 1, 0), process_id(77, 90, 0));
	assert_int_equal(told.n, 0);
	assert_null(feed_process(feed, 77));
}

static void the_iterator_is_read_in_pieces(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	static const struct { size_t cut; int result; } cases[] = {{0, 0}, {1, -1}};
	struct error err;

	for (size_t i = 0; i < array_size(cases); i++) {
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		for (uint32_t pid = 1; pid <= 100; pid++) {
			record_exec_case(&record, WIRE_running, 100, process_id(pid, pid, 0),
				process_id(pid - 1, pid - 1, 0),
				&(struct exec_case){.path = "/bin/x", .args = "x"});
			if (pid == 100)
				record.n -= cases[i].cut;
			assert_int_equal(write(ends[1], record.bytes, record.n), record.n);
		}
		close(ends[1]);
		assert_int_equal(feed_running(feed, ends[0], &err), cases[i].result);
		close(ends[0]);
	}
	assert_int_equal(told.kinds[EVENT_process_running], 100);
	assert_string_equal(err.text, "the process iterator ended within a record");
}

static void a_program_that_starts_itself_without_end_keeps_a_bounded_past(void **state)
{
	until_return(feed_free) struct feed *feed = feed_with(0);
	const struct process *process_;
	size_t n = 0;

	do_exec(feed, 100, process_id(40, 80, 1), "/usr/sbin/httpd");
	do_fork(feed, 101, process_id(40, 80, 1), process_id(50, 90, 0));
	for (uint32_t i = 1; i < 3000; i++) {
		do_exec(feed, 100 + i * UINT64_C(100000000), process_id(50, 90, i), "/bin/loop");
		feed_round(feed, 101 + i * UINT64_C(100000000));
	}
	for (process_ = feed_process(feed, 50); process_->previous; process_ = process_->previous)
		n++;
	assert_in_range(n, 64, 256);
	assert_text(process_->parent->executable, "/usr/sbin/httpd");
	assert_in_range(feed_numbers(feed).processes, 64, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_has_the_facts_of_its_parent_until_it_runs_a_program),
		cmocka_unit_test(a_pid_that_is_given_again_is_another_process),
		cmocka_unit_test(the_early_end_of_a_parent_does_not_cut_the_ancestry),
		cmocka_unit_test(what_is_dead_for_five_minutes_is_forgotten),
		cmocka_unit_test(
			a_lost_fork_or_exec_leaves_a_process_of_which_only_the_identity_is_known),
		cmocka_unit_test(
			a_refused_program_is_a_process_of_its_own_that_is_nowhere_to_be_found),
		cmocka_unit_test(a_thread_that_names_itself_is_no_rename),
		cmocka_unit_test(payloads_are_named_or_dropped),
		cmocka_unit_test(holes_in_the_numbers_are_gaps),
		cmocka_unit_test(what_the_kernel_held_back_is_told_as_that),
		cmocka_unit_test(processors_and_rings_are_counted_each_for_itself),
		cmocka_unit_test(wrong_lengths_are_gaps_and_never_read_past_the_record),
		cmocka_unit_test(a_host_that_forks_without_end_stays_within_the_bound),
		cmocka_unit_test(
			long_command_lines_of_the_living_are_shortened_before_anyone_is_forgotten),
		cmocka_unit_test(what_ran_before_is_merged_in_any_order_and_told_once),
		cmocka_unit_test(a_parent_of_any_generation_is_one_process),
		cmocka_unit_test(threads_of_the_kernel_are_no_processes),
		cmocka_unit_test(acts_become_events),
		cmocka_unit_test(messages_of_dns_are_questions_or_answers),
		cmocka_unit_test(the_iterator_is_read_in_pieces),
		cmocka_unit_test(a_program_that_starts_itself_without_end_keeps_a_bounded_past),
	};

	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
