// SPDX-License-Identifier: Apache-2.0
// A line of the log of logins: its program and process behind time and host, then one of a few
// sentences.

#include <string.h>

#include "base/own.h"
#include "daemon/login_read.h"

/* What is left of a line. */
struct rest {
	struct text text;
};

static bool take(struct rest *rest, const char *words)
{
	size_t n = strlen(words);

	if (rest->text.n < n || memcmp(rest->text.at, words, n))
		return false;
	rest->text = (struct text){rest->text.at + n, rest->text.n - n};
	return true;
}

/* Up to the first of these characters, which stays. */
static struct text until(struct rest *rest, const char *ends)
{
	struct text text = {rest->text.at, 0};

	while (text.n < rest->text.n && !strchr(ends, rest->text.at[text.n]))
		text.n++;
	rest->text = (struct text){rest->text.at + text.n, rest->text.n - text.n};
	return text;
}

/* Where these words come, NULL if they do not. */
static const char *find(const struct rest *rest, const char *words)
{
	if (!rest->text.at || !rest->text.n)
		return NULL;
	return memmem(rest->text.at, rest->text.n, words, strlen(words));
}

static bool has(const struct rest *rest, const char *words)
{
	return find(rest, words);
}

/* Everything up to and with these words; false, and nothing taken, if they do not come. */
static bool skip(struct rest *rest, const char *words)
{
	const char *at = find(rest, words);

	if (!at)
		return false;
	rest->text.n -= (size_t)(at - rest->text.at) + strlen(words);
	rest->text.at = at + strlen(words);
	return true;
}

/* "Nov 25 15:54:16 host " or "2026-11-25T15:54:16.1+00:00 host ", taken off. */
static bool head_take(struct rest *rest)
{
	bool old = rest->text.n > 16 && rest->text.at[3] == ' ' && rest->text.at[6] == ' ';

	if (old)
		rest->text = (struct text){rest->text.at + 16, rest->text.n - 16};
	else
		until(rest, " "), take(rest, " ");
	return until(rest, " ").n && take(rest, " ");
}

/* "sshd[123]: " */
static bool program_take(struct rest *rest, struct text *program, uint32_t *pid)
{
	int64_t number;

	*program = until(rest, "[: ");
	*pid = 0;
	if (take(rest, "[")) {
		if (text_number(until(rest, "]"), &number) && number > 0 && number < UINT32_MAX)
			*pid = (uint32_t)number;
		take(rest, "]");
	}
	return program->n && take(rest, ": ");
}

/* "USER from ADDRESS port N": the name is the stranger's, and may itself hold " from ". */
static void from_take(struct rest *rest, struct login *login)
{
	struct rest last = *rest;

	login->user = rest->text;
	while (skip(&last, " from ")) {
		login->user.n = (size_t)(last.text.at - rest->text.at) - strlen(" from ");
		login->user.at = rest->text.at;
	}
	rest->text = last.text;
	if (!login->user.n)
		login->user = TEXT("?");
	address_read(until(rest, " "), &login->source);
	if (take(rest, " port "))
		text_number(until(rest, " :"), &login->port);
}

static enum event_kind sshd_read(struct rest *rest, struct login *login)
{
	if (take(rest, "message repeated "))
		skip(rest, ": [ "); /* told once, not so often */
	if (take(rest, "Accepted ")) {
		login->method = until(rest, " ");
		if (!take(rest, " for "))
			return EVENT_KINDS;
		from_take(rest, login);
		if (skip(rest, "SHA256:"))
			login->key = until(rest, " ");
		return EVENT_session_start;
	}
	if (take(rest, "Failed ")) {
		login->method = until(rest, " ");
		if (!take(rest, " for "))
			return EVENT_KINDS;
		take(rest, "invalid user ");
		from_take(rest, login);
		return EVENT_session_failed;
	}
	if (take(rest, "Invalid user ")) {
		from_take(rest, login);
		return EVENT_session_failed;
	}
	return EVENT_KINDS;
}

/* "pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)" */
static enum event_kind pam_read(struct rest *rest, struct login *login)
{
	enum event_kind kind;

	take(rest, "(");
	until(rest, ")");
	take(rest, "): ");
	if (take(rest, "session opened for user "))
		kind = EVENT_session_start;
	else if (take(rest, "session closed for user "))
		kind = EVENT_session_end;
	else if (take(rest, "authentication failure;") &&
		!text_starts(login->service, TEXT("sshd")))
		kind = EVENT_session_failed; /* sshd says so itself */
	else if (take(rest, "password changed for ")) {
		login->user = until(rest, " ");
		return EVENT_account_change;
	} else
		return EVENT_KINDS;
	if (kind != EVENT_session_failed) {
		login->user = until(rest, "( ");
		until(rest, " ");
		if (take(rest, " by ") && rest->text.n && rest->text.at[0] != '(')
			login->by = until(rest, "(");
		return kind;
	}
	if (skip(rest, "rhost="))
		address_read(until(rest, " "), &login->source);
	if (skip(rest, " user="))
		login->user = until(rest, " ");
	return kind;
}

/* "  alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id" */
static enum event_kind sudo_read(struct rest *rest, struct login *login)
{
	enum event_kind kind = EVENT_session_start;
	struct rest first;

	while (take(rest, " "))
		;
	login->by = until(rest, " ");
	if (!take(rest, " : "))
		return EVENT_KINDS;
	first = (struct rest){until(rest, ";")};
	if (has(&first, "incorrect password") || has(&first, "NOT in sudoers"))
		kind = EVENT_session_failed;
	if (take(&first, "USER="))
		login->user = until(&first, " ");
	else if (skip(rest, " ; USER=") || skip(rest, "; USER="))
		login->user = until(rest, " ");
	else
		return EVENT_KINDS;
	if (skip(rest, " ; COMMAND="))
		login->command = rest->text;
	return kind;
}

/* "(to root) alice on pts/0", "FAILED SU (to root) alice on pts/0" */
static enum event_kind su_read(struct rest *rest, struct login *login)
{
	enum event_kind kind =
		take(rest, "FAILED SU ") ? EVENT_session_failed : EVENT_session_start;

	if (!take(rest, "(to "))
		return EVENT_KINDS;
	login->user = until(rest, ")");
	if (take(rest, ") "))
		login->by = until(rest, " ");
	return kind;
}

static struct text quoted(struct rest *rest)
{
	return skip(rest, "'") ? until(rest, "'") : (struct text){0};
}

static enum event_kind account_read(struct text program, struct rest *rest, struct login *login)
{
	if (text_is(program, "useradd") && take(rest, "new user: name=")) {
		login->user = until(rest, ",");
		return EVENT_account_create;
	}
	if (text_is(program, "userdel") && take(rest, "delete user ")) {
		login->user = quoted(rest);
		return EVENT_account_delete;
	}
	if ((text_is(program, "usermod") || text_is(program, "gpasswd") ||
		    text_is(program, "useradd") || text_is(program, "groupadd")) &&
		(take(rest, "add ") || take(rest, "change user "))) {
		login->user = quoted(rest);
		return EVENT_account_change;
	}
	if ((text_is(program, "passwd") || text_is(program, "chpasswd")) &&
		skip(rest, "password changed for ")) {
		login->user = until(rest, " ");
		return EVENT_account_change;
	}
	return EVENT_KINDS;
}

static enum event_kind line_read(struct text program, struct rest *rest, struct login *login)
{
	if (take(rest, "pam_unix"))
		return pam_read(rest, login);
	if (text_is(program, "sshd") || text_is(program, "sshd-session"))
		return sshd_read(rest, login);
	if (text_is(program, "sudo"))
		return sudo_read(rest, login);
	if (text_is(program, "su"))
		return su_read(rest, login);
	return account_read(program, rest, login);
}

struct event *login_read(struct arena *arena, struct text line, event_time now, uint32_t *pid)
{
	struct rest rest = {line};
	struct login *login = login_new(arena);
	struct event *event;
	enum event_kind kind;

	if (!head_take(&rest) || !program_take(&rest, &login->service, pid))
		return NULL;
	login->message = rest.text;
	kind = line_read(login->service, &rest, login);
	if (kind == EVENT_KINDS || !login->user.n)
		return NULL;
	event = event_new(arena, kind);
	event->time = now;
	event->source = "log";
	event->login = login;
	return event;
}
