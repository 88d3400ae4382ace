// SPDX-License-Identifier: Apache-2.0
// What the parent tells the user: what it sees and stops at the start, its state while it runs,
// the sum at the end.

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/own.h"
#include "daemon/parent_private.h"
#include "daemon/procfs.h"
#include "event/event.h"

enum { RUNG_PREFIX = 5 }; /* "rung_" */

static bool is_rung(const struct capability *capability)
{
	return !strncmp(capability->about, "rung_", RUNG_PREFIX);
}

static bool works(const struct capability *capability)
{
	return !strcmp(capability->state, "works");
}

uint64_t report_dropped(const struct parent *parent)
{
	uint64_t dropped = 0;

	for (int i = 0; i < WIRE_RINGS; i++)
		dropped += sensor_losses(parent->sensor, (enum wire_ring)i).dropped;
	return dropped;
}

/* "  sees        process_fork, process_exec, ..." broken before column 100. */
static void list_print(const char *head, const struct parent *parent, bool rungs)
{
	const struct capability *all;
	size_t n = sensor_capabilities(parent->sensor, &all), column = 0;

	printf("  %-9s ", head);
	for (size_t i = 0; i < n; i++) {
		const char *name = all[i].about + (rungs ? RUNG_PREFIX : 0);

		if (is_rung(&all[i]) != rungs || !works(&all[i]))
			continue;
		if (column > 70) {
			printf(",\n            ");
			column = 0;
		}
		column += (size_t)printf("%s%s", column ? ", " : "", name);
	}
	printf("%s\n", column ? "" : "nothing");
}

static void lacks_print(const struct parent *parent)
{
	const struct capability *all;
	size_t n = sensor_capabilities(parent->sensor, &all);

	for (size_t i = 0; i < n; i++)
		if (!works(&all[i]) && strcmp(all[i].state, "off"))
			printf("  cannot    %s: %s\n", all[i].about,
				all[i].message[0] ? all[i].message : all[i].state);
}

static const char *rung_state(const struct parent *parent, const char *rung)
{
	const struct capability *all;
	size_t n = sensor_capabilities(parent->sensor, &all);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].about, rung))
			return all[i].state;
	return "absent";
}

static void prevention_print(const struct parent *parent)
{
	const struct parent_options *options = parent->options;
	const struct message_ready *ready = &parent->ready;
	bool lsm = !strcmp(rung_state(parent, "rung_lsm"), "works");

	if (!options->prevent) {
		printf("  stops     nothing: detect mode (%u of the rules would deny with "
		       "--prevent)\n",
			ready->denying);
		return;
	}
	list_print("stops by", parent, true);
	printf("  rungs     %u denying rules: %u decided in the kernel by %s", ready->denying,
		ready->kernel_rules,
		lsm ? "lsm (the exec is refused)"
		    : "signal (killed before the first instruction)");
	if (parent->hold)
		printf(", all held in %s", options->scope_path);
	printf(", %u killed after detection\n", ready->denying - ready->kernel_rules);
	if (parent->hold_why[0])
		printf("  cannot    hold: %s\n", parent->hold_why);
	if (parent->gate_why[0])
		printf("  cannot    look through files before they are opened: %s\n",
			parent->gate_why);
}

void report_opening(const struct parent *parent)
{
	const struct parent_options *options = parent->options;
	const struct message_ready *ready = &parent->ready;
	struct utsname host = {0};

	uname(&host);
	printf("saker on %s, Linux %s: %s mode, scope %s\n", host.nodename, host.release,
		options->prevent ? "prevent" : "detect",
		options->scope_text ? options->scope_text : "the whole host");
	list_print("sees", parent, false);
	prevention_print(parent);
	lacks_print(parent);
	printf("  rules     %u from %s", ready->rules, parent->rules_from);
	if (ready->refused)
		printf("; %u refused, the first: %s (see `saker rules check`)", ready->refused,
			ready->first_problem);
	printf("\n");
	if (ready->addresses || ready->indicator_problems)
		printf("  listed    %u addresses, %u bad lines\n", ready->addresses,
			ready->indicator_problems);
	if (parent->guard_ready)
		printf("  files     looked through with %u YARA rules in %zu folders%s\n",
			parent->guarding.rules, hold_numbers(parent->gate).folders,
			parent->gate_waits ? ", before they are opened"
					   : ", when they were written");
	printf("  store     %s\n", options->store);
	printf("  try       `saker demo web-shell` in another terminal, then `saker timeline`; "
	       "Ctrl-C ends\n");
	printf("saker is watching\n");
	fflush(stdout);
}

static void process_write(struct json_writer *out, const char *role, pid_t pid, unsigned restarts,
	const struct message_rights *rights, uint64_t *rss)
{
	struct procfs facts = {0};

	if (!pid || procfs_read(pid, &facts, NULL))
		return;
	*rss += facts.rss;
	json_object_open(out);
	json_key(out, TEXT("role"));
	json_string(out, text_of(role));
	json_key(out, TEXT("pid"));
	json_number(out, pid);
	json_key(out, TEXT("rss"));
	json_number(out, (int64_t)facts.rss);
	json_key(out, TEXT("cpu_ms"));
	json_number(out, (int64_t)facts.cpu_ms);
	json_key(out, TEXT("restarts"));
	json_number(out, restarts);
	json_key(out, TEXT("landlock"));
	json_number(out, rights->landlock);
	json_key(out, TEXT("missing"));
	json_string(out,
		(struct text){rights->missing, strnlen(rights->missing, sizeof rights->missing)});
	json_object_close(out);
}

static void processes_write(struct parent *parent, struct json_writer *out)
{
	const struct child *children[] = {
		&parent->engine, &parent->store, &parent->witness, &parent->scan,
		&parent->guard, &parent->watchdog};
	static const struct message_rights own = {0, "reaches all files, as its work demands"};
	uint64_t rss = 0;

	json_key(out, TEXT("processes"));
	json_array_open(out);
	process_write(out, role_names[ROLE_parent], getpid(), 0, &own, &rss);
	for (size_t i = 0; i < array_size(children); i++)
		process_write(out, role_names[children[i]->role], children[i]->pid,
			children[i]->restarts, &children[i]->rights, &rss);
	json_array_close(out);
	if (rss > parent->rss_most)
		parent->rss_most = rss;
	json_key(out, TEXT("rss"));
	json_number(out, (int64_t)rss);
}

static void number_write(struct json_writer *out, struct text key, uint64_t value)
{
	json_key(out, key);
	json_number(out, (int64_t)value);
}

static void numbers_write(const struct parent *parent, struct json_writer *out)
{
	const struct numbers *n = parent->numbers;

	json_key(out, TEXT("numbers"));
	json_object_open(out);
	number_write(out, TEXT("events"), n->events);
	number_write(out, TEXT("gaps"), n->gaps);
	number_write(out, TEXT("missing"), n->missing);
	for (int i = 0; i < LEVELS; i++)
		number_write(out, text_of(level_names[i]), n->detections[i]);
	number_write(out, TEXT("prevented"), n->prevented);
	number_write(out, TEXT("killed"), n->killed);
	number_write(out, TEXT("failed"), n->failed);
	number_write(out, TEXT("holds"), n->holds);
	number_write(out, TEXT("hold_denied"), n->hold_denied);
	number_write(out, TEXT("kept"), n->kept);
	number_write(out, TEXT("refused"), n->refused);
	number_write(out, TEXT("dropped"), n->dropped);
	number_write(out, TEXT("ring_losses"), report_dropped(parent));
	number_write(out, TEXT("table"), n->processes);
	number_write(out, TEXT("evicted"), n->evicted);
	json_object_close(out);
}

static void capabilities_write(const struct parent *parent, struct json_writer *out)
{
	const struct capability *all;
	size_t n = sensor_capabilities(parent->sensor, &all);

	json_key(out, TEXT("capabilities"));
	json_array_open(out);
	for (size_t i = 0; i < n; i++) {
		json_object_open(out);
		json_key(out, TEXT("about"));
		json_string(out, text_of(all[i].about));
		json_key(out, TEXT("state"));
		json_string(out, text_of(all[i].state));
		json_key(out, TEXT("via"));
		json_string(out, text_of(all[i].via));
		json_key(out, TEXT("message"));
		json_string(out, text_of(all[i].message));
		json_object_close(out);
	}
	json_array_close(out);
}

static void hold_write(struct json_writer *out, struct text key, const struct hold *hold)
{
	struct hold_numbers numbers;

	if (!hold)
		return;
	numbers = hold_numbers(hold);
	json_key(out, key);
	json_object_open(out);
	number_write(out, TEXT("folders"), numbers.folders);
	json_key(out, TEXT("folders_cut"));
	json_bool(out, numbers.folders_cut);
	number_write(out, TEXT("open"), numbers.open);
	number_write(out, TEXT("asked"), numbers.asked);
	number_write(out, TEXT("denied"), numbers.denied);
	number_write(out, TEXT("timeouts"), numbers.timeouts);
	json_object_close(out);
}

static void overall_write(const struct parent *parent, struct json_writer *out)
{
	const struct parent_options *options = parent->options;
	int64_t seconds = (now_ms() - parent->began) / 1000;

	json_key(out, TEXT("version"));
	json_string(out, TEXT(SAKER_VERSION));
	json_key(out, TEXT("pid"));
	json_number(out, getpid());
	json_key(out, TEXT("since"));
	json_number(out, time(NULL) - seconds);
	json_key(out, TEXT("time"));
	json_number(out, time(NULL));
	json_key(out, TEXT("prevent"));
	json_bool(out, options->prevent);
	json_key(out, TEXT("scope"));
	json_string(out, options->scope_text ? text_of(options->scope_text) : TEXT("host"));
	json_key(out, TEXT("rules"));
	json_number(out, parent->ready.rules);
	json_key(out, TEXT("rules_refused"));
	json_number(out, parent->ready.refused);
}

void report_status(struct parent *parent)
{
	static const char name[] = "status";
	struct json_writer out = {0};

	if (!parent->store.channel || !parent->store_ready)
		return;
	/* the name, NUL, then the value */
	json_raw(&out, (struct text){name, sizeof name});
	out.comma = false;
	json_object_open(&out);
	overall_write(parent, &out);
	processes_write(parent, &out);
	numbers_write(parent, &out);
	hold_write(&out, TEXT("hold"), parent->hold);
	hold_write(&out, TEXT("files"), parent->gate);
	capabilities_write(parent, &out);
	json_object_close(&out);
	if (out.n <= 65536)
		channel_send(parent->store.channel, MESSAGE_store_put, out.at, out.n);
	json_writer_clear(&out);
}

static void detections_print(const struct numbers *numbers)
{
	uint64_t all = 0;
	bool more = false;

	for (int i = 0; i < LEVELS; i++)
		all += numbers->detections[i];
	printf("  detections  %llu", (unsigned long long)all);
	for (int i = 0; i < LEVELS; i++) {
		if (!numbers->detections[i])
			continue;
		printf("%s%llu %s", more ? ", " : " (", (unsigned long long)numbers->detections[i],
			level_names[i]);
		more = true;
	}
	printf("%s\n", more ? ")" : "");
}

void report_summary(struct parent *parent)
{
	const struct numbers *n = parent->numbers;
	struct procfs own = {0};
	int64_t ms = now_ms() - parent->began;

	procfs_read(getpid(), &own, NULL);
	printf("saker watched for %lld.%01lld s\n", (long long)ms / 1000,
		(long long)ms % 1000 / 100);
	printf("  events      %llu\n", (unsigned long long)n->events);
	detections_print(n);
	printf("  prevented   %llu, killed after detection %llu, failed %llu\n",
		(unsigned long long)n->prevented, (unsigned long long)n->killed,
		(unsigned long long)n->failed);
	printf("  missing     %llu events in %llu gaps; not kept %llu\n",
		(unsigned long long)n->missing, (unsigned long long)n->gaps,
		(unsigned long long)(n->refused + n->dropped));
	printf("  cost        %.2f s of processor time, at most %.1f MB of memory, all processes "
	       "together\n",
		(double)(own.cpu_ms + parent->cpu_ended) / 1000, (double)parent->rss_most / 1e6);
	printf("  store       %s\n", parent->options->store);
	fflush(stdout);
}
