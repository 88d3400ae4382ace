// SPDX-License-Identifier: Apache-2.0
// Records become objects: arguments, environment, scripts, files, addresses, payloads.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/own.h"
#include "sensor/args.h"
#include "sensor/assemble.h"
#include "sensor/payload.h"
#include "sensor/record_test.h"

#include <cmocka.h> /* after ours: it makes a macro of fail */

static struct record record;
static struct arena arena;
static struct users *users;

static struct text whole(void)
{
	return (struct text){(char *)record.bytes, record.n};
}

static void assert_text(struct text text, const char *wanted)
{
	if (wanted ? !text_is(text, wanted) : text.at != NULL)
		fail_msg("'%.*s' is not '%s'", (int)text.n, text.at, wanted ? wanted : "(none)");
}

/* A list as one text, its elements between bars. */
static void assert_list(struct text_list list, const char *wanted)
{
	char joined[1024] = "";

	for (size_t i = 0; i < list.n; i++)
		snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%.*s|",
			(int)list.at[i].n, list.at[i].at);
	assert_string_equal(joined, wanted);
}

static void arguments_are_joined_by_blanks_and_listed(void **state)
{
	static const struct { const char *bytes; size_t n; const char *line, *list; } cases[] = {
		{"ls\0-l", 6, "ls -l", "ls|-l|"},
		{"ls", 3, "ls", "ls|"},
		{"ls", 2, "ls", "ls|"},
		{"sh\0-c\0echo [S];id", 18, "sh -c echo [S];id", "sh|-c|echo [S];id|"},
		{"a\0\0b", 5, "a  b", "a||b|"},
		{"", 1, "", "|"},
		{"a\0\0", 3, "a ", "a||"},
		{"", 0, NULL, ""},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct process process;

		process_init(&process);
		args_read(&arena, (struct text){cases[i].bytes, cases[i].n}, cases[i].n, &process);
		assert_text(process.command_line, cases[i].line);
		assert_list(process.args, cases[i].list);
		assert_false(process.args_cut);
		assert_null(process.args_hash.at);
		assert_int_equal(process.args_length, cases[i].n);
	}
	arena_clear(&arena);
}

static void cut_arguments_show_both_ends_and_say_so(void **state)
{
	until_return(memory_free) char *bytes = memory_new(WIRE_ARGS_MAX);
	struct process process;

	memset(bytes, 'h', WIRE_ARGS_MAX);
	memset(bytes + WIRE_ARGS_MAX - WIRE_ARGS_TAIL, 't', WIRE_ARGS_TAIL);
	bytes[4] = bytes[WIRE_ARGS_MAX - 5] = bytes[WIRE_ARGS_MAX - 1] = 0;
	process_init(&process);
	args_read(&arena, (struct text){bytes, WIRE_ARGS_MAX}, 200000, &process);
	assert_true(process.args_cut);
	assert_int_equal(process.args_length, 200000);
	assert_int_equal(process.args.n, 4);
	assert_text(process.args.at[0], "hhhh");
	assert_text(process.args.at[3], "ttt");
	assert_int_equal(process.command_line.n, WIRE_ARGS_MAX - 1 + 5);
	assert_memory_equal(process.command_line.at + 65535, "h ... t", 7);
	assert_int_equal(process.args_hash.n, 64);

	/* a prefix, as far as it could be read; the hash is the one of "abc" in FIPS 180-2 */
	process_init(&process);
	args_read(&arena, TEXT("abc"), 5, &process);
	assert_true(process.args_cut);
	assert_text(process.command_line, "abc");
	assert_text(process.args_hash,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	arena_clear(&arena);
}

static void a_list_of_arguments_is_bounded_but_the_command_line_whole(void **state)
{
	until_return(memory_free) char *bytes = memory_new(20000);
	struct process process;

	process_init(&process);
	args_read(&arena, (struct text){bytes, 20000}, 20000, &process);
	assert_int_equal(process.args.n, ARGS_LIST_MAX);
	assert_int_equal(process.command_line.n, 19999);
	arena_clear(&arena);
}

static void only_chosen_variables_are_kept(void **state)
{
	static const char env[] =
		"HOME=/root\0LD_PRELOAD=/tmp/x.so\0PATH=/bin\0MYPATH=/x\0PATHS=1\0"
		"HISTFILE=/dev/null\0HISTSIZE=0\0HISTFILESIZE=5\0SSH_CONNECTION=10.0.0.1 1 "
		"10.0.0.2 22\0"
		"https_proxy=http://p\0HTTP_PROXY=http://q\0NOPROXY=1\0BASH_ENV=/tmp/"
		"e\0PYTHONPATH=/p\0"
		"PERL5LIB=/l\0KUBECONFIG=/k\0GIT_SSH_COMMAND=x\0LD_\0=LD_X\0LD_LIBRARY_PATH=";
	struct process process;

	process_init(&process);
	env_read(&arena, (struct text){env, sizeof env}, &process);
	assert_list(process.env,
		"LD_PRELOAD=/tmp/x.so|PATH=/bin|HISTFILE=/dev/null|HISTSIZE=0|"
		"SSH_CONNECTION=10.0.0.1 1 10.0.0.2 22|https_proxy=http://p|HTTP_PROXY=http://q|"
		"BASH_ENV=/tmp/e|PYTHONPATH=/p|PERL5LIB=/l|KUBECONFIG=/"
		"k|GIT_SSH_COMMAND=x|LD_LIBRARY_PATH=|");
	process_init(&process);
	env_read(&arena, TEXT("HOME=/"), &process);
	assert_null(process.env.at);
	arena_clear(&arena);
}

static void exec_facts(const struct exec_case *c, struct process *process, struct wire_exec *exec)
{
	struct assembly assembly = {.arena = &arena, .users = users};

	record_exec_case(&record, WIRE_exec, 100, process_id(5, 5, 1), process_id(1, 1, 0), c);
	assert_true(assemble_exec(&assembly, whole(), exec, process));
}

static void an_exec_has_the_facts_of_its_record(void **state)
{
	struct process process;
	struct wire_exec exec;

	exec_facts(&(struct exec_case){.path = "/usr/bin/ls",
			   .invoked = "ls",
			   .cwd = "/tmp/../srv",
			   .euid = 33,
			   .cgroup = "/lxc/web",
			   .args = "ls",
			   .tty = "pts3",
			   .argc = 1,
			   .file_flags = FILE_deleted | FILE_setuid | FILE_tmpfs},
		&process, &exec);
	assert_text(process.executable, "/usr/bin/ls");
	assert_text(process.name, "ls");
	assert_text(process.invoked, "ls");
	assert_text(process.working_directory, "/srv");
	assert_text(process.cgroup, "/lxc/web");
	assert_text(process.container, "web");
	assert_text(process.tty, "pts3");
	assert_text(process.comm, "comm");
	assert_int_equal(process.uid, 33);
	assert_text(process.user, "web");
	assert_int_equal(process.real_uid, 1000);
	assert_int_equal(process.login_uid, -1);
	assert_int_equal(process.session, 3);
	assert_int_equal(process.capabilities, 7);
	assert_int_equal(process.inode, 4711);
	assert_int_equal(process.mode, 0100755);
	assert_int_equal(process.args_count, 1);
	assert_int_equal(process.ns_uts, NUMBER_NONE);
	assert_int_equal(process.ns_pid, 4026531836);
	assert_text(process.stdin_kind, "tty");
	assert_text(process.stdout_kind, "pipe");
	assert_text(process.stderr_kind, "socket");
	assert_true(process.deleted && process.setuid && process.tmpfs && !process.memfd);
	assert_null(process.script.at);
	assert_null(process.interpreter.at);
	arena_clear(&arena);
}

static void a_script_is_told_apart_from_its_interpreter(void **state)
{
	static const struct { const char *cwd, *invoked, *wanted; } cases[] = {
		{"/srv/www", "./x.sh", "/srv/www/x.sh"},
		{"/srv/www", "/opt/x.sh", "/opt/x.sh"},
		{"/", "x.sh", "/x.sh"},
		{NULL, "x.sh", "x.sh"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct process process;
		struct wire_exec exec;

		exec_facts(&(struct exec_case){.path = "/usr/bin/dash",
				   .invoked = cases[i].invoked,
				   .interp = "/bin/sh",
				   .cwd = cases[i].cwd,
				   .file_flags = FILE_script},
			&process, &exec);
		assert_text(process.script, cases[i].wanted);
		assert_text(process.interpreter, "/bin/sh");
		assert_text(process.executable, "/usr/bin/dash");
	}
	arena_clear(&arena);
}

static void a_file_has_its_name_its_bits_and_its_lie_about_time(void **state)
{
	const int64_t day = INT64_C(86400) * 1000000000;
	const struct {
		int64_t mtime, ctime, days;
		uint32_t mode;
		bool executable, setuid;
	} cases[] = {
		{0, 400 * day, 400, 0100644, false, false},
		{399 * day + 1, 400 * day, NUMBER_NONE, 0100755, true, false},
		{399 * day, 400 * day, 1, 0104755, true, true},
		{500 * day, 400 * day, NUMBER_NONE, 0102644, false, true},
		{INT64_MIN, 400 * day, 400, 0041777, true, false},
		{INT64_MAX, INT64_MIN, NUMBER_NONE, 0042755, true, false},
	};
	struct assembly assembly = {.arena = &arena};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct file *file;

		record_file(&record, WIRE_file_rename, 100, process_id(5, 5, 1),
			"/srv/www//a/../x.php", "/tmp/./x", cases[i].mtime, cases[i].ctime,
			cases[i].mode);
		file = assemble_file(&assembly, whole());
		assert_text(file->path, "/srv/www/x.php");
		assert_text(file->name, "x.php");
		assert_text(file->extension, "php");
		assert_text(file->old_path, "/tmp/x");
		assert_int_equal(file->backdated_days, cases[i].days);
		assert_int_equal(file->executable, cases[i].executable);
		assert_int_equal(file->setuid, cases[i].setuid);
		assert_int_equal(file->uid, 33);
	}
	arena_clear(&arena);
}

/* A call that names a path tells only what it set. */
static void what_a_call_did_not_say_of_a_file_is_not_known(void **state)
{
	const int64_t day = INT64_C(86400) * 1000000000;
	const struct {
		int64_t mtime, ctime, wanted_mtime, days;
		uint32_t mode;
		int64_t wanted_mode;
		bool setuid;
	} cases[] = {
		{day, 31 * day, day, 30, 0, NUMBER_NONE, false},
		{0, 0, NUMBER_NONE, NUMBER_NONE, 04755, 04755, true},
		{0, 0, NUMBER_NONE, NUMBER_NONE, 0, NUMBER_NONE, false},
	};
	struct assembly assembly = {.arena = &arena};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct file *file;

		record_file(&record, WIRE_file_time, 100, process_id(5, 5, 1), "/srv/x", NULL,
			cases[i].mtime, cases[i].ctime, cases[i].mode);
		((struct wire_file *)record.bytes)->inode = 0;
		file = assemble_file(&assembly, whole());
		assert_int_equal(file->mtime, cases[i].wanted_mtime);
		assert_int_equal(file->backdated_days, cases[i].days);
		assert_int_equal(file->mode, cases[i].wanted_mode);
		assert_int_equal(file->setuid, cases[i].setuid);
		assert_int_equal(file->inode, NUMBER_NONE);
		assert_int_equal(file->size, NUMBER_NONE);
		assert_int_equal(file->uid, NUMBER_NONE);
		assert_null(file->old_path.at);
	}
	arena_clear(&arena);
}

static void addresses_are_known_where_the_socket_has_one(void **state)
{
	static const struct {
		uint16_t kind, family, type, port;
		uint8_t bytes[16];
		uint8_t wanted_family;
		const char *transport, *direction, *address;
	} cases[] = {
		{WIRE_connect, 2, 1, 443, {192, 0, 2, 7}, 4, "tcp", "egress", "192.0.2.7"},
		{WIRE_accept, 10, 1, 443, {0x20, 1, 0xd, 0xb8, [15] = 1}, 6, "tcp", "ingress",
			"2001:db8::1"},
		{WIRE_connect, 10, 1, 443, {[10] = 255, 255, 192, 0, 2, 7}, 4, "tcp", "egress",
			"192.0.2.7"},
		{WIRE_connect, 10, 1, 443, {[15] = 1}, 6, "tcp", "egress", "::1"},
		{WIRE_connect, 2, 2, 53, {0}, 4, "udp", "egress", "0.0.0.0"},
		{WIRE_raw, 2, 3, 0, {0}, 0, "raw", NULL, NULL},
		{WIRE_raw, 17, 3, 0, {0}, 0, "packet", NULL, NULL},
	};
	struct assembly assembly = {.arena = &arena};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct wire_network wire = {
			.head = record_head(cases[i].kind, 100, process_id(5, 5, 1)),
			.family = cases[i].family, .type = cases[i].type,
			.destination_port = cases[i].port, .result = -13,
		};
		char buffer[FIELD_BUFFER];
		struct network *network;

		memcpy(wire.destination, cases[i].bytes, 16);
		record.n = 0;
		record_put(&record, &wire, sizeof wire);
		network = assemble_network(&assembly, whole(), &wire);
		assert_int_equal(network->destination_ip.family, cases[i].wanted_family);
		assert_int_equal(network->source_ip.family, 0);
		assert_int_equal(network->source_port, NUMBER_NONE);
		assert_int_equal(network->result, 13);
		assert_int_equal(network->initiated, cases[i].kind == WIRE_connect);
		assert_text(network->transport, cases[i].transport);
		assert_text(network->direction, cases[i].direction);
		if (cases[i].address)
			assert_text(
				address_text(network->destination_ip, buffer), cases[i].address);
	}
	arena_clear(&arena);
}

static void put_word(unsigned char *bytes, unsigned i, uint32_t word)
{
	for (unsigned k = 0; k < 4; k++)
		bytes[4 * i + k] = (unsigned char)(word >> 8 * k);
}

static void handshakes_are_known_in_both_forms(void **state)
{
	static const struct {
		uint32_t first, inverted, rotated;
		const char *form;
		size_t length;
	} cases[] = {
		{0x1234abcd, 0xedcb5432, 0x9a246957, "old", 64},
		{0x1234abcd, 0xedcb5432, 0x9a246957, "new", 64},
		{0x00003dae, 0xffffc251, 0x5c00007b, "old", 64}, /* printed by RSA */
		{0, 0xffffffff, 0, "old", 64},
		{0, 0xffffffff, 0, "new", 64},
		{0x1234abcd, 0xedcb5433, 0x9a246957, "none", 64},
		{0x1234abcd, 0xedcb5432, 0x9a246956, "none", 64},
		{0x1234abcd, 0xedcb5432, 0x9a246957, "old", 63},
		{0x1234abcd, 0xedcb5432, 0x9a246957, "old", 65},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		bool is_new = !strcmp(cases[i].form, "new");
		unsigned char bytes[65];
		char wanted[32];

		memset(bytes, 0x5a, sizeof bytes);
		put_word(bytes, 0, cases[i].first);
		put_word(bytes, is_new ? 3 : 1, cases[i].inverted);
		put_word(bytes, is_new ? 8 : 2, cases[i].rotated);
		snprintf(wanted, sizeof wanted, "derusbi-handshake-%s", cases[i].form);
		assert_text(payload_name(bytes, cases[i].length, cases[i].length),
			cases[i].length == 64 && strcmp(cases[i].form, "none") ? wanted : NULL);
	}
}

static void a_message_counts_only_if_size_and_checksum_hold(void **state)
{
	static const struct {
		uint32_t size, type, sum;
		size_t kept, length;
		const char *wanted;
	} cases[] = {
		{30, 4, 1 + 2 + 3 + 4 + 5 + 6, 30, 30, "derusbi-header-type-4"},
		{30, 2, 21, 30, 30, "derusbi-header-type-2"},
		/* the sum of the bytes with the key 7, 0, 0, 0 undone: 6+2+3+4+2+6 */
		{30, 2, 23, 30, 30, "derusbi-header-type-2"},
		{30, 4, 22, 30, 30, NULL},
		{31, 4, 21, 30, 30, NULL},
		{30, 3, 21, 30, 30, NULL},
		{24, 4, 0, 24, 24, NULL},
		{300, 4, 21, 30, 300, NULL},
		{8, 4, 0, 8, 8, NULL},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		unsigned char bytes[32] = {0};

		put_word(bytes, 0, cases[i].size);
		put_word(bytes, 1, cases[i].type);
		put_word(bytes, 2, cases[i].sum);
		put_word(bytes, 3, 7);
		for (unsigned char k = 0; k < 6; k++)
			bytes[24 + k] = k + 1;
		assert_text(payload_name(bytes, cases[i].kept, cases[i].length), cases[i].wanted);
	}
	assert_null(payload_name(NULL, 0, 0).at);
}

int main(void)
{
	int failed;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_joined_by_blanks_and_listed),
		cmocka_unit_test(cut_arguments_show_both_ends_and_say_so),
		cmocka_unit_test(a_list_of_arguments_is_bounded_but_the_command_line_whole),
		cmocka_unit_test(only_chosen_variables_are_kept),
		cmocka_unit_test(an_exec_has_the_facts_of_its_record),
		cmocka_unit_test(a_script_is_told_apart_from_its_interpreter),
		cmocka_unit_test(a_file_has_its_name_its_bits_and_its_lie_about_time),
		cmocka_unit_test(what_a_call_did_not_say_of_a_file_is_not_known),
		cmocka_unit_test(addresses_are_known_where_the_socket_has_one),
		cmocka_unit_test(handshakes_are_known_in_both_forms),
		cmocka_unit_test(a_message_counts_only_if_size_and_checksum_hold),
	};

	users = users_new("web:x:33:33::/:\nalice:x:1000:1000::/:\n");
	failed = cmocka_run_group_tests_name("assemble", tests, NULL, NULL);
	users_free(&users);
	return failed;
}
