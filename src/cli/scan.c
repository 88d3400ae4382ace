// SPDX-License-Identifier: Apache-2.0
// saker scan: recorded events in, detections out.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/command.h"
#include "cli/scan/keep.h"
#include "cli/scan/output.h"
#include "cli/scan/pipeline.h"
#include "cli/scan/progress.h"
#include "cli/scan/tally.h"
#include "daemon/content.h"
#include "daemon/rights.h"
#include "detect/image.h"
#include "intel/feeds.h"

enum { ROWS_DEFAULT = 20, THREADS_MAX = 256, RULE_PATHS_MAX = 64 };

struct scan {
	const struct invocation *invocation;
	struct rules *rules;
	struct source *source;
	struct pipeline_order order;
	const struct output_way *way; /* NULL: the report */
	struct output output;
	struct keep *keep; /* NULL: what is found is not kept */
	struct collection *collection; /* NULL: there are no correlations */
	struct tally tally;
	struct progress progress;
	const char **paths;
	size_t path_count, rows;
	const char *rule_paths[RULE_PATHS_MAX], *indicator_paths[RULE_PATHS_MAX];
	size_t rule_path_count, indicator_path_count;
	const char *logsource, *level;
	struct indicators *indicators; /* NULL: none are asked for */
	size_t indicator_problems;
	char folder[4096]; /* of our own rules */
	bool unreadable;
};

static volatile int interrupted;

static void interrupt(int signal)
{
	if (interrupted)
		_exit(128 + signal); /* asked twice */
	interrupted = 1;
}

/* "product=linux,category=process_creation" */
static int logsource_assume(struct scan *scan, const char *option)
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

static int take_logsource(struct scan *scan, const char *option)
{
	scan->logsource = option;
	return EXIT_done;
}

static int take_rules(struct scan *scan, const char *path)
{
	if (scan->rule_path_count == RULE_PATHS_MAX)
		return refuse(scan->invocation, "--rules is given more than %d times",
			RULE_PATHS_MAX);
	scan->rule_paths[scan->rule_path_count++] = path;
	return EXIT_done;
}

static int take_indicators(struct scan *scan, const char *path)
{
	if (scan->indicator_path_count == RULE_PATHS_MAX)
		return refuse(scan->invocation, "--indicators is given more than %d times",
			RULE_PATHS_MAX);
	scan->indicator_paths[scan->indicator_path_count++] = path;
	return EXIT_done;
}

static int take_format(struct scan *scan, const char *name)
{
	if (!strcmp(name, "report")) {
		scan->way = NULL;
		return EXIT_done;
	}
	scan->way = output_find(name);
	if (!scan->way)
		return refuse(scan->invocation, "there is no format '%s'; there are report, text, "
			"jsonl, csv, timesketch and evtx-sigma-checker", name);
	return EXIT_done;
}

static int take_log(struct scan *scan, const char *name)
{
	for (unsigned i = 0; i < format_count; i++)
		if (!strcmp(formats[i]->name, name))
			scan->order.format = formats[i];
	if (scan->order.format)
		return EXIT_done;
	fprintf(stderr, "saker scan: there is no log format '%s'; there are:\n", name);
	for (unsigned i = 0; i < format_count; i++)
		fprintf(stderr, "  %-12s %s\n", formats[i]->name, formats[i]->sentence);
	return EXIT_refused;
}

static int take_threads(struct scan *scan, const char *value)
{
	int64_t n = 0;
	int result = option_number(scan->invocation, "--threads", value, 0, THREADS_MAX, &n);

	if (n)
		scan->order.threads = (unsigned)n;
	return result;
}

static int take_rows(struct scan *scan, const char *value)
{
	int64_t n = 0;
	int result = option_number(scan->invocation, "--rows", value, 0, 1000000, &n);

	scan->rows = (size_t)n;
	return result;
}

static int take_level(struct scan *scan, const char *value)
{
	scan->level = value;
	return EXIT_done;
}

static int take_path(struct scan *scan, const char *path)
{
	struct error err;

	scan->paths = memory_resize(scan->paths, scan->path_count + 1, sizeof *scan->paths);
	scan->paths[scan->path_count++] = path;
	if (!source_add(scan->source, path, &err))
		return EXIT_done;
	fprintf(stderr, "saker scan: %s\n", err.text);
	scan->unreadable = true;
	return EXIT_done;
}

/* How SigmaHQ's runner names its own mapping of log sources; ours is built in. */
static int take_mapping(struct scan *scan, const char *value)
{
	return EXIT_done;
}

static const struct {
	const char *name;
	int (*take)(struct scan *scan, const char *value);
} options[] = {
	{"--rules", take_rules},
	{"--indicators", take_indicators},
	{"--format", take_format},
	{"--logsource", take_logsource},
	{"--log", take_log},
	{"--threads", take_threads},
	{"--rows", take_rows},
	{"--level", take_level},
	/* those of evtx-sigma-checker */
	{"--evtx-path", take_path},
	{"--rule-path", take_rules},
	{"--rule-level", take_level},
	{"--log-source", take_mapping},
};

static int option_take(struct scan *scan, const char *name, const char *value)
{
	for (size_t i = 0; i < array_size(options); i++)
		if (!strcmp(name, options[i].name))
			return value ? options[i].take(scan, value) : usage(scan->invocation);
	return usage(scan->invocation);
}

static bool flag_take(struct scan *scan, const char *word)
{
	if (!strcmp(word, "--slack"))
		scan->order.slack = true;
	else if (!strcmp(word, "--expected"))
		scan->order.with_expected = true;
	else
		return false;
	return true;
}

static int options_take(struct scan *scan, struct invocation *invocation)
{
	bool words_only = false, paths = false;

	for (int i = 1; i < invocation->argc; i++) {
		char *word = invocation->argv[i];
		int result;

		if (!words_only && !strcmp(word, "--")) {
			words_only = true;
			continue;
		}
		if (!words_only && flag_take(scan, word))
			continue;
		if (words_only || word[0] != '-' || !word[1]) {
			paths = true;
			take_path(scan, word);
			continue;
		}
		paths |= !strcmp(word, "--evtx-path");
		result = option_take(scan, word, ++i < invocation->argc ? invocation->argv[i] :
			NULL);
		if (result)
			return result;
	}
	if (!paths)
		return usage(invocation);
	if (scan->rule_path_count)
		return EXIT_done;
	if (!content_folder("rules", scan->folder, sizeof scan->folder))
		return refuse(invocation, "the rules that come with saker are not there; give "
			"--rules DIR");
	return take_rules(scan, scan->folder);
}

static int rules_load(struct scan *scan)
{
	char cache[4096];
	struct error err;

	if (rules_add_cached(scan->rules, scan->rule_paths, scan->rule_path_count,
		cache_folder(cache, sizeof cache), &err) < 0)
		return refuse(scan->invocation, "%s", err.text);
	if (scan->level && rules_least(scan->rules, scan->level))
		return refuse(scan->invocation, "there is no level '%s'; there are informational, "
			"low, medium, high and critical", scan->level);
	return scan->logsource ? logsource_assume(scan, scan->logsource) : EXIT_done;
}

static void on_feed_problem(void *context, const struct feed_problem *problem)
{
	struct scan *scan = context;
	char sentence[512];

	if (!problem->count || ++scan->indicator_problems > TALLY_SHOWN)
		return;
	feed_problem_text(problem, sentence, sizeof sentence);
	fprintf(stderr, "%s\n", sentence);
}

/* One compiled set is mapped where it lies; else all feeds become a set in memory. */
static int indicators_load(struct scan *scan)
{
	until_return(feeds_free) struct feeds *feeds = NULL;
	struct error err;

	if (!scan->indicator_path_count)
		return EXIT_done;
	if (scan->indicator_path_count == 1 &&
	    indicators_file_is_compiled(scan->indicator_paths[0])) {
		scan->indicators = indicators_open(scan->indicator_paths[0], &err);
	} else {
		feeds = feeds_new(on_feed_problem, scan);
		for (size_t i = 0; i < scan->indicator_path_count; i++)
			if (feeds_add_path(feeds, scan->indicator_paths[i], &err) < 0)
				return refuse(scan->invocation, "%s", err.text);
		scan->indicators = feeds_set(feeds, &err);
	}
	if (!scan->indicators)
		return refuse(scan->invocation, "%s", err.text);
	if (scan->indicator_problems > TALLY_SHOWN)
		fprintf(stderr, "saker scan: %zu more lines of indicators were left out; `saker "
			"indicators check` names them\n", scan->indicator_problems - TALLY_SHOWN);
	return EXIT_done;
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

static void on_finding(void *context, const struct finding *finding)
{
	struct scan *scan = context;

	tally_finding(&scan->tally, finding);
	if (scan->keep)
		keep_finding(scan->keep, finding);
	if (scan->way)
		scan->way->write(&scan->output, finding);
}

static void on_read(void *context, const struct log_file *file, const struct format *format,
	uint64_t events)
{
	struct scan *scan = context;

	tally_read(&scan->tally, file, format, events);
}

/* A sentence for the report, or at once where there is none. */
static void tell(struct scan *scan, struct mention *mention, struct text sentence)
{
	tally_mention(&scan->tally, mention, sentence);
	if (!scan->way || mention->n > TALLY_SHOWN)
		return;
	progress_wipe(&scan->progress);
	fprintf(stderr, "%.*s\n", TEXT_PRINT(sentence));
}

static void on_expected(void *context, size_t exception, uint64_t detections)
{
	struct scan *scan = context;

	scan->tally.expected[exception] += detections;
}

static void on_skipped(void *context, const char *file, struct text where, struct text why,
	uint64_t records)
{
	struct scan *scan = context;
	struct arena *arena = &scan->output.arena;
	struct text sentence = arena_format(arena, "%s%s%.*s: %.*s", file, where.n ? ", " : "",
		TEXT_PRINT(where), TEXT_PRINT(why));

	scan->tally.records_lost += records;
	if (records > 1)
		sentence = arena_format(arena, "%.*s (%llu records)", TEXT_PRINT(sentence),
			(unsigned long long)records);
	tell(scan, records ? &scan->tally.lost : &scan->tally.remarks, sentence);
}

static void on_unknown(void *context, const struct log_file *file, bool named)
{
	struct scan *scan = context;

	if (!file->size)
		return; /* nothing is in it */
	if (named) {
		scan->unreadable = true;
		tell(scan, &scan->tally.failed, arena_format(&scan->output.arena,
			"'%s' is no log that saker knows (--log NAME says which it is)",
			file->name));
		return;
	}
	tally_mention(&scan->tally, &scan->tally.unknown, text_of(file->name));
}

static void on_failed(void *context, const char *sentence)
{
	struct scan *scan = context;

	scan->unreadable = true;
	tell(scan, &scan->tally.failed, text_of(sentence));
}

static void on_progress(void *context, uint64_t done, uint64_t total, uint64_t events)
{
	struct scan *scan = context;

	progress_show(&scan->progress, done, total, events);
}

static void confine(void)
{
	struct error err;

	if (!rights_reader(&err))
		return;
	fprintf(stderr, "saker scan: %s\n", err.text);
	exit(EXIT_refused);
}

/*
 * What it reads was made by others, so it reads it with as few rights as it can. The store is
 * written by another process.
 */
static int rights_give_up(struct scan *scan)
{
	struct error err;

	if (scan->invocation->store_given) {
		scan->keep = keep_open(scan->invocation->store, &err);
		if (!scan->keep)
			return refuse(scan->invocation, "%s", err.text);
	}
	if (rights_read_only(scan->paths, scan->path_count, &err))
		return refuse(scan->invocation, "%s", err.text);
	return EXIT_done;
}

static void on_member(void *context, const struct log_file *file, const struct member *member)
{
	struct scan *scan = context;

	collection_take(scan->collection, file, member);
}

/* A remark about correlations, if there is anything to it. */
static void loss_tell(struct scan *scan, uint64_t n, const char *noun, const char *what)
{
	if (n)
		tell(scan, &scan->tally.remarks, arena_format(&scan->output.arena,
			"correlations: %llu %s%s %s", (unsigned long long)n, noun,
			n > 1 ? "s" : "", what));
}

static void correlations_end(struct scan *scan)
{
	struct collection_losses losses;

	if (!scan->collection)
		return;
	collection_end(scan->collection);
	losses = collection_losses(scan->collection);
	loss_tell(scan, losses.undated, "event", "left out, for want of a time");
	loss_tell(scan, losses.late, "event", "behind later ones that had been judged");
	loss_tell(scan, losses.groups, "group", "given up before the time, for want of room");
	loss_tell(scan, losses.events, "event", "pushed out of full windows");
}

static void scan_run(struct scan *scan)
{
	const struct pipeline_sink sink = {
		.finding = on_finding,
		.read = on_read,
		.member = scan->collection ? on_member : NULL,
		.expected = on_expected,
		.skipped = on_skipped,
		.unknown = on_unknown,
		.failed = on_failed,
		.progress = on_progress,
		.context = scan,
	};

	scan->order.rules = scan->rules;
	scan->order.source = scan->source;
	scan->order.indicators = scan->indicators;
	scan->order.now = time(NULL) * INT64_C(1000000000);
	scan->order.with_json = scan->way && scan->way->with_json;
	scan->order.stop = &interrupted;
	scan->order.confine = confine;
	signal(SIGINT, interrupt);
	progress_begin(&scan->progress);
	scan->tally.unrouted = pipeline_run(&scan->order, &sink);
	correlations_end(scan);
	progress_wipe(&scan->progress);
	signal(SIGINT, SIG_DFL);
}

static int scan_end(struct scan *scan)
{
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	struct error err;

	if (keep_close(&scan->keep, &err))
		return refuse(scan->invocation, "%s", err.text);

	if (!scan->way)
		tally_report(&scan->tally, stdout, scan->rows, colour,
			isatty(STDOUT_FILENO) ? progress_seconds(&scan->progress) : -1);
	if (fflush(stdout) || ferror(stdout))
		return refuse(scan->invocation, "cannot write the detections: %m");
	if (scan->way)
		tally_line(&scan->tally, stderr);
	if (interrupted)
		fputs("saker scan: interrupted; this is what was found so far\n", stderr);
	if (scan->unreadable || interrupted ||
	    (!scan->tally.events && scan->tally.records_lost))
		return EXIT_refused;
	return scan->tally.detections ? EXIT_found : EXIT_done;
}

static void scan_clear(struct scan *scan)
{
	collection_free(&scan->collection);
	tally_clear(&scan->tally);
	rules_free(&scan->rules);
	indicators_close(&scan->indicators);
	source_free(&scan->source);
	output_clear(&scan->output);
	free(scan->paths);
}

int command_scan(struct invocation *invocation)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	until_return(scan_clear) struct scan scan = {
		.invocation = invocation,
		.rules = rules_new(),
		.source = source_new(),
		.way = invocation->json ? output_find("jsonl") : NULL,
		.output.out = stdout,
		.order.threads = cores > 0 && cores < THREADS_MAX ? (unsigned)cores : 1,
		.rows = ROWS_DEFAULT,
	};
	int result = options_take(&scan, invocation);
	size_t problems;

	if (!result)
		result = rules_load(&scan);
	if (!result)
		result = indicators_load(&scan);
	if (result)
		return result;
	rules_compile(scan.rules);
	problems_show(scan.rules, 0, false);
	if (!rules_count(scan.rules))
		return refuse(invocation, "no rule is left to scan with");
	tally_init(&scan.tally, scan.rules);
	if (rules_correlate(scan.rules))
		scan.collection = collection_new(scan.rules, on_finding, &scan);
	problems = rules_problems(scan.rules);
	result = rights_give_up(&scan);
	if (result)
		return result;
	scan_run(&scan);
	result = scan_end(&scan);
	problems_show(scan.rules, problems, true);
	return result;
}
