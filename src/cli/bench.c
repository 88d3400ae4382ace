// SPDX-License-Identifier: Apache-2.0
// `saker bench sensor`: what the sensor costs on this host. Loads without any sensor, with a saker
// of its own, and with any other tool that is named, in turns; then what was seen of many starts,
// and what saker itself took.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/own.h"
#include "cli/bench/load.h"
#include "cli/command.h"
#include "cli/demo_folder.h"
#include "store/store.h"

enum { ROUNDS_MAX = 50, PEERS_MAX = 4, SIDES = 2 + PEERS_MAX, PATH = 4096, START_SECONDS = 30,
	PEER_SECONDS = 10 };

struct side {
	const char *name, *command; /* command NULL: nothing, or saker */
	double cpu[LOADS][ROUNDS_MAX], wall[LOADS][ROUNDS_MAX];
};

struct bench {
	struct invocation *invocation;
	char folder[64], store[80], saker[PATH];
	struct side sides[SIDES];
	size_t side_count, rounds;
	long divisor; /* of the counts: 1, or 20 for a quick run */
	pid_t running; /* saker, or a peer: a group of its own */
	double started; /* ms until saker watched */
	long starts_seen, flood_seen, gaps, events;
	double cpu, memory; /* seconds of saker's processes in the long run; MB */
};

static volatile sig_atomic_t stopped, running; /* by a signal; the group that runs then */

static void interrupted(int signal)
{
	stopped = signal;
	if (running > 0)
		kill(-(pid_t)running, SIGTERM);
}

static void tree_end(struct bench *bench, int signal)
{
	if (bench->running > 0) {
		kill(-bench->running, signal);
		while (waitpid(bench->running, NULL, 0) < 0 && errno == EINTR)
			;
	}
	bench->running = running = 0;
}

/* A program in a process group of its own, its output in a file. */
static pid_t spawn(const char *output, const char *const *args)
{
	pid_t pid = fork();

	if (!pid) {
		int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		setpgid(0, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execvp(args[0], (char *const *)args);
		_exit(127);
	}
	setpgid(pid, pid);
	running = pid;
	return pid;
}

static bool says(const char *path, const char *words)
{
	char text[8192];
	FILE *file = fopen(path, "re");
	size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;

	if (file)
		fclose(file);
	text[n] = 0;
	return strstr(text, words);
}

static double ms_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int saker_start(struct bench *bench, struct error *err)
{
	char output[128];
	const char *const args[] = {bench->saker, "run", "--store", bench->store, "--quiet", NULL};
	double began = ms_now();

	snprintf(output, sizeof output, "%s/output", bench->folder);
	unlink(output); /* an earlier one has said the same */
	bench->running = spawn(output, args);
	while (!stopped && ms_now() - began < START_SECONDS * 1e3) {
		int status;

		if (says(output, "saker is watching")) {
			bench->started = ms_now() - began;
			return 0;
		}
		if (waitpid(bench->running, &status, WNOHANG) == bench->running)
			break;
		usleep(2000);
	}
	tree_end(bench, SIGTERM);
	return fail(err, "saker does not start; `%s run --store %s` says why", bench->saker,
		bench->store);
}

/* It is ready when it says so, or runs for ten seconds. */
static int peer_start(struct bench *bench, const struct side *side, struct error *err)
{
	char output[128];
	const char *const args[] = {"/bin/sh", "-c", side->command, NULL};
	double began = ms_now();
	int status;

	snprintf(output, sizeof output, "%s/peer", bench->folder);
	unlink(output);
	bench->running = spawn(output, args);
	while (!stopped && ms_now() - began < PEER_SECONDS * 1e3) {
		if (waitpid(bench->running, &status, WNOHANG) == bench->running) {
			bench->running = running = 0;
			return fail(err, "the peer '%s' ended at once; try `%s`", side->name,
				side->command);
		}
		if (says(output, "ready"))
			return 0;
		usleep(20000);
	}
	return 0;
}

static int side_begin(struct bench *bench, const struct side *side, struct error *err)
{
	if (side == &bench->sides[0])
		return 0;
	return side->command ? peer_start(bench, side, err) : saker_start(bench, err);
}

static int round_run(struct bench *bench, size_t round, struct error *err)
{
	for (size_t i = 0; i < bench->side_count; i++) {
		struct side *side = &bench->sides[i];

		if (side_begin(bench, side, err))
			return -1;
		for (int load = 0; load < LOADS; load++) {
			struct taken taken;

			if (stopped)
				return fail(err, "it was interrupted");
			if (load_run((enum load)load, bench->folder,
				    loads[load].count / bench->divisor, &taken, err))
				return -1;
			side->cpu[load][round] = taken.cpu;
			side->wall[load][round] = taken.wall;
		}
		tree_end(bench, SIGINT);
	}
	return 0;
}

/* What /proc says of one process. */
struct member {
	char comm[32];
	long parent, group;
	double cpu, memory; /* seconds, bytes (what is shared counted once) */
};

static bool member_read(const char *pid, struct member *member)
{
	char path[300], line[1024];
	unsigned long user, system;
	const char *end;
	long kb;
	until_return(file_close) FILE *stat = NULL, *smaps = NULL;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	stat = fopen(path, "re");
	if (!stat || !fgets(line, sizeof line, stat) || !(end = strrchr(line, ')')) ||
		sscanf(line, "%*d (%31[^)]", member->comm) != 1 ||
		sscanf(end + 1, " %*c %ld %ld %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			&member->parent, &member->group, &user, &system) != 4)
		return false;
	member->cpu = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
	member->memory = 0;
	snprintf(path, sizeof path, "/proc/%s/smaps_rollup", pid);
	smaps = fopen(path, "re");
	while (smaps && fgets(line, sizeof line, smaps))
		if (sscanf(line, "Pss: %ld", &kb) == 1)
			member->memory = (double)kb * 1024;
	return true;
}

static void members_each(void (*each)(void *context, const struct member *member), void *context)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct member member;

	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
			member_read(entry->d_name, &member))
			each(context, &member);
	if (proc)
		closedir(proc);
}

static void member_sum(void *context, const struct member *member)
{
	struct bench *bench = context;

	if (member->group != bench->running)
		return;
	bench->cpu += member->cpu;
	bench->memory += member->memory;
}

static void member_is_engine(void *context, const struct member *member)
{
	*(bool *)context |= !strcmp(member->comm, "saker-engine");
}

/* Another saker would be measured with it. */
static bool is_watched_already(void)
{
	bool found = false;

	members_each(member_is_engine, &found);
	return found;
}

struct tally {
	struct bench *bench;
	struct text starts, flood; /* paths */
};

static bool event_tally(void *context, struct text json)
{
	until_return(arena_clear) struct arena arena = {0};
	struct tally *tally = context;
	const struct event *event = event_read(json, &arena, NULL);

	tally->bench->events++;
	if (!event)
		return true;
	if (event->kind == EVENT_sensor_gap && event->sensor)
		tally->bench->gaps += event->sensor->count > 0 ? event->sensor->count : 0;
	if (event->kind == EVENT_process_exec && event->process) {
		tally->bench->starts_seen +=
			text_equal(event->process->executable, tally->starts);
		tally->bench->flood_seen += text_equal(event->process->executable, tally->flood);
	}
	return true;
}

/* What is seen of many starts, alone and in a flood of opens, and what all of it cost saker. */
static int completeness_run(struct bench *bench, struct error *err)
{
	char starts[128], flood[128];
	struct store_query all = {0};
	struct tally tally = {bench, {starts, 0}, {flood, 0}};
	until_return(store_close) struct store *store = NULL;

	tally.starts.n = (size_t)snprintf(starts, sizeof starts, "%s/starts", bench->folder);
	tally.flood.n = (size_t)snprintf(flood, sizeof flood, "%s/flooded", bench->folder);
	if (folder_remove(bench->store, true, err) || saker_start(bench, err) ||
		load_starts(bench->folder, "starts", 20000 / bench->divisor, err) ||
		load_flood(bench->folder, "flooded", 1000 / bench->divisor,
			300000 / bench->divisor, err))
		return -1;
	sleep(2);
	members_each(member_sum, bench);
	tree_end(bench, SIGINT);
	store = store_open(bench->store, STORE_read, err);
	return store && !store_read(store, &all, event_tally, &tally, err) ? 0 : -1;
}

static void load_print(struct bench *bench, int load)
{
	struct side *none = &bench->sides[0];
	double base = least(none->cpu[load], bench->rounds);
	double base_middle = middle(none->cpu[load], bench->rounds);

	printf("%-8s %-52s %9.0f", loads[load].name, loads[load].what, base);
	for (size_t i = 1; i < bench->side_count; i++) {
		struct side *side = &bench->sides[i];
		double own = least(side->cpu[load], bench->rounds);

		printf("  %9.0f %5.3f %5.3f", own, own / base,
			middle(side->cpu[load], bench->rounds) / base_middle);
	}
	printf("  %.2f %s\n", loads[load].goal,
		least(bench->sides[1].cpu[load], bench->rounds) / base <= loads[load].goal
			? "met" : "not met");
}

static void print(struct bench *bench)
{
	printf("ns of CPU time for each operation: the least of %zu rounds, its ratio to none, "
	       "the ratio of the middles\n\n%-8s %-52s %9s",
		bench->rounds, "load", "", "none");
	for (size_t i = 1; i < bench->side_count; i++)
		printf("  %9.9s ratio   mid", bench->sides[i].name);
	printf("  goal\n");
	for (int load = 0; load < LOADS; load++)
		load_print(bench, load);
	printf("\nstarts seen            %ld of %ld\nstarts seen in a flood %ld of %ld\n"
	       "missing events         %ld\n",
		bench->starts_seen, 20000 / bench->divisor, bench->flood_seen,
		1000 / bench->divisor, bench->gaps);
	printf("CPU of saker           %.2f s for 100,000 events (%ld events)\n",
		bench->events ? bench->cpu * 1e5 / (double)bench->events : 0, bench->events);
	printf("memory of saker        %.1f MB, what is shared counted once\n"
	       "start                  %.0f ms until it watches\n",
		bench->memory / 1e6, bench->started);
}

static void number_put(struct json_writer *out, const char *key, double value)
{
	char text[32];

	snprintf(text, sizeof text, "%.4g", value);
	json_key(out, text_of(key));
	json_raw(out, text_of(text));
}

static void print_json(struct bench *bench)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	json_object_open(&out);
	for (int load = 0; load < LOADS; load++) {
		json_key(&out, text_of(loads[load].name));
		json_object_open(&out);
		number_put(&out, "goal", loads[load].goal);
		for (size_t i = 0; i < bench->side_count; i++) {
			json_key(&out, text_of(bench->sides[i].name));
			json_object_open(&out);
			number_put(&out, "cpu_ns",
				least(bench->sides[i].cpu[load], bench->rounds));
			number_put(&out, "wall_ns",
				least(bench->sides[i].wall[load], bench->rounds));
			json_object_close(&out);
		}
		json_object_close(&out);
	}
	number_put(&out, "starts_seen", (double)bench->starts_seen);
	number_put(&out, "flood_seen", (double)bench->flood_seen);
	number_put(&out, "missing", (double)bench->gaps);
	number_put(&out, "cpu_s_per_100k",
		bench->events ? bench->cpu * 1e5 / (double)bench->events : 0);
	number_put(&out, "memory_mb", bench->memory / 1e6);
	number_put(&out, "start_ms", bench->started);
	json_object_close(&out);
	printf("%.*s\n", (int)out.n, out.at);
}

static int run(struct bench *bench, struct error *err)
{
	strcpy(bench->folder, "/tmp/saker-bench-XXXXXX");
	/* the store's process is nobody */
	if (!mkdtemp(bench->folder) || chmod(bench->folder, 0755))
		return fail(err, "cannot make a folder in /tmp: %m");
	snprintf(bench->store, sizeof bench->store, "%s/store", bench->folder);
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	if (loads_prepare(bench->folder, err))
		return -1;
	for (size_t round = 0; round < bench->rounds; round++) {
		if (isatty(2))
			fprintf(stderr, "\rround %zu of %zu ", round + 1, bench->rounds);
		if (round_run(bench, round, err))
			return -1;
	}
	return completeness_run(bench, err);
}

static int peer_add(struct bench *bench, char *argument)
{
	char *command = strchr(argument, '=');

	if (!command || command == argument || bench->side_count == SIDES)
		return refuse(bench->invocation,
			"--peer '%s': write NAME=COMMAND, at most %d of them", argument,
			PEERS_MAX);
	*command = 0;
	bench->sides[bench->side_count++] = (struct side){argument, command + 1, {{0}}, {{0}}};
	return EXIT_done;
}

static int arguments_read(struct bench *bench)
{
	static const struct option options[] = {{"rounds", required_argument, NULL, 'r'},
		{"quick", no_argument, NULL, 'q'}, {"peer", required_argument, NULL, 'p'}, {0}};
	struct invocation *invocation = bench->invocation;
	int64_t rounds = 5;
	int c, status = EXIT_done;

	opterr = 0;
	optind = 1;
	while (status == EXIT_done &&
		(c = getopt_long(invocation->argc, invocation->argv, ":", options, NULL)) >= 0) {
		if (c == 'r')
			status = option_number(invocation, "--rounds", optarg, 1, ROUNDS_MAX,
				&rounds);
		else if (c == 'q')
			bench->divisor = 20;
		else if (c == 'p')
			status = peer_add(bench, optarg);
		else
			return usage(invocation);
	}
	bench->rounds = (size_t)rounds;
	if (status != EXIT_done)
		return status;
	return optind == invocation->argc - 1 && !strcmp(invocation->argv[optind], "sensor")
		? EXIT_done : usage(invocation);
}

static bool saker_find(char *path)
{
	static const char *const places[] = {"saker", "../../bin/saker"};
	char self[PATH - 32];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n < 0 ? 0 : n] = 0;
	if (strrchr(self, '/'))
		*strrchr(self, '/') = 0;
	for (size_t i = 0; i < array_size(places); i++) {
		snprintf(path, PATH, "%s/%s", self, places[i]);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

int command_bench(struct invocation *invocation)
{
	until_return(memory_free) struct bench *bench = memory_new(sizeof *bench);
	struct error err = {0}, left;
	int status, result;

	bench->invocation = invocation;
	bench->divisor = 1;
	bench->sides[0].name = "none";
	bench->sides[1].name = "saker";
	bench->side_count = 2;
	status = arguments_read(bench);
	if (status != EXIT_done)
		return status;
	if (geteuid())
		return refuse(invocation, "it needs root; start it through sudo");
	if (is_watched_already())
		return refuse(invocation, "a saker is running already, which would be measured "
					  "with it; stop that first");
	if (!saker_find(bench->saker))
		return refuse(invocation, "the program saker is not beside this one");
	result = run(bench, &err);
	tree_end(bench, SIGTERM);
	if (bench->folder[0] && folder_remove(bench->folder, true, &left))
		fprintf(stderr, "saker bench: %s\n", left.text);
	if (result)
		return refuse(invocation, "%s", err.text);
	if (invocation->json)
		print_json(bench);
	else
		print(bench);
	return EXIT_done;
}
