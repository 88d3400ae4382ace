// SPDX-License-Identifier: Apache-2.0
// Held programs: the parent asks the engine and keeps the watchdog quiet while it can.

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/parent_private.h"
#include "daemon/waiter.h"
#include "daemon/watchdog.h"
#include "event/event.h"

enum { LOOK_PATIENCE = 20 }; /* ms */

bool holds_any(const struct parent *parent)
{
	return parent->hold || parent->gate_waits;
}

bool holds_own(void *context, pid_t tid)
{
	const struct parent *parent = context;

	return tid == getpid() || tid == opener_tid(parent->opener) || tid == parent->engine.pid ||
		tid == parent->store.pid || tid == parent->witness.pid ||
		tid == parent->scan.pid || tid == parent->guard.pid ||
		tid == parent->watchdog.pid;
}

/* Asks the engine; without the arguments if `args` is no text. */
static bool ask_engine(
	struct parent *parent, const struct message_hold *hold, struct text args, int fd)
{
	size_t n = sizeof *hold + args.n;
	until_return(memory_free) char *bytes = memory_new(n);

	if (!parent->engine.channel || !parent->engine_ready)
		return false;
	memcpy(bytes, hold, sizeof *hold);
	if (args.n)
		memcpy(bytes + sizeof *hold, args.at, args.n);
	return channel_send_fds(parent->engine.channel, MESSAGE_hold, bytes, n, &fd, 1) &&
		!channel_flush(parent->engine.channel, NULL);
}

/* Sends the witness to look at the arguments. False if that cannot be done now. */
static bool look(struct parent *parent, const struct message_hold *hold)
{
	struct message_look order = {.id = hold->id, .tid = hold->tid};
	struct look *free_ = NULL;

	for (size_t i = 0; i < LOOKS_MAX; i++)
		if (!parent->looks[i].hold)
			free_ = &parent->looks[i];
	if (!free_ || !parent->witness.channel)
		return false;
	order.argv = waiter_argv((pid_t)hold->tid);
	if (!order.argv ||
		!channel_send(parent->witness.channel, MESSAGE_look, &order, sizeof order) ||
		channel_flush(parent->witness.channel, NULL))
		return false;
	free_->hold = memory_new(sizeof *hold);
	*free_->hold = *hold;
	free_->due = now_ms() + LOOK_PATIENCE;
	return true;
}

static bool ask(void *context, uint64_t id, int fd, pid_t tid, const char *path)
{
	struct parent *parent = context;
	struct message_hold hold = {.id = id};

	if (waiter_read(tid, &hold))
		return false;
	snprintf(hold.path, sizeof hold.path, "%s", path);
	return look(parent, &hold) || ask_engine(parent, &hold, (struct text){NULL, 0}, fd);
}

static void look_end(struct parent *parent, struct look *ended, struct text args)
{
	int fd = hold_descriptor(parent->hold, ended->hold->id);

	/* an engine that cannot be asked now is noticed at the deadline */
	if (fd >= 0)
		ask_engine(parent, ended->hold, args, fd);
	memory_free(&ended->hold);
}

void holds_seen(struct parent *parent, const struct message_seen *seen, struct text args)
{
	for (size_t i = 0; i < LOOKS_MAX; i++) {
		struct look *ended = &parent->looks[i];

		if (!ended->hold || ended->hold->id != seen->id)
			continue;
		if (seen->known) {
			ended->hold->known |= HOLD_args;
			ended->hold->args_length = (uint32_t)args.n;
			ended->hold->args_cut = seen->cut != 0;
		}
		look_end(parent, ended, seen->known ? args : (struct text){NULL, 0});
		return;
	}
}

/*
 * Whoever waits for a witness that does not come back is judged without the arguments, and the
 * witness replaced.
 */
void holds_tick(struct parent *parent)
{
	int64_t now = now_ms();
	bool stuck = false;

	if (parent->gate)
		hold_tick(parent->gate);
	if (!parent->hold)
		return;
	for (size_t i = 0; i < LOOKS_MAX; i++) {
		struct look *late = &parent->looks[i];

		if (!late->hold || (late->due > now && parent->witness.channel))
			continue;
		stuck = true;
		look_end(parent, late, (struct text){NULL, 0});
	}
	if (stuck && parent->witness.pid)
		kill(parent->witness.pid, SIGKILL);
	hold_tick(parent->hold);
}

void holds_clear(struct parent *parent)
{
	for (size_t i = 0; i < LOOKS_MAX; i++)
		memory_free(&parent->looks[i].hold);
	hold_free(&parent->hold);
}

static void let_go(void *context, pid_t tid, const char *path, const char *result, const char *why)
{
	struct parent *parent = context;
	struct message_self self = {.kind = EVENT_prevention, .pid = tid, .status = -1};

	snprintf(self.about, sizeof self.about, "hold");
	snprintf(self.state, sizeof self.state, "%s", result);
	snprintf(self.message, sizeof self.message, "%.150s went on without a verdict: %.60s",
		path, why);
	crew_self(parent, &self);
}

void holds_open(struct parent *parent)
{
	struct hold_options options = {
		.kind = HOLD_programs,
		.folders = &parent->options->scope_path,
		.folder_count = 1,
		.deadline = parent->options->hold_deadline,
		.own = holds_own,
		.ask = ask,
		.let_go = let_go,
		.context = parent,
	};
	struct error err = {0};

	if (!parent->options->prevent || parent->options->scope != SCOPE_dir)
		return;
	parent->hold = hold_new(&options, &err);
	if (!parent->hold)
		snprintf(parent->hold_why, sizeof parent->hold_why, "%.*s",
			(int)sizeof parent->hold_why - 1, err.text);
}

static void beat(const struct parent *parent, char byte)
{
	if (parent->watchdog.channel)
		send(channel_fd(parent->watchdog.channel), &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void holds_beat(struct parent *parent)
{
	int64_t now = now_ms();

	if (!holds_any(parent) || now == parent->beat)
		return;
	parent->beat = now;
	beat(parent, WATCHDOG_ARMED);
}

void holds_idle(struct parent *parent)
{
	beat(parent, WATCHDOG_IDLE);
}
