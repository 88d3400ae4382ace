// SPDX-License-Identifier: Apache-2.0
// saker scan: recorded events in, detections out.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/command.h"
#include "daemon/content.h"
#include "detect/folder.h"
#include "detect/rules.h"
#include "import/ndjson.h"

enum { FOLDER_DEPTH_MAX = 32, OPTION_MAX = 256 };

struct scan {
	const struct invocation *invocation;
	struct rules *rules;
	const struct rule **hits; /* room for all rules */
	bool json;
	uint64_t events, detections, bad, skipped, files;
	bool unreadable; /* something could not be opened or read */
	struct arena arena;
	struct json_writer out;
};

/*
 * The fields of an event that tell most, by all their names, in the order in which they are shown.
 */
static const struct {
	const char *shown, *names[3];
} told[] = {
	{"User", {"User", "process.user.name", NULL}},
	{"Image", {"Image", "process.executable", "NewProcessName"}},
	{"CommandLine", {"CommandLine", "process.command_line", NULL}},
	{"TargetFilename", {"TargetFilename", "file.path", NULL}},
	{"DestinationIp", {"DestinationIp", "destination.ip", NULL}},
};

static const char *const time_names[] = {"@timestamp", "UtcTime", "timestamp", "time"};

enum { TOLD_MAX = 200 };

/* What of an event stands in one line of text. */
struct glance {
	struct text time, told[array_size(told)];
};

static void glance_take(struct glance *glance, struct text key, struct text value)
{
	for (size_t i = 0; i < array_size(time_names); i++)
		if (!glance->time.at && text_is(key, time_names[i]))
			glance->time = value;
	for (size_t i = 0; i < array_size(told); i++)
		for (size_t j = 0; j < 3 && told[i].names[j]; j++)
			if (!glance->told[i].at && text_is(key, told[i].names[j]))
				glance->told[i] = value;
}

static void glance_read(struct glance *glance, struct text event, struct arena *arena)
{
	struct json_reader in;
	struct text key = {0};
	enum json_token token;

	json_reader_init(&in, event, arena);
	while ((token = json_next(&in)) != JSON_END && token != JSON_ERROR) {
		if (token == JSON_KEY)
			key = in.text;
		else if ((token == JSON_STRING || token == JSON_NUMBER) && key.at)
			glance_take(glance, key, in.text);
	}
}

static void text_put(struct scan *scan, struct text text)
{
	text = text_shorten(&scan->arena, text_printable(&scan->arena, text), TOLD_MAX);
	printf("%.*s", TEXT_PRINT(text));
}

static void detection_text(struct scan *scan, const struct rule *rule, const struct glance *glance,
	const char *file, uint64_t line)
{
	if (glance->time.at) {
		text_put(scan, glance->time);
		putchar(' ');
	}
	text_put(scan, rule->level.n ? rule->level : TEXT("medium"));
	putchar(' ');
	text_put(scan, rule->title);
	fputs(" [", stdout);
	text_put(scan, rule->id);
	printf("] %s:%llu", file, (unsigned long long)line);
	for (size_t i = 0; i < array_size(told); i++)
		if (glance->told[i].n) {
			printf(" %s=", told[i].shown);
			text_put(scan, glance->told[i]);
		}
	putchar('\n');
}

static void json_field(struct json_writer *out, const char *key, struct text value)
{
	if (!value.at)
		return;
	json_key(out, text_of(key));
	json_string(out, value);
}

static void json_list(struct json_writer *out, const char *key, const struct text_list *list)
{
	if (!list->n)
		return;
	json_key(out, text_of(key));
	json_array_open(out);
	for (size_t i = 0; i < list->n; i++)
		json_string(out, list->at[i]);
	json_array_close(out);
}

/* An event that spans lines, on one. */
static struct text on_one_line(struct scan *scan, struct text event)
{
	char *copy;

	if (!memchr(event.at, '\n', event.n) && !memchr(event.at, '\r', event.n))
		return event;
	copy = arena_alloc(&scan->arena, event.n);
	for (size_t i = 0; i < event.n; i++)
		copy[i] = event.at[i] == '\n' || event.at[i] == '\r' ? ' ' : event.at[i];
	return (struct text){copy, event.n};
}

static void detection_json(struct scan *scan, const struct rule *rule, struct text event,
	const char *file, uint64_t line)
{
	struct json_writer *out = &scan->out;

	json_writer_reset(out);
	json_object_open(out);
	json_field(out, "rule.id", rule->id);
	json_field(out, "rule.name", rule->title);
	json_field(out, "rule.level", rule->level);
	json_field(out, "rule.file", rule->file);
	json_list(out, "threat.technique.id", &rule->techniques);
	json_list(out, "threat.tactic.name", &rule->tactics);
	json_field(out, "log.file.path", text_of(file));
	json_key(out, TEXT("log.line"));
	json_number(out, (int64_t)line);
	json_key(out, TEXT("event"));
	json_raw(out, on_one_line(scan, event));
	json_object_close(out);
	fwrite(out->at, 1, out->n, stdout);
	putchar('\n');
}

static void event_scan(struct scan *scan, struct text event, const char *file, uint64_t line)
{
	struct error err = {0};
	int64_t n = rules_match_json(scan->rules, event, scan->hits, rules_count(scan->rules),
		&err);
	struct glance glance = {0};

	if (n < 0) {
		if (!scan->bad++)
			fprintf(stderr, "%s:%llu: %s; the line is left out\n", file,
				(unsigned long long)line, err.text);
		return;
	}
	scan->events++;
	scan->detections += (uint64_t)n;
	if (!n)
		return;
	arena_reset(&scan->arena);
	if (!scan->json)
		glance_read(&glance, event, &scan->arena);
	for (int64_t i = 0; i < n; i++)
		if (scan->json)
			detection_json(scan, scan->hits[i], event, file, line);
		else
			detection_text(scan, scan->hits[i], &glance, file, line);
}

static void stream_scan(struct scan *scan, int fd, const char *name)
{
	until_return(ndjson_free) struct ndjson *in = ndjson_new(fd);
	struct error err = {0};
	struct text event;
	int got;

	scan->files++;
	while ((got = ndjson_next(in, &event, &err)) > 0)
		event_scan(scan, event, name, ndjson_line(in));
	if (got < 0) {
		fprintf(stderr, "%s: %s\n", name, err.text);
		scan->unreadable = true;
	}
	if (ndjson_skipped(in))
		fprintf(stderr, "%s: %llu events longer than %d MiB are left out\n", name,
			(unsigned long long)ndjson_skipped(in), NDJSON_EVENT_MAX >> 20);
	scan->skipped += ndjson_skipped(in);
}

static void path_scan(struct scan *scan, const char *path, unsigned depth);

static int entry_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int entry_is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void folder_scan(struct scan *scan, const char *path, unsigned depth)
{
	struct dirent **entries;
	int n = depth < FOLDER_DEPTH_MAX ?
		scandir(path, &entries, entry_is_shown, entry_order) : 0;

	if (n < 0) {
		fprintf(stderr, "cannot open '%s': %s\n", path, strerror(errno));
		scan->unreadable = true;
		return;
	}
	for (int i = 0; i < n; i++) {
		until_return(memory_free) char *below = NULL;

		if (asprintf(&below, "%s/%s", path, entries[i]->d_name) > 0)
			path_scan(scan, below, depth + 1);
		free(entries[i]);
	}
	if (depth < FOLDER_DEPTH_MAX)
		free(entries);
}

static void path_scan(struct scan *scan, const char *path, unsigned depth)
{
	until_return(fd_close) int fd = -1;
	struct stat found;

	if (!depth && !strcmp(path, "-")) {
		stream_scan(scan, STDIN_FILENO, "-");
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (depth ? O_NOFOLLOW | O_NONBLOCK : 0));
	if (fd < 0 || fstat(fd, &found)) {
		fprintf(stderr, "cannot open '%s': %s\n", path, strerror(errno));
		scan->unreadable = true;
		return;
	}
	if (S_ISDIR(found.st_mode))
		folder_scan(scan, path, depth);
	else if (!depth || S_ISREG(found.st_mode))
		stream_scan(scan, fd, path);
}

/* "product=linux,category=process_creation" */
static int logsource_take(struct scan *scan, const char *option)
{
	until_return(memory_free) char *copy = memory_string(option);
	const char *values[3] = {NULL};
	static const char *const names[] = {"product", "category", "service"};
	char *rest = copy, *part;

	while ((part = strsep(&rest, ","))) {
		char *value = strchr(part, '=');
		size_t i = 0;

		if (value)
			*value++ = 0;
		while (i < array_size(names) && strcmp(part, names[i]))
			i++;
		if (!value || !*value || i == array_size(names))
			return refuse(scan->invocation, "--logsource takes "
				"product=NAME,category=NAME,service=NAME or some of them, not "
				"'%s'", option);
		values[i] = value;
	}
	rules_assume(scan->rules, values[0], values[1], values[2]);
	return EXIT_done;
}

static int rules_load(struct scan *scan, const char *path)
{
	struct error err;

	if (rules_add_folder(scan->rules, path, &err) < 0)
		return refuse(scan->invocation, "%s", err.text);
	return EXIT_done;
}

static int option_take(struct scan *scan, const char *name, const char *value, bool *rules_given)
{
	if (!strcmp(name, "--rules")) {
		*rules_given = true;
		return rules_load(scan, value);
	}
	if (!strcmp(name, "--logsource"))
		return logsource_take(scan, value);
	if (strcmp(name, "--format"))
		return usage(scan->invocation);
	scan->json = !strcmp(value, "jsonl");
	if (!scan->json && strcmp(value, "text"))
		return refuse(scan->invocation, "there is no format '%s'; there are text and "
			"jsonl",
			value);
	return EXIT_done;
}

/* Takes the options out of argv; what is left are paths. */
static int options_take(struct scan *scan, struct invocation *invocation)
{
	bool rules_given = false, options = true;
	char folder[4096];
	int n = 1;

	for (int i = 1; i < invocation->argc; i++) {
		char *word = invocation->argv[i];
		int result;

		if (options && !strcmp(word, "--")) {
			options = false;
			continue;
		}
		if (!options || word[0] != '-' || !word[1]) {
			invocation->argv[n++] = word;
			continue;
		}
		if (i + 1 == invocation->argc)
			return usage(invocation);
		result = option_take(scan, word, invocation->argv[++i], &rules_given);
		if (result)
			return result;
	}
	invocation->argc = n;
	if (n == 1)
		return usage(invocation);
	if (rules_given)
		return EXIT_done;
	if (!content_folder("rules", folder, sizeof folder))
		return refuse(invocation, "the rules that come with saker are not there; give "
			"--rules DIR");
	return rules_load(scan, folder);
}

/* Says which rules were refused, and which regular expressions switched off, from a problem on. */
static void problems_show(const struct rules *rules, size_t from, bool all)
{
	for (size_t i = from; i < rules_problems(rules); i++) {
		const struct rule_problem *p = rules_problem(rules, i);

		if (p->fatal || all)
			fprintf(stderr, "%.*s:%u:%u: %.*s\n", (int)p->file.n, p->file.at, p->line,
				p->column, (int)p->sentence.n, p->sentence.at);
	}
}

static void summary_show(const struct scan *scan)
{
	uint64_t unrouted = rules_unrouted(scan->rules);

	fprintf(stderr, "saker scan: %llu events, %llu detections by %zu rules",
		(unsigned long long)scan->events, (unsigned long long)scan->detections,
		rules_count(scan->rules));
	if (scan->bad)
		fprintf(stderr, "; %llu lines were no events", (unsigned long long)scan->bad);
	if (unrouted)
		fprintf(stderr, "; %llu events do not say what made them (--logsource "
			"product=linux,category=process_creation says it for them)",
			(unsigned long long)unrouted);
	fputc('\n', stderr);
}

static void scan_clear(struct scan *scan)
{
	rules_free(&scan->rules);
	free(scan->hits);
	arena_clear(&scan->arena);
	json_writer_clear(&scan->out);
}

int command_scan(struct invocation *invocation)
{
	until_return(scan_clear) struct scan scan = {
		.invocation = invocation,
		.rules = rules_new(),
		.json = invocation->json,
	};
	int result = options_take(&scan, invocation);
	size_t problems;

	if (result)
		return result;
	problems_show(scan.rules, 0, false);
	if (!rules_count(scan.rules))
		return refuse(invocation, "no rule is left to scan with");
	rules_compile(scan.rules);
	problems = rules_problems(scan.rules);
	scan.hits = memory_new(rules_count(scan.rules) * sizeof *scan.hits);
	for (int i = 1; i < invocation->argc; i++)
		path_scan(&scan, invocation->argv[i], 0);
	if (fflush(stdout) || ferror(stdout))
		return refuse(invocation, "cannot write the detections: %m");
	problems_show(scan.rules, problems, true);
	summary_show(&scan);
	if (scan.unreadable || (!scan.events && (scan.bad || scan.skipped)))
		return EXIT_refused;
	return scan.detections ? EXIT_found : EXIT_done;
}
