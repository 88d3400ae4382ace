// SPDX-License-Identifier: Apache-2.0
// The parent: what it needs is opened, its rights are cut, its children are started; then it
// waits, until it is told to stop.

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/content.h"
#include "daemon/lock.h"
#include "daemon/parent_private.h"
#include "daemon/rights.h"
#include "daemon/watchdog.h"
#include "event/event.h"
#include "sensor/isolate.h"

enum {
	SECOND = 1000,
	DESCRIPTORS = 16384,
	SOURCES_MAX = 64,
	ENGINE_PATIENCE = 5000, /* ms without a beat after which the engine is taken for stuck */
	START_PATIENCE = 60000, /* the same while it reads its content */
	STORE_PATIENCE = 10000,
	HURRY = 250, /* ms in which two signals are one */
	CROSS_SECONDS = 3, /* seconds that kernel and engine may disagree about losses */
};

static int host_check(struct error *err)
{
	struct utsname host = {0};
	unsigned major = 0, minor = 0;

	if (geteuid())
		return fail(err, "saker run must be root; start it with sudo");
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return fail(err,
			"this kernel does not describe its types (/sys/kernel/btf/vmlinux is "
			"missing); boot one built with CONFIG_DEBUG_INFO_BTF, as those of the "
			"distributions since 2020");
	uname(&host);
	if (sscanf(host.release, "%u.%u", &major, &minor) == 2 &&
		(major < 5 || (major == 5 && minor < 18)))
		return fail(err, "this kernel is too old (Linux %u.%u); saker needs 5.18 or newer",
			major, minor);
	return 0;
}

/*
 * Held programs are descriptors, and one that cannot be given to us would be refused by the
 * kernel.
 */
static void descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	if (limit.rlim_max < DESCRIPTORS)
		limit.rlim_max = DESCRIPTORS;
	if (limit.rlim_cur < DESCRIPTORS)
		limit.rlim_cur = DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* The rules for what is looked through before it is opened. */
static int yara_open(const struct parent_options *options, int *fd, struct error *err)
{
	char came_with[4096];
	struct content_source source = {CONTENT_yara, options->yara};

	if (!*options->yara) {
		if (!content_folder("yara", came_with, sizeof came_with))
			return 0; /* guards_open says so */
		source.path = came_with;
	}
	*fd = content_gather(&source, 1, err);
	return *fd < 0 ? -1 : 0;
}

static int content_open_all(struct parent *parent, struct error *err)
{
	const struct parent_options *options = parent->options;
	struct content_source sources[SOURCES_MAX];
	char indicators[4096];
	size_t n = 0;

	if (options->rules_count > SOURCES_MAX - 2)
		return fail(err, "more than %u rule folders were given", SOURCES_MAX - 2);
	if (!options->rules_count) {
		if (!content_folder("rules", parent->rules_from, sizeof parent->rules_from))
			return fail(err, "cannot find the rules that came with saker; name a "
					 "folder with --rules");
		sources[n++] = (struct content_source){CONTENT_rules, parent->rules_from};
	}
	for (size_t i = 0; i < options->rules_count; i++)
		sources[n++] = (struct content_source){CONTENT_rules, options->rules[i]};
	if (options->rules_count)
		snprintf(parent->rules_from, sizeof parent->rules_from, "%s%s", options->rules[0],
			options->rules_count > 1 ? " and others" : "");
	if (*options->indicators)
		sources[n++] = (struct content_source){CONTENT_indicators, options->indicators};
	else if (content_folder("indicators", indicators, sizeof indicators))
		sources[n++] = (struct content_source){CONTENT_indicators, indicators};
	if (!access("/etc/passwd", R_OK))
		sources[n++] = (struct content_source){CONTENT_users, "/etc/passwd"};
	parent->content = content_gather(sources, n, err);
	return parent->content < 0 || yara_open(options, &parent->yara, err) ? -1 : 0;
}

static int numbers_open(struct parent *parent, struct error *err)
{
	void *at;

	parent->numbers_fd = memfd_create("saker-numbers", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (parent->numbers_fd < 0 || ftruncate(parent->numbers_fd, sizeof *parent->numbers))
		return fail(err, "cannot share memory with the engine: %m");
	/* nobody may cut it short under the parent's feet */
	fcntl(parent->numbers_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	at = mmap(NULL, sizeof *parent->numbers, PROT_READ | PROT_WRITE, MAP_SHARED,
		parent->numbers_fd, 0);
	if (at == MAP_FAILED)
		return fail(err, "cannot share memory with the engine: %m");
	parent->numbers = at;
	parent->numbers->sequence = 1;
	return 0;
}

static int signals_open(struct parent *parent, struct error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return fail(err, "cannot block signals: %m");
	parent->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return parent->signals < 0 ? fail(err, "cannot wait for signals: %m") : 0;
}

static int sensor_start(struct parent *parent, struct error *err)
{
	const struct parent_options *options = parent->options;
	struct sensor_options sensor = {
		.scope = options->scope,
		.scope_path = options->scope_path,
		.scope_pid = options->scope_pid,
		.prevent = options->prevent,
		.sensitive = options->sensitive,
		.sensitive_count = options->sensitive_count,
		.logs = options->logs,
		.log_count = options->log_count,
		.no_hooks = options->no_hooks,
		.ia32 = options->ia32,
		.protect = options->protect,
	};

	if (!realpath(options->store, parent->store_real))
		parent->store_real[0] = 0;
	sensor.own_folder = parent->store_real[0] ? parent->store_real : NULL;
	for (size_t i = 0; i < options->watched_count; i++)
		watched_add(&parent->watched, options->watched[i]);
	for (size_t i = 0; i < options->scan_folder_count; i++)
		watched_add(&parent->watched, options->scan_folders[i]);
	watched_users(&parent->watched, "/etc/passwd");
	sensor.watched = parent->watched.at;
	sensor.watched_count = parent->watched.n;
	memcpy(sensor.rates, options->rates, sizeof sensor.rates);
	memcpy(sensor.ring_bytes, options->ring_bytes, sizeof sensor.ring_bytes);
	parent->sensor = sensor_open(&sensor, err);
	if (!parent->sensor)
		return -1;
	if (options->prevent)
		sensor_prove(parent->sensor);
	return 0;
}

static void tell_beginning(struct parent *parent, pid_t died)
{
	const struct parent_options *options = parent->options;
	const struct capability *all;
	size_t n = sensor_capabilities(parent->sensor, &all);

	crew_say(parent, EVENT_sensor_start, "saker", "started",
		"version %s, %s mode, scope %.100s", SAKER_VERSION,
		options->prevent ? "prevent" : "detect",
		options->scope_text ? options->scope_text : "host");
	if (died)
		crew_say(parent, EVENT_sensor_notice, "saker", "ended",
			"saker (process %d) ended before this without being stopped; nothing was "
			"watched since",
			died);
	for (size_t i = 0; i < n; i++) {
		struct message_self self = {.kind = EVENT_sensor_capability, .status = -1};

		memcpy(self.about, all[i].about, sizeof self.about);
		memcpy(self.state, all[i].state, sizeof self.state);
		memcpy(self.via, all[i].via, sizeof self.via);
		memcpy(self.message, all[i].message, sizeof self.message);
		crew_self(parent, &self);
	}
}

/*
 * A store that cannot be opened at the start is the user's to mend; later it is tried again and
 * again.
 */
static int store_wait(struct parent *parent, struct error *err)
{
	int64_t end = now_ms() + STORE_PATIENCE;

	if (crew_start_store(parent, err))
		return -1;
	while (!parent->store_ready && now_ms() < end) {
		struct pollfd wait = {channel_fd(parent->store.channel), POLLIN, 0};

		poll(&wait, 1, 100);
		crew_talk(parent);
		if (parent->refusal[0])
			return fail(err, "%s", parent->refusal);
		if (!parent->store.channel)
			return fail(err, "the store process ended before it could begin");
	}
	return parent->store_ready
		? 0
		: fail(err, "the store '%s' could not be opened in 10 s", parent->options->store);
}

static void on_signals(struct parent *parent)
{
	struct signalfd_siginfo signal;

	while (read(parent->signals, &signal, sizeof signal) == sizeof signal) {
		if (signal.ssi_signo != SIGCHLD)
			parent->done = true;
	}
	crew_reap(parent);
}

/* An engine that lives but does nothing (stopped, or stuck) is as bad as none. */
static void watch_engine(struct parent *parent)
{
	int64_t now = now_ms(), patience = parent->engine_ready ? ENGINE_PATIENCE : START_PATIENCE;

	if (parent->numbers->beats != parent->beats || !parent->engine.pid) {
		parent->beats = parent->numbers->beats;
		parent->beats_at = now;
		return;
	}
	if (now - parent->beats_at < patience)
		return;
	fprintf(stderr, "saker: the engine does not answer; it is ended\n");
	crew_say(parent, EVENT_sensor_notice, "engine", "failed",
		"the engine did not answer for %d s", (int)patience / SECOND);
	kill(parent->engine.pid, SIGKILL);
	parent->beats_at = now;
}

/*
 * The kernel's own counters against the gaps that the engine found in the numbers of the records.
 */
static void cross_check(struct parent *parent)
{
	uint64_t dropped = report_dropped(parent), told = parent->numbers->missing_rings;

	parent->cross_seconds = dropped > told ? parent->cross_seconds + 1 : 0;
	if (parent->cross_seconds != CROSS_SECONDS || !parent->engine_ready)
		return;
	crew_say(parent, EVENT_sensor_notice, "rings", "late",
		"the kernel has lost %llu events of which the next record will tell",
		(unsigned long long)(dropped - told));
}

static void each_second(struct parent *parent)
{
	parent->second = now_ms() + SECOND;
	watch_engine(parent);
	scans_tick(parent);
	guards_tick(parent);
	crew_opening(parent);
	logs_tick(parent);
	heartbeat_tick(parent);
	cross_check(parent);
	report_status(parent);
}

static int wait_ms(const struct parent *parent)
{
	int64_t now = now_ms(), due = parent->second;
	const struct child *children[] = {
		&parent->engine, &parent->store, &parent->witness, &parent->scan,
		&parent->guard, &parent->watchdog};
	int wait;

	for (size_t i = 0; i < array_size(children); i++)
		if (!children[i]->pid && children[i]->due && children[i]->due < due)
			due = children[i]->due;
	wait = due > now ? (int)(due - now) : 0;
	if (parent->hold && hold_wait(parent->hold) < wait)
		wait = hold_wait(parent->hold);
	if (parent->gate && hold_wait(parent->gate) < wait)
		wait = hold_wait(parent->gate);
	return wait < WATCHDOG_BEAT || !holds_any(parent) ? wait : WATCHDOG_BEAT;
}

static struct pollfd channel_poll(const struct child *child)
{
	struct pollfd wait = {-1, POLLIN, 0};

	if (!child->channel)
		return wait;
	wait.fd = channel_fd(child->channel);
	wait.events |= channel_waiting(child->channel) ? POLLOUT : 0;
	return wait;
}

/* Answers who waits. Whether nothing else has come, so that the loop may go on at once. */
static bool held_only(struct parent *parent, const struct pollfd *wait, size_t n)
{
	bool held = false, other = now_ms() >= parent->second;

	for (size_t i = 0; i < n; i++) {
		bool is_hold = wait[i].fd >= 0 &&
			((parent->hold && wait[i].fd == hold_fd(parent->hold)) ||
				(parent->gate && wait[i].fd == hold_fd(parent->gate)));

		held |= is_hold && wait[i].revents;
		other |= !is_hold && wait[i].revents;
	}
	if (!held)
		return false;
	if (parent->hold)
		hold_read(parent->hold);
	if (parent->gate)
		hold_read(parent->gate);
	holds_tick(parent);
	holds_beat(parent);
	return !other;
}

static void loop(struct parent *parent)
{
	while (!parent->done) {
		struct pollfd wait[] = {
			{parent->signals, POLLIN, 0},
			{parent->hold ? hold_fd(parent->hold) : -1, POLLIN, 0},
			{parent->gate ? hold_fd(parent->gate) : -1, POLLIN, 0},
			{opener_fd(parent->opener), POLLIN, 0},
			/* nobody takes its lines before that */
			{parent->engine_ready ? parent->journal : -1, POLLIN, 0},
			channel_poll(&parent->engine),
			channel_poll(&parent->store),
			channel_poll(&parent->witness),
			channel_poll(&parent->scan),
			channel_poll(&parent->guard),
		};

		poll(wait, array_size(wait), wait_ms(parent));
		/* who waits comes first; where nothing else is to be done, it is not looked for */
		if (held_only(parent, wait, array_size(wait)))
			continue;
		crew_talk(parent);
		scans_opened(parent);
		journal_read(parent);
		holds_tick(parent);
		holds_beat(parent);
		on_signals(parent);
		crew_start_due(parent);
		if (now_ms() >= parent->second)
			each_second(parent);
	}
}

static int64_t hurry_from;

/*
 * A second signal ends everything at once: the children see their channels close. One that comes
 * with the first, as when a whole group is told, does not count.
 */
static void hurry(int signal)
{
	if (now_ms() > hurry_from)
		_exit(128 + signal);
}

static void hurry_prepare(void)
{
	sigset_t set;

	hurry_from = now_ms() + HURRY;
	signal(SIGINT, hurry);
	signal(SIGTERM, hurry);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void parent_free(struct parent **parent)
{
	struct parent *p = give(*parent);

	if (!p)
		return;
	holds_clear(p);
	guards_clear(p);
	journal_clear(p);
	child_kill(&p->guard);
	child_kill(&p->engine);
	child_kill(&p->store);
	child_kill(&p->witness);
	child_kill(&p->scan);
	child_kill(&p->watchdog);
	sensor_close(&p->sensor);
	watched_clear(&p->watched);
	if (p->numbers)
		munmap(p->numbers, sizeof *p->numbers);
	fd_close(&p->numbers_fd);
	fd_close(&p->content);
	fd_close(&p->yara);
	fd_close(&p->signals);
	fd_close(&p->log);
	fd_close(&p->heart);
	lock_drop(&p->lock);
	free(p);
}

static struct parent *parent_new(const struct parent_options *options)
{
	struct parent *parent = memory_new(sizeof *parent);

	parent->options = options;
	parent->engine.role = ROLE_engine;
	parent->store.role = ROLE_store;
	parent->witness.role = ROLE_witness;
	parent->scan.role = ROLE_scan;
	parent->guard.role = ROLE_guard;
	parent->watchdog.role = ROLE_watchdog;
	parent->numbers_fd = parent->content = parent->lock = parent->signals = -1;
	parent->heart = parent->log = parent->yara = parent->journal = -1;
	parent->post.folder = options->store;
	parent->began = now_ms();
	return parent;
}

static int open_all(struct parent *parent, struct error *err)
{
	struct message_rights rights;
	pid_t died = 0;

	if (host_check(err) ||
		role_user(parent->options->user, &parent->post.uid, &parent->post.gid, err))
		return -1;
	parent->lock =
		lock_take(parent->options->store, parent->post.uid, parent->post.gid, &died, err);
	if (parent->lock < 0)
		return -1;
	descriptors_raise();
	if (content_open_all(parent, err) || numbers_open(parent, err) ||
		sensor_start(parent, err) || signals_open(parent, err))
		return -1;
	if (isolate_restore(ISOLATION_FILE, err) < 0)
		fprintf(stderr, "saker: the isolation could not begin again: %s\n", err->text);
	if (heartbeat_open(parent, err) < 0)
		return -1;
	logs_open(parent);
	if (parent->options->prevent &&
		(!parent->options->scope_text || parent->options->scope == SCOPE_dir))
		setpriority(PRIO_PROCESS, 0, WATCHDOG_NICE); /* somebody may have to wait for it */
	malloc_trim(0); /* loading took much more than running does */
	if (rights_drop(RIGHTS_parent, &parent->post, &rights, err))
		return -1;
	parent->opener = opener_new(err);
	if (!parent->opener || store_wait(parent, err))
		return -1;
	/* nobody is held before the loop is there to let them go */
	holds_open(parent);
	if (guards_open(parent, err))
		return -1;
	tell_beginning(parent, died);
	return 0;
}

int parent_run(const struct parent_options *options, struct error *err)
{
	until_return(parent_free) struct parent *parent = parent_new(options);

	if (open_all(parent, err))
		return -1;
	parent->second = now_ms();
	loop(parent);
	printf("saker is stopping\n");
	fflush(stdout);
	hurry_prepare();
	holds_clear(parent);
	guards_clear(parent);
	parent->gate_waits = false;
	journal_clear(parent);
	holds_idle(parent);
	crew_stop(parent);
	report_summary(parent);
	return 0;
}
