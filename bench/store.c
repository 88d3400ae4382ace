// SPDX-License-Identifier: Apache-2.0
// How fast events are kept and found again: a store is filled with made-up events, always the same
// ones, then asked.
//
//	bench-store FOLDER [EVENTS]
//
// The shape: 18 of 100 events start a program, 17 end one, 40 are of files, 20 of connections, 5
// of names; 24 hours; 600 programs, of which few are frequent; five events to a process.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/own.h"
#include "work.h"
#include "event/row.h"
#include "hunt/run.h"
#include "store/store.h"

enum {
	BATCH = 8192, /* records of one transaction */
	PROGRAMS = 600,
	LIVING = 2000, /* processes at the same time */
	ROUNDS = 5,
	DAY = 86400,
	SECOND = 1000000000,
};

static const event_time start = INT64_C(1700000000) * SECOND;
static uint64_t state_ = UINT64_C(88172645463325252);

static unsigned any(unsigned n)
{
	state_ ^= state_ << 13;
	state_ ^= state_ >> 7;
	state_ ^= state_ << 17;
	return (unsigned)(state_ >> 33) % n;
}

/* The first are the most frequent. */
static unsigned rare(unsigned n)
{
	unsigned most = any(n) + 1;

	return any(most);
}

/* A process that lives, and what its events say of it. */
struct one {
	struct entity entity, parent;
	int64_t pid;
	char executable[64], command_line[160];
};

static struct one living[LIVING];
static uint64_t processes;

static void one_new(struct one *one, event_time time)
{
	unsigned program = rare(PROGRAMS);

	one->parent = living[any(LIVING)].entity;
	one->pid = (int64_t)(300 + processes % 4000000);
	one->entity.high = 7ULL << 32 | (uint64_t)(time - start) >> 28;
	one->entity.low = (uint64_t)(time - start) << 36 | (uint64_t)one->pid << 14 | 1;
	snprintf(one->executable, sizeof one->executable, "/usr/%s/program%u",
		program % 3 ? "bin" : "lib/exec", program);
	snprintf(one->command_line, sizeof one->command_line,
		"program%u --config /etc/program%u.conf --job %08x --name worker-%u.example.net",
		program, program, any(1 << 30), any(5000));
	processes++;
}

static void event_make(struct event *event, struct process *process, struct file *file,
	struct network *network, struct dns *dns, char *text, event_time time)
{
	unsigned share = any(100), which = any(LIVING);
	struct one *one = &living[which];
	size_t n;

	if (share < 18)
		one_new(one, time);
	event->time = time;
	event->kind = share < 18 ? EVENT_process_exec
		: share < 35     ? EVENT_process_exit
		: share < 75     ? (any(3) ? EVENT_file_write : EVENT_file_create)
		: share < 95     ? EVENT_network_connect
				 : EVENT_dns_query;
	event->sequence++;
	process_init(process);
	process->entity = one->entity;
	process->pid = one->pid;
	process->executable = text_of(one->executable);
	process->name = text_basename(process->executable);
	if (event->kind == EVENT_process_exec)
		process->command_line = text_of(one->command_line);
	if (event->kind == EVENT_process_exit)
		process->exit_code = any(20) ? 0 : 1;
	event->process = process;
	event->file = NULL;
	event->network = NULL;
	event->dns = NULL;
	if (share >= 35 && share < 75) {
		n = (size_t)snprintf(text, 128, "/var/lib/data%u/%06x/part-%u.tmp", any(40),
			any(1 << 24), any(100));
		file->path = (struct text){text, n};
		event->file = file;
	} else if (share >= 75 && share < 95) {
		network->destination_ip = (struct address){
			.family = 4, .bytes = {10, (uint8_t)rare(250), (uint8_t)any(4), 7}};
		network->destination_port = any(4) ? 443 : 1024 + any(100);
		event->network = network;
	} else if (share >= 95) {
		n = (size_t)snprintf(text, 128, "host%u.example.net", rare(3000));
		dns->name = (struct text){text, n};
		event->dns = dns;
	}
}

struct filling {
	struct store_record records[BATCH];
	size_t at[BATCH]; /* where its row begins */
	struct row_bytes rows;
	size_t n;
};

static void flush(struct filling *filling, struct store *store)
{
	struct error err;

	for (size_t i = 0; i < filling->n; i++) {
		size_t end = i + 1 < filling->n ? filling->at[i + 1] : filling->rows.n;

		filling->records[i].row = (struct text){
			filling->rows.at + filling->at[i], end - filling->at[i]};
	}
	if (filling->n && store_append(store, filling->records, filling->n, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	filling->n = filling->rows.n = 0;
}

static void fill(struct store *store, long events)
{
	static struct filling filling;
	until_return(arena_clear) struct arena arena = {0};
	struct event *event = event_new(&arena, EVENT_process_exec);
	struct process *process = process_new(&arena);
	struct file *file = file_new(&arena);
	struct network *network = network_new(&arena);
	struct dns *dns = dns_new(&arena);
	char text[128];

	event->sequence = 0;
	for (size_t i = 0; i < LIVING; i++)
		one_new(&living[i], start);
	for (long i = 0; i < events; i++) {
		event_time time = start + (event_time)((double)i * DAY / (double)events * 1e9);
		struct store_record *record = &filling.records[filling.n];

		event_make(event, process, file, network, dns, text, time);
		*record = (struct store_record){.kind = event->kind, .time = time,
			.entity = process->entity, .parent = living[0].entity};
		filling.at[filling.n++] = filling.rows.n;
		row_write(event, &filling.rows);
		if (filling.n == BATCH)
			flush(&filling, store);
	}
	flush(&filling, store);
}

static bool pass_event(void *context, const struct event *event, struct text json)
{
	return true;
}

static void pass_columns(void *context, const struct text *names, size_t n)
{
}

static bool pass_row(void *context, const struct text *cells, size_t n)
{
	return true;
}

static void ask(struct store *store, const char *name, const char *question)
{
	until_return(arena_clear) struct arena arena = {0};
	struct hunt_sink sink = {NULL, pass_event, NULL, pass_columns, pass_row};
	struct hunt_source source = hunt_store(store);
	struct hunt_numbers numbers = {0};
	struct hunt_mistake mistake;
	struct hunt_query *query = query_parse(text_of(question), start, &arena, &mistake);
	double least = 1e9;
	struct error err;

	for (int i = 0; query && i < ROUNDS; i++) {
		double began = work_wall(), took;

		if (hunt_run(query, &source, &sink, &numbers, &err))
			fprintf(stderr, "%s\n", err.text);
		took = work_wall() - began;
		least = took < least ? took : least;
	}
	if (!query)
		fprintf(stderr, "%s: %s\n", question, mistake.sentence);
	printf("%-34s %10.2f ms   %llu events read, %llu found\n", name, least * 1e3,
		(unsigned long long)numbers.read, (unsigned long long)numbers.found);
	query_clear(query);
}

int main(int argc, char **argv)
{
	long events = argc > 2 ? atol(argv[2]) : 1000000;
	char question[256], entity[FIELD_BUFFER];
	until_return(store_close) struct store *store = NULL;
	struct store_numbers numbers;
	struct rusage usage;
	struct error err;
	double began;

	if (argc < 2 || events < 1) {
		fprintf(stderr, "usage: bench-store FOLDER [EVENTS]\n");
		return 2;
	}
	store = store_open(argv[1], STORE_write, &err);
	if (!store) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	began = work_cpu();
	fill(store, events);
	printf("%-34s %10.0f events for each second of CPU\n", "ingest",
		(double)events / (work_cpu() - began));
	store_numbers(store, 0, 0, &numbers, &err);
	getrusage(RUSAGE_SELF, &usage);
	printf("%-34s %10.1f bytes for each event\n%-34s %10.1f MB\n", "size",
		(double)numbers.bytes / (double)events, "memory while filling",
		(double)usage.ru_maxrss / 1e3);
	snprintf(question, sizeof question, "process.entity_id = %.*s", ENTITY_TEXT,
		entity_text(living[7].entity, entity).at);
	ask(store, "all events of one process", question);
	ask(store, "one hour, a field",
		"from 2023-11-15T10:00 and to 2023-11-15T10:59 and destination.port = 1030");
	ask(store, "part of a command line", "process.command_line contains worker-777.");
	ask(store, "count by program", "event.kind = process_exec | count by process.executable");
	return 0;
}
