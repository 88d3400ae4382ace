// SPDX-License-Identifier: Apache-2.0
// saker yara: files, and the memory of processes, through YARA rules.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/command.h"
#include "cli/yara/sweep.h"
#include "daemon/content.h"
#include "daemon/rights.h"

enum { PATHS_MAX = 64, PIDS_MAX = 64, THREADS_MAX = 256, FOLDER_BYTES = 4096, PROBLEMS_SHOWN = 8 };

/* A process whose memory is to be looked at: opened while there are rights to do so. */
struct target {
	int64_t pid;
	char *maps; /* its mappings, line by line */
	int mem;
};

struct yara {
	struct invocation *invocation;
	const char *rule_paths[PATHS_MAX];
	size_t rule_path_count;
	char folder[FOLDER_BYTES]; /* of our own rules */
	char **paths;
	size_t path_count;
	struct target targets[PIDS_MAX];
	size_t target_count;
	struct yara_rules *rules;
	struct sweep_order order;
	struct json_writer json;
	struct arena arena; /* of one line */
	uint64_t files, bytes, matches, left_out, failed, problems;
	bool *matched; /* by rule */
};

static volatile int interrupted;

static void interrupt(int signal)
{
	if (interrupted)
		_exit(128 + signal); /* asked twice */
	interrupted = 1;
}

static int take_rules(struct yara *yara, const char *path)
{
	if (yara->rule_path_count == PATHS_MAX)
		return refuse(yara->invocation, "--rules is given more than %d times", PATHS_MAX);
	yara->rule_paths[yara->rule_path_count++] = path;
	return EXIT_done;
}

static int take_pid(struct yara *yara, const char *value)
{
	struct target *target = yara->targets + yara->target_count;
	int result;

	if (yara->target_count == PIDS_MAX)
		return refuse(yara->invocation, "--pid is given more than %d times", PIDS_MAX);
	result = option_number(yara->invocation, "--pid", value, 1, INT32_MAX, &target->pid);
	if (!result) {
		target->mem = -1;
		yara->target_count++;
	}
	return result;
}

static int take_threads(struct yara *yara, const char *value)
{
	int64_t n = 1;
	int result = option_number(yara->invocation, "--threads", value, 1, THREADS_MAX, &n);

	yara->order.threads = (unsigned)n;
	return result;
}

static int take_timeout(struct yara *yara, const char *value)
{
	int64_t n = 1;
	int result = option_number(yara->invocation, "--timeout", value, 1, 86400, &n);

	yara->order.seconds = (unsigned)n;
	return result;
}

static int take_size(struct yara *yara, const char *value)
{
	int64_t n = 1;
	int result = option_number(yara->invocation, "--max-size", value, 1, 1 << 20, &n);

	yara->order.size_max = (uint64_t)n << 20;
	return result;
}

static const struct {
	const char *name;
	int (*take)(struct yara *yara, const char *value);
} options[] = {
	{"--rules", take_rules},
	{"--pid", take_pid},
	{"--threads", take_threads},
	{"--timeout", take_timeout},
	{"--max-size", take_size},
};

static int option_take(struct yara *yara, const char *name, const char *value)
{
	for (size_t i = 0; i < array_size(options); i++)
		if (!strcmp(name, options[i].name))
			return value ? options[i].take(yara, value) : usage(yara->invocation);
	return usage(yara->invocation);
}

static void path_add(struct yara *yara, char *path)
{
	yara->paths = memory_resize(yara->paths, yara->path_count + 2, sizeof *yara->paths);
	yara->paths[yara->path_count++] = path;
	yara->paths[yara->path_count] = NULL;
}

static int options_take(struct yara *yara)
{
	struct invocation *invocation = yara->invocation;
	bool words_only = false;

	for (int i = 1; i < invocation->argc; i++) {
		char *word = invocation->argv[i];
		int result;

		if (!words_only && !strcmp(word, "--")) {
			words_only = true;
			continue;
		}
		if (!words_only && !strcmp(word, "--strings")) {
			yara->order.all_strings = true;
			continue;
		}
		if (words_only || word[0] != '-') {
			path_add(yara, word);
			continue;
		}
		result = option_take(yara, word, ++i < invocation->argc ? invocation->argv[i] :
			NULL);
		if (result)
			return result;
	}
	if (!yara->path_count && !yara->target_count)
		return usage(invocation);
	if (yara->rule_path_count)
		return EXIT_done;
	if (!content_folder("yara", yara->folder, sizeof yara->folder))
		return refuse(invocation, "the YARA rules that come with saker are not there; "
			"give --rules PATH");
	return take_rules(yara, yara->folder);
}

static int paths_check(struct yara *yara)
{
	for (size_t i = 0; i < yara->path_count; i++)
		if (access(yara->paths[i], F_OK))
			return refuse(yara->invocation, "cannot read '%s': %m", yara->paths[i]);
	return EXIT_done;
}

/* All of a file of the kernel's, whose size nobody knows; NULL with errno. */
static char *lines_read(const char *path)
{
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	until_return(memory_free) char *lines = NULL;
	size_t n = 0, size = 0;
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0) {
		if (size - n < 4096) {
			size = size ? size * 2 : 65536;
			lines = memory_resize(lines, size, 1);
		}
		got = read(fd, lines + n, size - n - 1);
		n += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		return NULL;
	lines[n] = 0;
	return give(lines);
}

static int targets_open(struct yara *yara)
{
	for (size_t i = 0; i < yara->target_count; i++) {
		struct target *target = yara->targets + i;
		char path[64];

		snprintf(path, sizeof path, "/proc/%lld/maps", (long long)target->pid);
		target->maps = lines_read(path);
		snprintf(path, sizeof path, "/proc/%lld/mem", (long long)target->pid);
		if (target->maps)
			target->mem = open(path, O_RDONLY | O_CLOEXEC);
		if (target->mem < 0)
			return refuse(yara->invocation, "cannot read the memory of process %lld: "
				"%s", (long long)target->pid,
				errno == ENOENT ? "there is none" : strerror(errno));
	}
	return EXIT_done;
}

static void on_problem(void *context, const struct yara_problem *problem)
{
	struct yara *yara = context;

	if (!problem->fatal || ++yara->problems > PROBLEMS_SHOWN)
		return;
	fprintf(stderr, "%s:%u: %s; all of this file is left out\n", problem->file, problem->line,
		problem->sentence);
}

static int rules_load(struct yara *yara)
{
	struct error err;

	yara->rules = yara_rules_load(yara->rule_paths, yara->rule_path_count, on_problem, yara,
		&err);
	if (yara->problems > PROBLEMS_SHOWN)
		fprintf(stderr, "and %llu more\n",
			(unsigned long long)(yara->problems - PROBLEMS_SHOWN));
	if (!yara->rules)
		return refuse(yara->invocation, "%s", err.text);
	yara->matched = memory_new(yara_rules_count(yara->rules) * sizeof *yara->matched);
	return EXIT_done;
}

static void confine(void)
{
	struct error err;

	if (!rights_reader(&err))
		return;
	fprintf(stderr, "saker yara: %s\n", err.text);
	exit(EXIT_refused);
}

static struct text level_of(const struct yara_rule *rule)
{
	return rule->level.n ? rule->level : TEXT("medium");
}

/* "high China_Chopper_PHP /srv/www/x.php: description (0x1f $a, ...)" */
static void match_print(struct yara *yara, struct text where, const struct yara_match *match)
{
	const struct yara_rule *rule = match->rule;
	const char *comma = " (";

	printf("%.*s %.*s %.*s", TEXT_PRINT(text_printable(&yara->arena, level_of(rule))),
		TEXT_PRINT(rule->name), TEXT_PRINT(text_printable(&yara->arena, where)));
	if (rule->description.n)
		printf(": %.*s", TEXT_PRINT(text_printable(&yara->arena, rule->description)));
	for (const struct yara_string *s = match->strings; s; s = s->next, comma = ", ")
		printf("%s%.*s at 0x%llx", comma, TEXT_PRINT(s->name),
			(unsigned long long)s->offset);
	puts(match->strings ? ")" : "");
}

static void pair(struct json_writer *json, struct text key, struct text value)
{
	if (!value.n)
		return;
	json_key(json, key);
	json_string(json, value);
}

static void strings_json(struct json_writer *json, const struct yara_match *match)
{
	json_key(json, TEXT("yara.strings"));
	json_array_open(json);
	for (const struct yara_string *s = match->strings; s; s = s->next) {
		json_object_open(json);
		pair(json, TEXT("name"), s->name);
		json_key(json, TEXT("offset"));
		json_number(json, (int64_t)s->offset);
		pair(json, TEXT("bytes"), s->bytes);
		json_object_close(json);
	}
	json_array_close(json);
}

static void match_json(struct yara *yara, const char *path, int64_t pid,
	const struct yara_match *match)
{
	struct json_writer *json = &yara->json;

	json_writer_reset(json);
	json_object_open(json);
	pair(json, TEXT("rule.name"), match->rule->name);
	pair(json, TEXT("rule.level"), level_of(match->rule));
	pair(json, TEXT("rule.description"), match->rule->description);
	pair(json, TEXT("rule.reference"), match->rule->reference);
	pair(json, TEXT("rule.author"), match->rule->author);
	pair(json, TEXT("rule.file"), match->rule->file);
	pair(json, TEXT("threat.technique.id"), match->rule->technique);
	if (path) {
		pair(json, TEXT("file.path"), text_of(path));
	} else {
		json_key(json, TEXT("process.pid"));
		json_number(json, pid);
	}
	strings_json(json, match);
	json_object_close(json);
	printf("%.*s\n", (int)json->n, json->at);
}

static void result_tell(struct yara *yara, const char *path, int64_t pid,
	const struct yara_result *result)
{
	struct text where = path ? text_of(path) :
		arena_format(&yara->arena, "process %lld", (long long)pid);

	yara->files++;
	yara->bytes += result->bytes;
	for (const struct yara_match *m = result->matches; m; m = m->next) {
		yara->matches++;
		yara->matched[m->rule->number] = true;
		if (yara->invocation->json)
			match_json(yara, path, pid, m);
		else
			match_print(yara, where, m);
	}
	if (result->left_out && yara->left_out++ < PROBLEMS_SHOWN)
		fprintf(stderr, "%.*s: %s\n", TEXT_PRINT(text_printable(&yara->arena, where)),
			result->left_out);
	arena_reset(&yara->arena);
}

static void on_file(void *context, const char *path, const struct yara_result *result)
{
	result_tell(context, path, 0, result);
}

static void on_failed(void *context, const char *sentence)
{
	struct yara *yara = context;

	if (yara->failed++ < PROBLEMS_SHOWN)
		fprintf(stderr, "%s\n", sentence);
}

static void targets_scan(struct yara *yara)
{
	until_return(yara_scanner_free) struct yara_scanner *scanner =
		yara_scanner_new(yara->rules, yara->order.seconds, yara->order.all_strings);
	until_return(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < yara->target_count && !interrupted; i++) {
		struct yara_result result;

		yara_scan_process(scanner, text_of(yara->targets[i].maps), yara->targets[i].mem,
			&arena, &result);
		result_tell(yara, NULL, yara->targets[i].pid, &result);
		arena_reset(&arena);
	}
}

static int end(struct yara *yara)
{
	size_t rules = 0;

	for (size_t i = 0; i < yara_rules_count(yara->rules); i++)
		rules += yara->matched[i];
	if (fflush(stdout) || ferror(stdout))
		return refuse(yara->invocation, "cannot write the matches: %m");
	fprintf(stderr, "saker yara: %llu files and processes, %.1f MB; %llu matches of %zu of "
		"%zu rules", (unsigned long long)yara->files, (double)yara->bytes / 1e6,
		(unsigned long long)yara->matches, rules, yara_rules_count(yara->rules));
	if (yara->left_out)
		fprintf(stderr, "; %llu not looked at as a whole",
			(unsigned long long)yara->left_out);
	if (yara->failed)
		fprintf(stderr, "; %llu could not be read", (unsigned long long)yara->failed);
	fputs(interrupted ? "; interrupted\n" : "\n", stderr);
	if (interrupted || (!yara->files && yara->failed))
		return EXIT_refused;
	return yara->matches ? EXIT_found : EXIT_done;
}

static void yara_clear(struct yara *yara)
{
	for (size_t i = 0; i < yara->target_count; i++) {
		memory_free(&yara->targets[i].maps);
		fd_close(&yara->targets[i].mem);
	}
	yara_rules_free(&yara->rules);
	json_writer_clear(&yara->json);
	arena_clear(&yara->arena);
	free(yara->matched);
	free(yara->paths);
}

int command_yara(struct invocation *invocation)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	until_return(yara_clear) struct yara yara = {
		.invocation = invocation,
		.order = {
			.threads = cores > 0 && cores < THREADS_MAX ? (unsigned)cores : 1,
			.seconds = 10,
			.size_max = 64 << 20,
			.confine = confine,
			.stop = &interrupted,
		},
	};
	const struct sweep_sink sink = {on_file, on_failed, &yara};
	struct error err;
	int result = options_take(&yara);

	if (!result)
		result = paths_check(&yara);
	if (!result)
		result = rules_load(&yara);
	if (!result)
		result = targets_open(&yara);
	if (result)
		return result;
	if (rights_read_only((const char *const *)yara.paths, yara.path_count, &err))
		return refuse(invocation, "%s", err.text);
	signal(SIGINT, interrupt);
	yara.order.rules = yara.rules;
	yara.order.paths = yara.paths;
	if (yara.path_count)
		sweep_run(&yara.order, &sink);
	else
		confine();
	targets_scan(&yara);
	return end(&yara);
}
