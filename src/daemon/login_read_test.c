// SPDX-License-Identifier: Apache-2.0
// Lines of the log of logins, in both forms of time.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/own.h"
#include "daemon/login_read.h"

static void lines_become_events(void **state)
{
	static const struct {
		const char *line;
		enum event_kind kind;
		const char *user, *by, *source, *method;
		uint32_t pid;
	} cases[] = {
#define OLD "Nov 25 15:54:16 host "
#define NEW "2026-11-25T15:54:16.123456+00:00 host "
		{NEW "sshd-session[9]: Failed password for invalid user admin from 2001:db8::1 "
		     "port 1 ssh2",
			EVENT_session_failed, "admin", "", "2001:db8::1", "password", 9},
		{OLD "sshd[123]: "
		     "Accepted publickey for alice from 192.0.2.7 port 5 ssh2: ED25519 SHA256:abc",
			EVENT_session_start, "alice", "", "192.0.2.7", "publickey", 123},
		{OLD "sshd[1]: "
		     "Invalid user x from 192.0.2.7 port 2",
			EVENT_session_failed, "x", "", "192.0.2.7", "", 1},
		{OLD "sshd[1]: "
		     "pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)",
			EVENT_session_start, "root", "", "", "", 1},
		{OLD "su: "
		     "pam_unix(su:session): session closed for user root",
			EVENT_session_end, "root", "", "", "", 0},
		{OLD "sudo[4]: "
		     "   al : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/id",
			EVENT_session_start, "root", "al", "", "", 4},
		{OLD "sudo[4]: "
		     "   bob : 3 incorrect password attempts ; USER=root ; COMMAND=/bin/sh",
			EVENT_session_failed, "root", "bob", "", "", 4},
		{OLD "su[5]: "
		     "FAILED SU (to root) bob on pts/1",
			EVENT_session_failed, "root", "bob", "", "", 5},
		{OLD "useradd[6]: "
		     "new user: name=eve, UID=1001, GID=1001",
			EVENT_account_create, "eve", "", "", "", 6},
		{OLD "userdel[6]: "
		     "delete user 'eve'",
			EVENT_account_delete, "eve", "", "", "", 6},
		{OLD "usermod[6]: "
		     "add 'eve' to group 'sudo'",
			EVENT_account_change, "eve", "", "", "", 6},
		{OLD "passwd[6]: "
		     "pam_unix(passwd:chauthtok): password changed for eve",
			EVENT_account_change, "eve", "", "", "", 6},
		{OLD "kernel: "
		     "something else",
			EVENT_KINDS, "", "", "", "", 0},
		{OLD "sshd[1]: "
		     "Failed password for invalid user x from 198.51.100.1 port 1 from "
		     "203.0.113.5 port 5 ssh2",
			EVENT_session_failed, "x from 198.51.100.1 port 1", "", "203.0.113.5",
			"password", 1},
		{OLD "sudo[4]: "
		     "   al : TTY=pts/0 ; PWD=/tmp/USER=nobody ; USER=root ; COMMAND=/bin/echo "
		     "incorrect password",
			EVENT_session_start, "root", "al", "", "", 4},
		{OLD "sshd[1]: "
		     "pam_unix(sshd:auth): authentication failure; rhost=192.0.2.1  user=root",
			EVENT_KINDS, "", "", "", "", 0},
		{"", EVENT_KINDS, "", "", "", "", 0},
		{"x", EVENT_KINDS, "", "", "", "", 0},
		{"Nov 25 15:54:16 host sshd[", EVENT_KINDS, "", "", "", "", 0},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		until_return(arena_clear) struct arena arena = {0};
		char buffer[FIELD_BUFFER];
		uint32_t pid = 0;
		struct event *event =
			login_read(&arena, text_of(cases[i].line), 1, &pid);

		if ((event ? event->kind : EVENT_KINDS) != cases[i].kind)
			print_error("%s\n", cases[i].line);
		assert_int_equal(event ? event->kind : EVENT_KINDS, cases[i].kind);
		if (!event)
			continue;
		assert_true(text_is(event->login->user, cases[i].user));
		assert_true(text_is(event->login->by, cases[i].by));
		assert_true(text_is(event->login->method, cases[i].method));
		assert_true(text_is(event->login->source.family
			? address_text(event->login->source, buffer) : TEXT(""), cases[i].source));
		assert_int_equal(pid, cases[i].pid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines_become_events)};

	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
