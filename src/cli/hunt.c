// SPDX-License-Identifier: Apache-2.0
// saker hunt: questions to the events that are kept, and Sigma rules over them.

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/hunt/output.h"
#include "cli/look.h"
#include "detect/correlation/correlation.h"
#include "detect/exception.h"
#include "detect/folder.h"
#include "detect/rules.h"
#include "hunt/entities.h"
#include "hunt/field.h"

enum {
	RULES_MAX = 64,
	HITS_MAX = 16,
	LIMIT = 1000,
	PAUSE = 500, /* ms between two looks, with --follow */
	LATE = 10, /* s: events are kept in nearly their order, some wait for their hashes */
};

struct wish {
	struct text question; /* words joined by blanks */
	const char *last, *from, *to;
	const char *rules[RULES_MAX];
	size_t rule_count;
	int64_t limit; /* -1: not given */
	bool follow;
	enum hunt_format format;
	struct arena arena;
};

struct hunt {
	struct invocation *invocation;
	struct wish wish;
	struct hunt_query *query;
	struct store *store;
	struct rules *rules; /* NULL: none */
	struct hunt_output output;
	/* events that --follow has shown, by time and number; and in the span before */
	struct entities seen, older;
	event_time newest;
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
	ended = 1;
}

static void hunt_clear(struct hunt *hunt)
{
	query_clear(hunt->query);
	rules_free(&hunt->rules);
	store_close(&hunt->store);
	hunt_output_clear(&hunt->output);
	entities_clear(&hunt->seen);
	entities_clear(&hunt->older);
	arena_clear(&hunt->wish.arena);
}

static int format_read(struct hunt *hunt, const char *value)
{
	static const char *const names[] = {
		[HUNT_text] = "text", [HUNT_jsonl] = "jsonl", [HUNT_ocsf] = "ocsf",
		[HUNT_csv] = "csv"};

	for (size_t i = 0; i < array_size(names); i++)
		if (!strcmp(value, names[i])) {
			hunt->wish.format = (enum hunt_format)i;
			return EXIT_done;
		}
	return refuse(hunt->invocation, "'%.40s' is no format; write text, jsonl, ocsf or csv",
		value);
}

static int option_read(struct hunt *hunt, int *i)
{
	struct invocation *invocation = hunt->invocation;
	struct wish *wish = &hunt->wish;
	const char *value;

	if ((value = look_option(invocation, i, "--last")))
		wish->last = value;
	else if ((value = look_option(invocation, i, "--from")))
		wish->from = value;
	else if ((value = look_option(invocation, i, "--to")))
		wish->to = value;
	else if ((value = look_option(invocation, i, "--format")))
		return format_read(hunt, value);
	else if ((value = look_option(invocation, i, "--limit")))
		return option_number(invocation, "--limit", value, 0, INT32_MAX, &wish->limit);
	else if ((value = look_option(invocation, i, "--rule"))) {
		if (wish->rule_count == RULES_MAX)
			return refuse(invocation, "--rule was given more than %d times",
				RULES_MAX);
		wish->rules[wish->rule_count++] = value;
	} else if (!strcmp(invocation->argv[*i], "--follow"))
		wish->follow = true;
	else
		return usage(invocation);
	return EXIT_done;
}

static int arguments_read(struct hunt *hunt)
{
	struct wish *wish = &hunt->wish;

	for (int i = 1; i < hunt->invocation->argc; i++) {
		const char *argument = hunt->invocation->argv[i];
		int status;

		if (argument[0] != '-') {
			wish->question = arena_format(&wish->arena, "%.*s%s%s",
				TEXT_PRINT(wish->question), wish->question.n ? " " : "", argument);
			continue;
		}
		status = option_read(hunt, &i);
		if (status != EXIT_done)
			return status;
	}
	return EXIT_done;
}

/* The question, with marks below what is wrong with it. */
static int mistake_print(const struct hunt *hunt, const struct hunt_mistake *mistake)
{
	struct text question = hunt->wish.question;
	size_t at = mistake->at < question.n ? mistake->at : question.n;

	fprintf(stderr, "saker hunt: %s\n  ", mistake->sentence);
	for (size_t i = 0; i < question.n; i++) {
		unsigned char c = (unsigned char)question.at[i];

		fputc(c < ' ' || c == 0x7f ? ' ' : c, stderr);
	}
	fprintf(stderr, "\n  ");
	for (size_t i = 0; i < at; i++)
		if (((unsigned char)question.at[i] & 0xc0) != 0x80)
			fputc(' ', stderr);
	fputc('^', stderr);
	for (size_t i = 1; i < mistake->n && at + i < question.n; i++)
		fputc('~', stderr);
	fputc('\n', stderr);
	return EXIT_refused;
}

static int time_set(struct hunt *hunt, const char *option, const char *value, bool to,
	event_time *time)
{
	if (!value || hunt_time(text_of(value), look_now(), to, time))
		return EXIT_done;
	return refuse(hunt->invocation,
		"%s '%.40s' is no time; write 2015-09-26, 2015-09-26T10:00, or how long ago, as "
		"2h",
		option, value);
}

static int question_read(struct hunt *hunt)
{
	struct wish *wish = &hunt->wish;
	struct hunt_mistake mistake;
	int64_t ago;

	hunt->query = query_parse(wish->question, look_now(), &wish->arena, &mistake);
	if (!hunt->query)
		return mistake_print(hunt, &mistake);
	if (wish->last && !hunt_duration(text_of(wish->last), &ago))
		return refuse(hunt->invocation, "--last '%.40s': write 30m, 2h, 1d or 2w",
			wish->last);
	if (wish->last)
		hunt->query->from = look_now() - ago;
	if (time_set(hunt, "--from", wish->from, false, &hunt->query->from) ||
		time_set(hunt, "--to", wish->to, true, &hunt->query->to))
		return EXIT_refused;
	if (wish->follow && (hunt->query->sequence || hunt->query->to ||
				    hunt->query->stages))
		return refuse(hunt->invocation,
			"--follow shows events as they come: without sequence, an end, and '|'");
	if (wish->rule_count &&
		(hunt->query->sequence || (hunt->query->stages)))
		return refuse(hunt->invocation,
			"--rule goes through events: without sequence and '|'; the question says "
			"which events");
	return EXIT_done;
}

static int rules_read(struct hunt *hunt)
{
	struct error err;

	if (!hunt->wish.rule_count)
		return EXIT_done;
	hunt->rules = rules_new();
	for (size_t i = 0; i < hunt->wish.rule_count; i++)
		if (rules_add_folder(hunt->rules, hunt->wish.rules[i], &err) < 0)
			return refuse(hunt->invocation, "%s", err.text);
	rules_compile(hunt->rules);
	for (size_t i = 0; i < rules_problems(hunt->rules); i++) {
		const struct rule_problem *problem = rules_problem(hunt->rules, i);

		fprintf(stderr, "saker hunt: %.*s:%u: %.*s\n", TEXT_PRINT(problem->file),
			problem->line, TEXT_PRINT(problem->sentence));
	}
	if (!rules_count(hunt->rules))
		return refuse(hunt->invocation, "no rule is left to ask with");
	return EXIT_done;
}

/* Every event of the question goes to the rules; those that match one are shown, once for each. */
static bool rules_event(void *context, const struct event *event, struct text json)
{
	struct hunt *hunt = context;
	struct hunt_sink sink = hunt_output_sink(&hunt->output);
	const struct rule *hits[HITS_MAX];
	size_t n = rules_match(hunt->rules, event, hits, HITS_MAX);

	for (size_t i = 0; i < n && i < HITS_MAX; i++) {
		if (!rule_is_told(hunt->rules, hits[i]) ||
			rules_match_exception(hunt->rules, hits[i], event->time))
			continue;
		hunt->output.rule = hits[i]->title;
		if (!sink.event(sink.context, event, json))
			return false;
	}
	return true;
}

/* With --follow: what was shown already is not shown again. */
static bool follow_event(void *context, const struct event *event, struct text json)
{
	struct hunt *hunt = context;
	struct hunt_sink sink = hunt_output_sink(&hunt->output);
	struct entity name = {(uint64_t)event->time, (uint64_t)event->sequence + 1};
	unsigned char *mark;

	if (entities_find(&hunt->older, name))
		return true;
	mark = entities_add(&hunt->seen, name);
	if (*mark)
		return true;
	*mark = 1;
	if (event->time > hunt->newest)
		hunt->newest = event->time;
	return hunt->rules ? rules_event(context, event, json)
			   : sink.event(sink.context, event, json);
}

static int ask(struct hunt *hunt, struct hunt_numbers *numbers)
{
	struct hunt_source source = hunt_store(hunt->store);
	struct hunt_sink sink = hunt_output_sink(&hunt->output);
	struct error err;

	if (hunt->wish.follow || hunt->rules) {
		sink.context = hunt;
		sink.event = hunt->wish.follow ? follow_event : rules_event;
	}
	if (hunt_run(hunt->query, &source, &sink, numbers, &err))
		return refuse(hunt->invocation, "%s", err.text);
	return EXIT_done;
}

static int follow(struct hunt *hunt)
{
	struct hunt_numbers numbers;
	struct sigaction action = {.sa_handler = end};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!hunt->query->from)
		hunt->query->from = look_now();
	while (!ended) {
		if (ask(hunt, &numbers) != EXIT_done)
			return EXIT_refused;
		if (fflush(stdout) || ferror(stdout))
			return EXIT_done; /* nobody reads it any more */
		if (hunt->newest - hunt->query->from > 2 * LATE * INT64_C(1000000000)) {
			hunt->query->from = hunt->newest - LATE * INT64_C(1000000000);
			entities_clear(&hunt->older);
			hunt->older = hunt->seen;
			hunt->seen = (struct entities){0};
		}
		if (hunt->output.limit && hunt->output.given >= hunt->output.limit)
			break;
		poll(NULL, 0, PAUSE);
	}
	return EXIT_done;
}

static void notes_print(const struct hunt *hunt, const struct hunt_numbers *numbers)
{
	if (hunt->output.cut)
		fprintf(stderr,
			"saker hunt: there is more; these are the first %lld (--limit 0: all)\n",
			(long long)hunt->output.limit);
	if (numbers->limited)
		fprintf(stderr,
			"saker hunt: a regular expression took too long on %llu values, which "
			"count as not found\n",
			(unsigned long long)numbers->limited);
	if (numbers->unreadable)
		fprintf(stderr, "saker hunt: %llu events could not be read\n",
			(unsigned long long)numbers->unreadable);
}

int command_hunt(struct invocation *invocation)
{
	until_return(hunt_clear) struct hunt hunt = {.invocation = invocation,
		.wish = {.limit = -1, .format = invocation->json ? HUNT_jsonl : HUNT_text},
		.output = {.out = stdout}};
	struct hunt_numbers numbers = {0};
	struct error err;

	if (arguments_read(&hunt) || question_read(&hunt) || rules_read(&hunt))
		return EXIT_refused;
	hunt.output.format = hunt.wish.format;
	hunt.output.limit = hunt.wish.limit >= 0 ? hunt.wish.limit
		: hunt.wish.format == HUNT_text && !hunt.wish.follow ? LIMIT : 0;
	hunt.store = store_open(invocation->store, STORE_read, &err);
	if (!hunt.store)
		return refuse(invocation, "%s", err.text);
	if (hunt.wish.follow)
		return follow(&hunt);
	if (ask(&hunt, &numbers) != EXIT_done)
		return EXIT_refused;
	hunt_output_end(&hunt.output);
	notes_print(&hunt, &numbers);
	if (look_finish(invocation, stdout, "standard output") != EXIT_done)
		return EXIT_refused;
	return hunt.output.given ? EXIT_found : EXIT_done;
}
