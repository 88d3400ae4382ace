// SPDX-License-Identifier: Apache-2.0
// A detection as one readable line.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/printable.h"
#include "daemon/lines.h"
#include "daemon/numbers.h"

enum { LINE_SIZE = 4096, WHAT_MAX = 400, TITLE_MAX = 160, WORD_MAX = 64 };

struct line {
	struct arena *arena;
	char *at;
	size_t n;
};

static void put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct line *line, const char *format, ...)
{
	size_t room = LINE_SIZE - 1 - line->n; /* one byte for the line end */
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line->at + line->n, room, format, args);
	va_end(args);
	if (n > 0)
		line->n += (size_t)n < room ? (size_t)n : room - 1;
}

static void put_text(struct line *line, struct text text, size_t most)
{
	struct text shown = text_shorten(line->arena, text_printable(line->arena, text), most);

	put(line, "%.*s", TEXT_PRINT(shown));
}

static void put_process(struct line *line, const struct process *process)
{
	struct text name = process->name.n ? process->name : process->comm;

	put_text(line, name.n ? name : TEXT("?"), WORD_MAX);
	if (process->pid != NUMBER_NONE)
		put(line, "(%lld)", (long long)process->pid);
}

static const char *verb(enum event_kind kind)
{
	static const char *const verbs[EVENT_KINDS] = {
		[EVENT_network_connect] = "connects to",
		[EVENT_network_accept] = "accepts from",
		[EVENT_network_raw] = "opens a raw socket",
		[EVENT_network_payload] = "sends to",
		[EVENT_file_create] = "creates",
		[EVENT_file_write] = "writes",
		[EVENT_file_rename] = "renames",
		[EVENT_file_delete] = "removes",
		[EVENT_file_mode] = "changes the mode of",
		[EVENT_file_time] = "sets the times of",
		[EVENT_file_open] = "reads",
		[EVENT_kernel_module] = "loads the module",
		[EVENT_file_owner] = "gives away",
		[EVENT_file_attribute] = "sets an attribute of",
		[EVENT_file_truncate] = "cuts",
		[EVENT_library_load] = "maps as code",
		[EVENT_device_open] = "opens the device",
		[EVENT_network_failed] = "gets no connection to",
		[EVENT_network_bind] = "binds to",
		[EVENT_network_listen] = "waits for connections at",
		[EVENT_network_datagram] = "sends datagrams to",
		[EVENT_network_local] = "connects to",
		[EVENT_dns_query] = "asks for the name",
		[EVENT_dns_answer] = "is told of the name",
		[EVENT_memory_access] = "attaches to",
		[EVENT_memory_write] = "writes into the memory of",
		[EVENT_memory_execute] = "makes memory executable",
		[EVENT_memory_file] = "makes a file in memory",
		[EVENT_process_signal] = "sends a signal to",
		[EVENT_process_user] = "becomes another user",
		[EVENT_process_group] = "becomes another group",
		[EVENT_process_capabilities] = "gains capabilities",
		[EVENT_process_capability_use] = "uses the capability",
		[EVENT_kernel_bpf] = "uses BPF:",
		[EVENT_kernel_trace] = "begins to trace:",
		[EVENT_kernel_image] = "asks for another kernel",
		[EVENT_kernel_setting] = "sets",
		[EVENT_kernel_clock] = "sets the clock",
		[EVENT_kernel_reboot] = "asks for the end of the system",
		[EVENT_kernel_ring] = "makes an io_uring",
		[EVENT_namespace_change] = "changes its namespaces:",
		[EVENT_mount_change] = "changes mounts:",
		[EVENT_container_exec] = "enters a container",
		[EVENT_process_exit] = "ends",
		[EVENT_process_rename] = "calls itself",
	};

	return kind < EVENT_KINDS && verbs[kind] ? verbs[kind] : "";
}

static void put_network(struct line *line, const struct network *network, enum event_kind kind)
{
	bool from = kind == EVENT_network_accept;
	struct address address = from ? network->source_ip : network->destination_ip;
	int64_t port = from ? network->source_port : network->destination_port;
	char buffer[FIELD_BUFFER];
	struct text text = address_text(address, buffer);

	if (!address.family)
		return;
	put(line, address.family == 6 ? " [%.*s]" : " %.*s", (int)text.n, text.at);
	if (port > 0)
		put(line, ":%lld", (long long)port);
}

/* The name, or the process, or the part of the kernel that was asked for. */
static void put_asked(struct line *line, const struct event *event)
{
	const struct text what = event->dns ? event->dns->name
		: event->target && event->target->executable.n ? event->target->executable
		: event->call && event->call->object.n ? event->call->object
		: event->call && !event->target ? event->call->operation
		: (struct text){0};

	if (what.n) {
		put(line, " ");
		put_text(line, what, WHAT_MAX);
	}
	if (event->target && event->target->pid != NUMBER_NONE)
		put(line, " (%lld)", (long long)event->target->pid);
}

/*
 * A start shows who started it and its command line; anything else shows who did what to which
 * object.
 */
static void put_what(struct line *line, const struct event *event)
{
	enum event_kind kind = kind_by_name(event->detection->event_kind);
	const struct process *process = event->process;
	bool start = kind == EVENT_process_exec || kind == EVENT_process_running;
	const struct process *up = process ? process_up(process) : NULL;

	if (process && start) {
		if (up)
			put_process(line, up);
		put(line, up ? " -> " : "");
		if (process->command_line.n)
			put_text(line, process->command_line, WHAT_MAX);
		else
			put_text(line, process->executable, WHAT_MAX);
		return;
	}
	if (process)
		put_process(line, process);
	put(line, "%s %s", process ? "" : "an unknown process", verb(kind));
	if (event->file && event->file->path.n) {
		put(line, " ");
		put_text(line, event->file->path, WHAT_MAX);
	}
	if (event->network)
		put_network(line, event->network, kind);
	put_asked(line, event);
	if (kind == EVENT_process_rename && process) {
		put(line, " ");
		put_text(line, process->comm, WORD_MAX);
	}
}

static void put_who(struct line *line, const struct event *event)
{
	const struct process *process = event->process;
	struct text_list techniques = event->detection->techniques;
	const char *before = " (";

	if (process && process->user.n) {
		put(line, "%suser ", before);
		put_text(line, process->user, WORD_MAX);
		before = ", ";
	} else if (process && process->uid != NUMBER_NONE) {
		put(line, "%suser %lld", before, (long long)process->uid);
		before = ", ";
	}
	for (size_t i = 0; i < techniques.n && i < 4; i++) {
		put(line, "%s", before);
		put_text(line, techniques.at[i], WORD_MAX);
		before = ", ";
	}
	put(line, *before == ' ' ? "" : ")");
}

static void put_prevention(struct line *line, const struct detection *detection)
{
	static const struct {
		const char *result, *sentence;
	} results[] = {
		{"killed", "killed after detection"},
		{"off", "not prevented, prevention is off"},
		{"out_of_scope", "not prevented, outside of the scope"},
		{"protected", "not prevented, the program is protected"},
		{"unsupported", "not prevented, this kernel gives no means"},
		{"timeout", "not prevented, no answer in time"},
	};

	if (!detection->result.n || text_is(detection->result, "detected"))
		return;
	for (size_t i = 0; i < array_size(results); i++)
		if (text_is(detection->result, results[i].result)) {
			put(line, ": %s", results[i].sentence);
			return;
		}
	put(line, ": %.*s by %.*s", (int)detection->result.n, detection->result.at,
		(int)detection->rung.n, detection->rung.at);
	if (detection->error != NUMBER_NONE && detection->error > 0)
		put(line, " (%s)", strerror((int)detection->error));
}

struct text line_detection(struct arena *arena, const struct event *event, bool colour)
{
	static const char *const colours[LEVELS] = {
		"\033[1;31m", "\033[31m", "\033[33m", "\033[36m", "", ""};
	const struct detection *detection = event->detection;
	const char *on = colour ? colours[level_number(detection->level)] : "";
	struct line line = {.arena = arena, .at = arena_alloc(arena, LINE_SIZE)};
	char buffer[FIELD_BUFFER], level[16];
	struct text time = time_text(event->time, buffer);

	snprintf(level, sizeof level, "%.*s", TEXT_PRINT(detection->level));
	/* hours to seconds of 2015-09-26T10:00:00.000000000Z */
	put(&line, "%.8sZ %s%-9s%s ", time.n > 19 ? time.at + 11 : "", on, *level ? level : "-",
		*on ? "\033[0m" : "");
	put_text(&line, detection->rule_name, TITLE_MAX);
	put(&line, ": ");
	put_what(&line, event);
	put_who(&line, event);
	put_prevention(&line, detection);
	line.at[line.n++] = '\n';
	return (struct text){line.at, line.n};
}
