// SPDX-License-Identifier: Apache-2.0
// The parent's children: started, connected with each other, listened to, started again when they
// die, stopped in order.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/order.h"
#include "daemon/parent_private.h"
#include "daemon/procfs.h"
#include "event/event.h"

enum { FAREWELL = 12000, GONE_PATIENCE = 2000, OPENING_PATIENCE = 20000, SOCKET_BUFFER = 1 << 20 };

void crew_self(struct parent *parent, const struct message_self *self)
{
	if (parent->engine.channel && parent->engine_ready)
		channel_send(parent->engine.channel, MESSAGE_self, self, sizeof *self);
	else if (parent->self_count < SELVES_MAX)
		parent->selves[parent->self_count++] = *self;
}

void crew_say(struct parent *parent, int kind, const char *about, const char *state,
	const char *format, ...)
{
	struct message_self self = {.kind = (uint32_t)kind, .status = -1};
	va_list args;

	snprintf(self.about, sizeof self.about, "%s", about);
	snprintf(self.state, sizeof self.state, "%s", state);
	va_start(args, format);
	vsnprintf(self.message, sizeof self.message, format, args);
	va_end(args);
	crew_self(parent, &self);
}

void crew_gap(struct parent *parent, const char *cause, uint64_t count, const char *message)
{
	struct message_self self = {
		.kind = EVENT_sensor_gap, .status = -1, .count = (int64_t)count};

	snprintf(self.cause, sizeof self.cause, "%s", cause);
	snprintf(self.message, sizeof self.message, "%s", message);
	crew_self(parent, &self);
}

/* A fresh socket between engine and store, one end for each. */
static void connect_both(struct parent *parent)
{
	int pair[2], size = SOCKET_BUFFER;
	static const char nothing;

	if (!parent->engine.channel || !parent->store.channel)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	channel_send_fds(parent->engine.channel, MESSAGE_store_side, &nothing, 1, &pair[0], 1);
	channel_send_fds(parent->store.channel, MESSAGE_engine_side, &nothing, 1, &pair[1], 1);
	fd_close(&pair[0]);
	fd_close(&pair[1]);
}

static int store_start(struct parent *parent, struct error *err)
{
	struct message_store start = {
		.bytes_max = parent->options->store_bytes, .days = parent->options->store_days};

	parent->store_ready = false;
	if (child_spawn(&parent->store, &parent->post, now_ms(), err))
		return -1;
	channel_send(parent->store.channel, MESSAGE_store_start, &start, sizeof start);
	connect_both(parent);
	return 0;
}

static void boot_id_read(unsigned char id[16])
{
	char text[64] = "";
	size_t n = 0;
	unsigned byte;

	procfs_text("/proc/sys/kernel/random/boot_id", text, sizeof text);
	for (const char *at = text; *at && n < 16; at++)
		if (*at != '-' && at[1] && sscanf(at, "%2x", &byte) == 1) {
			id[n++] = (unsigned char)byte;
			at++;
		}
}

static int64_t boot_time(void)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (real.tv_sec - boot.tv_sec) * INT64_C(1000000000) + real.tv_nsec - boot.tv_nsec;
}

static int engine_start(struct parent *parent, struct error *err)
{
	struct message_start start = {
		.boot_time = boot_time(),
		.prevent = parent->options->prevent,
		.by_rules = parent->options->by_rules,
		.colour = parent->options->colour,
		.quiet = parent->options->quiet,
		.restarted = parent->engine.started != 0,
		.guards = parent->gate_waits,
		.rewrites_max = (uint32_t)parent->options->rewrites_max,
		.parent_pid = (uint32_t)getpid(),
	};
	int fds[START_FDS];

	parent->engine_ready = false;
	if (child_spawn(&parent->engine, &parent->post, now_ms(), err))
		return -1;
	boot_id_read(start.boot_id);
	for (int i = 0; i < WIRE_RINGS; i++)
		fds[START_ring0 + i] = sensor_ring(parent->sensor, (enum wire_ring)i);
	fds[START_content] = parent->content;
	fds[START_lines] = 1;
	fds[START_numbers] = parent->numbers_fd;
	parent->engine_began = *parent->numbers;
	parent->beats_at = now_ms();
	if (!channel_send_fds(
		    parent->engine.channel, MESSAGE_start, &start, sizeof start, fds, START_FDS))
		return fail(err, "cannot hand the rings to the engine: %m");
	connect_both(parent);
	return 0;
}

static void told_started(struct parent *parent, const struct child *child)
{
	struct message_self self = {.kind = EVENT_sensor_child, .pid = child->pid, .status = -1};

	if (!child->restarts)
		return;
	fprintf(stderr, "saker: the %s was started again (process %d)\n", role_names[child->role],
		child->pid);
	snprintf(self.about, sizeof self.about, "%s", role_names[child->role]);
	snprintf(self.state, sizeof self.state, "started");
	snprintf(self.message, sizeof self.message, "the %s was started again",
		role_names[child->role]);
	crew_self(parent, &self);
}

int crew_start_store(struct parent *parent, struct error *err)
{
	return store_start(parent, err);
}

/*
 * Events that an engine had numbered and that are not in the store: it died with them in its
 * hands. The store has said what it got; what was refused or dropped and not told yet dies with
 * it too.
 */
static void engine_losses(struct parent *parent)
{
	const struct numbers *now = parent->numbers, *then = &parent->engine_began;
	uint64_t numbered = now->sequence - then->sequence;
	uint64_t unheard = parent->gone.kept + parent->gone.refused - now->settled_here;
	uint64_t settled = now->kept - then->kept + now->refused - then->refused + now->dropped -
		then->dropped + unheard;
	uint64_t lost = (numbered > settled ? numbered - settled : 0) + now->untold +
		now->untold_files;

	parent->gone_came = parent->gone_wanted = false;
	parent->numbers->untold = parent->numbers->untold_files = 0;
	parent->numbers->kept +=
		parent->gone.kept > now->settled_here ? parent->gone.kept - now->settled_here : 0;
	parent->numbers->settled_here = 0;
	if (lost)
		crew_gap(parent, "engine", lost,
			"events that were judged, but not kept before the engine died");
}

static void told_ended(struct parent *parent, const struct child *child, pid_t pid, int status)
{
	struct message_self self = {.kind = EVENT_sensor_child, .pid = pid, .status = -1};
	const char *role = role_names[child->role];

	snprintf(self.about, sizeof self.about, "%s", role);
	snprintf(self.state, sizeof self.state, "ended");
	if (WIFSIGNALED(status)) {
		self.signal = WTERMSIG(status);
		snprintf(self.message, sizeof self.message,
			"the %s (process %d) was ended by signal %d", role, pid, self.signal);
	} else {
		self.status = WEXITSTATUS(status);
		snprintf(self.message, sizeof self.message,
			"the %s (process %d) ended with status %d", role, pid, self.status);
	}
	if (parent->stopping)
		return;
	fprintf(stderr, "saker: %s; it is started again\n", self.message);
	crew_self(parent, &self);
}

static void engine_ended(struct parent *parent)
{
	parent->engine_ready = false;
	if (parent->hold) {
		hold_release(parent->hold);
		hold_forget(parent->hold);
	}
	if (parent->gate) {
		guards_release(parent);
		hold_forget(parent->gate);
	}
	parent->gone_wanted = true;
	parent->gone_until = now_ms() + GONE_PATIENCE;
	if (parent->gone_came)
		engine_losses(parent);
}

/*
 * The account of the last engine is closed before the next one begins; without the store's word
 * it is an upper limit.
 */
static bool account_is_open(struct parent *parent, int64_t now)
{
	if (parent->gone_wanted && parent->store.channel && now < parent->gone_until)
		return true;
	if (parent->gone_wanted) {
		parent->gone = (struct message_stored){.kept = parent->numbers->settled_here};
		engine_losses(parent);
	}
	return false;
}

void crew_start_due(struct parent *parent)
{
	int64_t now = now_ms();
	struct error err = {0};

	if (parent->stopping)
		return;
	if (child_due(&parent->store, now) && !store_start(parent, &err))
		told_started(parent, &parent->store);
	if (child_due(&parent->engine, now) && !account_is_open(parent, now) &&
		!engine_start(parent, &err))
		told_started(parent, &parent->engine);
	if (child_due(&parent->scan, now) &&
		!child_spawn(&parent->scan, &parent->post, now, &err)) {
		parent->scans_out = 0;
		told_started(parent, &parent->scan);
	}
	if (parent->hold && child_due(&parent->witness, now) &&
		!child_spawn(&parent->witness, &parent->post, now, &err))
		told_started(parent, &parent->witness);
	if (child_due(&parent->guard, now) && guards_wanted(parent) && guards_start(parent, &err))
		told_started(parent, &parent->guard);
	if (holds_any(parent) && child_due(&parent->watchdog, now) &&
		!child_spawn(&parent->watchdog, &parent->post, now, &err))
		told_started(parent, &parent->watchdog);
	if (err.text[0])
		fprintf(stderr, "saker: %s\n", err.text);
}

void crew_reap(struct parent *parent)
{
	struct child *children[] = {
		&parent->engine, &parent->store, &parent->witness, &parent->scan,
		&parent->guard, &parent->watchdog};
	struct rusage used;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
		parent->cpu_ended +=
			(uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
			(uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
		for (size_t i = 0; i < array_size(children); i++) {
			if (!child_ended(children[i], pid, now_ms()))
				continue;
			if (children[i] == &parent->engine)
				engine_ended(parent);
			if (children[i] == &parent->store)
				parent->store_ready = false;
			if (children[i] == &parent->guard) {
				parent->guard_ready = false;
				guards_release(parent);
			}
			told_ended(parent, children[i], pid, status);
		}
		journal_ended(parent, pid);
	}
}

void crew_opening(struct parent *parent)
{
	bool late = now_ms() - parent->began > OPENING_PATIENCE;

	if (parent->watching || !parent->engine_ready ||
		(guards_wanted(parent) && !parent->guard_ready && !late))
		return;
	report_opening(parent);
	parent->watching = true;
}

static void iterate(struct parent *parent)
{
	struct error err = {0};
	until_return(fd_close) int fd = sensor_iterate(parent->sensor, &err);
	static const char nothing;

	if (fd < 0)
		crew_say(parent, EVENT_sensor_notice, "process_running", "failed", "%.200s",
			err.text);
	else
		channel_send_fds(parent->engine.channel, MESSAGE_iterate, &nothing, 1, &fd, 1);
}

static void content_ready(struct parent *parent, const struct message_ready *ready)
{
	parent->ready = *ready;
	parent->ready.first_problem[sizeof parent->ready.first_problem - 1] = 0;
	parent->engine.rights = ready->rights;
	parent->engine_ready = true;
	sensor_wanted(parent->sensor, ready->kinds);
	if (parent->options->prevent)
		sensor_arm(parent->sensor, true);
	for (size_t i = 0; i < parent->self_count; i++)
		crew_self(parent, &parent->selves[i]);
	parent->self_count = 0;
	iterate(parent);
	crew_opening(parent);
}

static void kill_ordered(struct parent *parent, const struct message_kill *order)
{
	struct message_killed killed = {.id = order->id, .error = order_kill(order)};

	channel_send(parent->engine.channel, MESSAGE_killed, &killed, sizeof killed);
	channel_flush(parent->engine.channel, NULL);
}

static void on_engine(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct parent *parent = context;
	const struct message_verdict *verdict = bytes;
	struct error err = {0};
	int status = 0;

	switch (message) {
	case MESSAGE_content_ready:
		content_ready(parent, bytes);
		break;
	case MESSAGE_verdict:
		if (parent->hold)
			hold_answer(parent->hold, verdict->id, verdict->allow, verdict->cache);
		break;
	case MESSAGE_file_verdict:
		guards_verdict(parent, verdict);
		break;
	case MESSAGE_image:
		status = order_image(parent->sensor, bytes, &err);
		break;
	case MESSAGE_place:
		status = order_place(parent->sensor, bytes, &err);
		break;
	case MESSAGE_clause:
		status = order_clause(parent->sensor, bytes, &err);
		break;
	case MESSAGE_address:
		status = order_address(parent->sensor, bytes, &err);
		break;
	case MESSAGE_kill:
		kill_ordered(parent, bytes);
		break;
	case MESSAGE_hash:
		scans_order(parent, bytes, n);
		break;
	default:
		break;
	}
	if (status)
		crew_say(parent, EVENT_sensor_notice, "order", "failed", "%.240s", err.text);
}

static void on_store(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct parent *parent = context;
	const struct message_opened *opened = bytes;

	if (message == MESSAGE_engine_gone) {
		memcpy(&parent->gone, bytes, sizeof parent->gone);
		parent->gone_came = true;
		if (parent->gone_wanted)
			engine_losses(parent);
		return;
	}
	if (message != MESSAGE_store_ready)
		return;
	parent->store.rights = opened->rights;
	parent->store_ready = !opened->sentence[0];
	snprintf(parent->refusal, sizeof parent->refusal, "%.*s", (int)sizeof opened->sentence,
		opened->sentence);
	if (parent->watching && !parent->store_ready) {
		fprintf(stderr, "saker: %s\n", parent->refusal);
		crew_say(
			parent, EVENT_sensor_notice, "store", "failed", "%.240s", parent->refusal);
	}
}

static void on_witness(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	const struct message_seen *seen = bytes;

	holds_seen(context, seen, (struct text){(const char *)(seen + 1), n - sizeof *seen});
}

static void on_scan(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	scans_done(context, bytes);
}

static void on_guard(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	if (message == MESSAGE_guard_ready)
		guards_ready(context, bytes);
	else
		guards_sifted(context, bytes);
}

/*
 * A child that said what it may not, or closed its channel without ending, is ended; the rest is
 * reaping's.
 */
static void talk(struct parent *parent, struct child *child, channel_handler *on)
{
	struct error err = {0};

	if (!child->channel)
		return;
	if (!channel_receive(child->channel, on, parent, &err) &&
		!channel_flush(child->channel, &err))
		return;
	channel_free(&child->channel);
	if (child->pid)
		kill(child->pid, SIGKILL);
}

void crew_talk(struct parent *parent)
{
	talk(parent, &parent->engine, on_engine);
	talk(parent, &parent->store, on_store);
	talk(parent, &parent->witness, on_witness);
	talk(parent, &parent->scan, on_scan);
	talk(parent, &parent->guard, on_guard);
}

static void wait_for_end(struct parent *parent, const struct child *child)
{
	int64_t end = now_ms() + FAREWELL;

	while (child->pid && now_ms() < end) {
		struct pollfd wait[] = {
			{parent->engine.channel ? channel_fd(parent->engine.channel) : -1, POLLIN,
				0},
			{parent->store.channel ? channel_fd(parent->store.channel) : -1, POLLIN,
				0},
		};

		poll(wait, array_size(wait), 10);
		if (parent->engine.channel &&
			channel_receive(parent->engine.channel, on_engine, parent, NULL))
			channel_free(&parent->engine.channel);
		if (parent->store.channel &&
			channel_receive(parent->store.channel, on_store, parent, NULL))
			channel_free(&parent->store.channel);
		crew_reap(parent);
	}
}

void crew_stop(struct parent *parent)
{
	struct message_stop stop = {report_dropped(parent)};
	static const char nothing;
	struct error err;

	parent->stopping = true;
	if (parent->engine.channel) {
		channel_send(parent->engine.channel, MESSAGE_stop, &stop, sizeof stop);
		channel_flush(parent->engine.channel, &err);
		wait_for_end(parent, &parent->engine);
	}
	if (parent->store.channel) {
		channel_send(parent->store.channel, MESSAGE_store_stop, &nothing, 1);
		channel_flush(parent->store.channel, &err);
		wait_for_end(parent, &parent->store);
	}
	child_kill(&parent->engine);
	child_kill(&parent->store);
	child_kill(&parent->witness);
	child_kill(&parent->scan);
	child_kill(&parent->guard);
	child_kill(&parent->watchdog);
}
