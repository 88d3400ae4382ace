// SPDX-License-Identifier: Apache-2.0
// Rights that were given up are gone: a child of each kind tries what it must not be able to do.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/rights.h"

enum { NOBODY = 65534, BPF_MAP_CREATE = 0 };

static char folder[64];

/* Deeds: 0 if done, else errno. */
static int open_passwd(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int open_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int make_map(void)
{
	struct {
		uint32_t type, key, value, entries;
		char rest[112];
	} attributes = {2, 4, 4, 1, {0}};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes) < 0 ? errno : 0;
}

static int look_at_map(void)
{
	char attributes[128] = {0};

	/* a descriptor that is no map: EBADF shows that the call itself was let through */
	memset(attributes, 0xff, 4);
	return syscall(SYS_bpf, 1, attributes, sizeof attributes) < 0 ? errno : 0;
}

static int start_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int signal_parent(void)
{
	return kill(getppid(), 0) ? errno : 0;
}

static int executable_memory(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? errno : 0;
}

static int become_root(void)
{
	return setuid(0) ? errno : 0;
}

static int write_in_folder(void)
{
	char path[96];

	snprintf(path, sizeof path, "%s/file", folder);
	return open(path, O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}

static int run_in_folder(void)
{
	char path[96];

	snprintf(path, sizeof path, "%s/file", folder);
	execl(path, path, (char *)NULL);
	return errno;
}

static int write_in_tmp(void)
{
	char path[64];

	snprintf(path, sizeof path, "/tmp/saker-rights-%d", getpid());
	return open(path, O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}

static int change_time(void)
{
	struct timespec now = {1, 0};

	return syscall(SYS_clock_settime, CLOCK_REALTIME, &now) ? errno : 0;
}

static int load_module(void)
{
	return syscall(SYS_finit_module, -1, "", 0) ? errno : 0;
}

static int map_memory(void)
{
	void *map = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? errno : 0;
}

static int abort_oneself(void)
{
	return tgkill(getpid(), gettid(), 0) ? errno : 0;
}

static const struct {
	enum rights rights;
	const char *about;
	int (*deed)(void);
	int wanted, or_; /* either of these */
} cases[] = {
	{RIGHTS_content, "the engine opens no file", open_passwd, EPERM, EACCES},
	{RIGHTS_content, "the engine opens no socket", open_socket, EPERM, EPERM},
	{RIGHTS_content, "the engine makes no map", make_map, EPERM, EPERM},
	{RIGHTS_content, "the engine looks at its rings while it begins", look_at_map, EBADF,
		EBADF},
	{RIGHTS_content, "the engine starts no program", start_program, EPERM, EPERM},
	{RIGHTS_content, "the engine signals nobody", signal_parent, EPERM, EPERM},
	{RIGHTS_content, "the engine does not become root", become_root, EPERM, EPERM},
	{RIGHTS_content, "the engine can end itself", abort_oneself, 0, 0},
	{RIGHTS_engine, "a running engine calls bpf no more", look_at_map, EPERM, EPERM},
	{RIGHTS_engine, "a running engine makes no executable memory", executable_memory, EPERM,
		EPERM},
	{RIGHTS_engine, "a running engine gets memory", map_memory, 0, 0},
	{RIGHTS_store, "the store writes in its folder", write_in_folder, 0, 0},
	{RIGHTS_store, "the store writes nowhere else", write_in_tmp, EACCES, EACCES},
	{RIGHTS_store, "the store reads nowhere else", open_passwd, EACCES, EACCES},
	{RIGHTS_store, "the store opens no socket", open_socket, EPERM, EPERM},
	{RIGHTS_store, "the store starts no program from its folder", run_in_folder, EPERM, EPERM},
	{RIGHTS_store, "the store calls no bpf", look_at_map, EPERM, EPERM},
	{RIGHTS_watchdog, "the watchdog opens no file", open_passwd, EPERM, EPERM},
	{RIGHTS_watchdog, "the watchdog opens no socket", open_socket, EPERM, EPERM},
	{RIGHTS_watchdog, "the watchdog maps no memory", map_memory, EPERM, EPERM},
	{RIGHTS_watchdog, "the watchdog does not become root", become_root, EPERM, EPERM},
	{RIGHTS_witness, "the witness opens no file", open_passwd, EPERM, EPERM},
	{RIGHTS_witness, "the witness opens no socket", open_socket, EPERM, EPERM},
	{RIGHTS_witness, "the witness signals nobody", signal_parent, EPERM, EPERM},
	{RIGHTS_scan, "the scan process opens no file", open_passwd, EPERM, EPERM},
	{RIGHTS_scan, "the scan process opens no socket", open_socket, EPERM, EPERM},
	{RIGHTS_scan, "the scan process signals nobody", signal_parent, EPERM, EPERM},
	{RIGHTS_scan, "the scan process makes no executable memory", executable_memory, EPERM,
		EPERM},
	{RIGHTS_parent, "the parent opens files", open_passwd, 0, 0},
	{RIGHTS_parent, "the parent opens no socket to the network", open_socket, EPERM, EPERM},
	{RIGHTS_parent, "the parent sets no clock", change_time, EPERM, EPERM},
	{RIGHTS_parent, "the parent loads no module", load_module, EPERM, EPERM},
};

/* In the child: gives up the rights, does the deed, and ends with what came of it. */
static void try_it(enum rights rights, int (*deed)(void))
{
	const struct post post = {.uid = NOBODY, .gid = NOBODY, .folder = folder};
	struct message_rights done;
	struct error err = {0};
	bool engine = rights == RIGHTS_engine;

	if (rights_drop(engine ? RIGHTS_content : rights, &post, &done, &err) ||
		(engine && rights_narrow(&err))) {
		dprintf(2, "# %s\n", err.text);
		_exit(200);
	}
	_exit(deed());
}

static void what_was_given_up_is_gone(void **state)
{
	if (geteuid())
		skip();
	for (size_t i = 0; i < array_size(cases); i++) {
		int status, got;
		pid_t pid = fork();

		if (!pid)
			try_it(cases[i].rights, cases[i].deed);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		got = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
		if (got != cases[i].wanted && got != cases[i].or_)
			print_error("%s: %d (%s)\n", cases[i].about, got, strerror(got));
		assert_true(got == cases[i].wanted || got == cases[i].or_);
	}
}

/* The kernel's own word about a child that gave up its rights. */
static void the_proof_is_what_the_kernel_says(void **state)
{
	const struct post post = {.uid = NOBODY, .gid = NOBODY, .folder = folder};
	struct rights_proof proof;
	struct error err = {0};
	int go[2];
	char byte;
	pid_t pid;

	if (geteuid())
		skip();
	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (!pid) {
		struct message_rights done;

		if (rights_drop(RIGHTS_store, &post, &done, &err) ||
			write(go[1], done.landlock ? "l" : "-", 1) != 1)
			_exit(1);
		for (;;)
			poll(NULL, 0, 1000);
	}
	assert_int_equal(read(go[0], &byte, 1), 1);
	assert_int_equal(rights_describe(pid, &proof, &err), 0);
	assert_int_equal(proof.uid, NOBODY);
	assert_true(!proof.capabilities);
	assert_int_equal(proof.no_new_privs, 1);
	assert_int_equal(proof.seccomp, 2);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(rights_describe(pid, &proof, &err), -1);
	close(go[0]);
	close(go[1]);
}

static void each_list_is_short(void **state)
{
	assert_in_range(rights_calls(RIGHTS_watchdog), 5, 15);
	assert_in_range(rights_calls(RIGHTS_engine), 20, 45);
	assert_true(rights_calls(RIGHTS_engine) < rights_calls(RIGHTS_content));
	assert_true(rights_calls(RIGHTS_content) < rights_calls(RIGHTS_store));
	assert_true(rights_calls(RIGHTS_store) < rights_calls(RIGHTS_parent));
}

static int folder_make(void **state)
{
	strcpy(folder, "/tmp/saker-rights-XXXXXX");
	return !mkdtemp(folder) || (!geteuid() && chown(folder, NOBODY, NOBODY));
}

static int folder_remove(void **state)
{
	char path[96];

	snprintf(path, sizeof path, "%s/file", folder);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_given_up_is_gone),
		cmocka_unit_test(the_proof_is_what_the_kernel_says),
		cmocka_unit_test(each_list_is_short),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
