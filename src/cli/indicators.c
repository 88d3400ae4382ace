// SPDX-License-Identifier: Apache-2.0
// saker indicators: check feeds, compile them, list them, and say what is known of a value.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/command.h"
#include "daemon/content.h"
#include "event/event.h"
#include "intel/feeds.h"
#include "intel/guess.h"
#include "intel/indicator/defang.h"

enum { FOLDER_BYTES = 4096, HITS_MAX = 64, SECONDS_TEXT = 19 /* of "2015-09-25T00:00:00" */ };

/* How the command was called, and what it came across. */
struct calling {
	struct invocation *invocation;
	char **paths;
	size_t path_count;
	const char *output, *value;
	char folder[FOLDER_BYTES], *standard; /* where those are that came with saker */
	FILE *problems; /* where they go to */
	uint64_t problem_count, lost;
	int files; /* that were read */
	int64_t now;
	struct arena arena; /* of the line at hand */
};

static void string_put(struct json_writer *out, const char *key, struct text value)
{
	if (!value.n)
		return;
	json_key(out, text_of(key));
	json_string(out, value);
}

static void number_put(struct json_writer *out, const char *key, uint64_t value)
{
	json_key(out, text_of(key));
	json_number(out, (int64_t)value);
}

static void line_print(struct json_writer *out, FILE *to)
{
	fprintf(to, "%.*s\n", (int)out->n, out->at);
	json_writer_reset(out);
}

static void problem_json(const struct feed_problem *problem, FILE *to)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	json_object_open(&out);
	string_put(&out, "file", problem->file);
	if (problem->line)
		number_put(&out, "line", problem->line);
	string_put(&out, "sentence", problem->sentence);
	number_put(&out, "lost", problem->count);
	json_object_close(&out);
	line_print(&out, to);
}

static void on_problem(void *context, const struct feed_problem *problem)
{
	struct calling *c = context;
	char text[1024];

	c->problem_count++;
	c->lost += problem->count;
	if (c->invocation->json) {
		problem_json(problem, c->problems);
		return;
	}
	feed_problem_text(problem, text, sizeof text);
	fprintf(c->problems, "%s\n", text);
}

/* Reads all paths. NULL with the command's refusal said. */
static struct feeds *paths_read(struct calling *c)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, c);
	struct error err;

	for (size_t i = 0; i < c->path_count; i++) {
		int files = feeds_add_path(feeds, c->paths[i], &err);

		if (files < 0) {
			refuse(c->invocation, "%s", err.text);
			return NULL;
		}
		c->files += files;
	}
	if (!c->files) {
		refuse(c->invocation, "'%s' has no file of indicators "
			"(*.txt, *.csv, *.json, *.list, *.ioc, *.set)", c->paths[0]);
		return NULL;
	}
	return give(feeds);
}

/* True if it is a single compiled set: that needs no reading. */
static bool is_compiled(const struct calling *c)
{
	return c->path_count == 1 && indicators_file_is_compiled(c->paths[0]);
}

static struct indicators *set_load(struct calling *c)
{
	until_return(feeds_free) struct feeds *feeds = NULL;
	struct indicators *set = NULL;
	struct error err = {0};

	if (is_compiled(c)) {
		c->files = 1;
		set = indicators_open(c->paths[0], &err);
	} else {
		feeds = paths_read(c);
		if (!feeds)
			return NULL;
		set = feeds_set(feeds, &err);
	}
	if (!set)
		refuse(c->invocation, "%s", err.text);
	return set;
}

static void counts_json(const struct indicators *set, int64_t now)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	for (int i = 0; i < INDICATOR_TYPES; i++) {
		enum indicator_type type = (enum indicator_type)i;

		if (!indicators_count(set, type))
			continue;
		json_object_open(&out);
		string_put(&out, "type", text_of(indicator_names[i]));
		number_put(&out, "count", indicators_count(set, type));
		number_put(&out, "expired", indicators_expired(set, type, now));
		json_object_close(&out);
		line_print(&out, stdout);
	}
}

static void counts_print(const struct calling *c, const struct indicators *set, size_t expired)
{
	size_t all = 0;

	for (int i = 0; i < INDICATOR_TYPES; i++) {
		enum indicator_type type = (enum indicator_type)i;
		size_t n = indicators_count(set, type);

		if (!n)
			continue;
		if (!all)
			printf("%-11s %9s %9s\n", "type", "count", "expired");
		printf("%-11s %9zu %9zu  %s\n", indicator_names[i], n,
			indicators_expired(set, type, c->now), indicator_sentences[i]);
		all += n;
	}
	printf("%zu indicators from %d file%s, %zu expired, %llu left out\n", all, c->files,
		c->files == 1 ? "" : "s", expired, (unsigned long long)c->lost);
}

static int check(struct calling *c)
{
	until_return(indicators_close) struct indicators *set = NULL;
	size_t expired = 0;
	struct error err;

	c->problems = stdout;
	set = set_load(c);
	if (!set)
		return EXIT_refused;
	if (is_compiled(c) && indicators_verify(set, &err))
		return refuse(c->invocation, "'%s' %s", c->paths[0], err.text);
	for (int i = 0; i < INDICATOR_TYPES; i++)
		expired += indicators_expired(set, (enum indicator_type)i, c->now);
	if (c->invocation->json)
		counts_json(set, c->now);
	else
		counts_print(c, set, expired);
	return c->problem_count || expired ? EXIT_found : EXIT_done;
}

static int import(struct calling *c)
{
	until_return(indicators_close) struct indicators *set = NULL;
	until_return(feeds_free) struct feeds *feeds = NULL;
	struct error err;
	size_t all = 0;

	feeds = paths_read(c);
	if (!feeds)
		return EXIT_refused;
	if (feeds_compile(feeds, c->output, &err))
		return refuse(c->invocation, "%s", err.text);
	set = indicators_open(c->output, &err);
	if (!set)
		return refuse(c->invocation, "%s", err.text);
	for (int i = 0; i < INDICATOR_TYPES; i++)
		all += indicators_count(set, (enum indicator_type)i);
	if (c->invocation->json)
		counts_json(set, c->now);
	else
		printf("%zu indicators from %d file%s in '%s', %zu bytes; %llu left out\n", all,
			c->files, c->files == 1 ? "" : "s", c->output, indicators_bytes(set),
			(unsigned long long)c->lost);
	return EXIT_done;
}

/* "2015-09-25T00:00:00Z", no text if it is not known. */
static struct text seconds_text(struct arena *arena, int64_t time)
{
	char buffer[FIELD_BUFFER];

	if (time == INDICATOR_NO_TIME)
		return (struct text){0};
	return arena_format(arena, "%.*sZ", SECONDS_TEXT, time_text(time, buffer).at);
}

static bool has_expired(const struct calling *c, const struct indicator *indicator)
{
	return indicator->expires != INDICATOR_NO_TIME && indicator->expires <= c->now;
}

static void indicator_json(struct calling *c, const struct indicators *set,
	struct indicator_hit hit, struct text part)
{
	until_return(json_writer_clear) struct json_writer out = {0};
	char buffer[INDICATOR_TEXT];
	struct indicator one;

	indicator_read(set, hit, &one);
	json_object_open(&out);
	string_put(&out, "found", part);
	string_put(&out, "type", text_of(indicator_names[hit.type]));
	string_put(&out, "value", indicator_value(set, hit, buffer));
	string_put(&out, "source", one.source);
	string_put(&out, "file", one.file);
	number_put(&out, "line", one.line);
	string_put(&out, "label", one.label);
	string_put(&out, "reference", one.reference);
	string_put(&out, "comment", one.comment);
	if (one.confidence >= 0)
		number_put(&out, "confidence", (uint64_t)one.confidence);
	string_put(&out, "tlp", text_of(tlp_names[one.tlp]));
	string_put(&out, "valid_from", seconds_text(&c->arena, one.valid_from));
	string_put(&out, "expires", seconds_text(&c->arena, one.expires));
	json_key(&out, TEXT("expired"));
	json_bool(&out, has_expired(c, &one));
	json_object_close(&out);
	line_print(&out, stdout);
	arena_reset(&c->arena);
}

static void fact_print(struct calling *c, const char *name, struct text value)
{
	struct text shown = text_printable(&c->arena, value);

	if (shown.n)
		printf("  %-11s %.*s\n", name, TEXT_PRINT(shown));
}

static void indicator_print(struct calling *c, const struct indicators *set,
	struct indicator_hit hit, struct text part)
{
	char buffer[INDICATOR_TEXT];
	struct text value = text_printable(&c->arena, indicator_value(set, hit, buffer)),
		    shown = text_printable(&c->arena, part), expires;
	struct indicator one;

	indicator_read(set, hit, &one);
	printf("'%.*s': %s %.*s\n", TEXT_PRINT(shown), indicator_names[hit.type],
		TEXT_PRINT(value));
	fact_print(c, "source", one.source);
	fact_print(c, "file", one.line
		? arena_format(&c->arena, "%.*s:%u", TEXT_PRINT(one.file), one.line)
		: one.file);
	fact_print(c, "label", one.label);
	fact_print(c, "comment", one.comment);
	fact_print(c, "reference", one.reference);
	if (one.confidence >= 0)
		fact_print(c, "confidence", arena_format(&c->arena, "%d", one.confidence));
	fact_print(c, "tlp", text_of(tlp_names[one.tlp]));
	fact_print(c, "valid from", seconds_text(&c->arena, one.valid_from));
	expires = seconds_text(&c->arena, one.expires);
	if (has_expired(c, &one))
		expires = arena_format(&c->arena, "%.*s; it no longer matches",
			TEXT_PRINT(expires));
	fact_print(c, "expires", expires);
	arena_reset(&c->arena);
}

/* What looks like one type may be of another that looks the same. */
static size_t value_find(const struct indicators *set, struct text value,
	struct indicator_hit *hits, struct text *found)
{
	static const enum indicator_type others[] = {INDICATOR_imphash, INDICATOR_user_agent};
	size_t n = indicator_find_parts(set, value, INDICATOR_NO_TIME, hits, found, HITS_MAX);

	for (size_t i = 0; i < array_size(others); i++) {
		size_t more = indicator_find_typed(
			set, others[i], value, INDICATOR_NO_TIME, hits + n, HITS_MAX - n);

		for (; more; more--)
			found[n++] = value;
	}
	return n;
}

static int find(struct calling *c)
{
	until_return(indicators_close) struct indicators *set = set_load(c);
	struct indicator_hit hits[HITS_MAX];
	struct text found[HITS_MAX];
	char room[INDICATOR_VALUE_MAX];
	struct text value = defang(text_of(c->value), room, sizeof room);
	size_t n, matching = 0;

	if (!set)
		return EXIT_refused;
	n = value_find(set, value, hits, found);
	for (size_t i = 0; i < n; i++) {
		struct indicator one;

		indicator_read(set, hits[i], &one);
		matching += !has_expired(c, &one);
		if (c->invocation->json)
			indicator_json(c, set, hits[i], found[i]);
		else
			indicator_print(c, set, hits[i], found[i]);
	}
	if (!n && !c->invocation->json)
		printf("nothing is known of '%.*s'\n",
			TEXT_PRINT(text_printable(&c->arena, value)));
	return matching ? EXIT_found : EXIT_done;
}

static void row_print(struct calling *c, const struct indicators *set, struct indicator_hit hit)
{
	char buffer[INDICATOR_TEXT];
	struct text value = text_printable(&c->arena, indicator_value(set, hit, buffer)), source,
		    label, expires;
	struct indicator one;

	indicator_read(set, hit, &one);
	source = text_printable(&c->arena, one.source);
	label = text_printable(&c->arena, one.label.n ? one.label : one.comment);
	expires = seconds_text(&c->arena, one.expires);
	printf("%-10s %-10.*s %.*s  %.*s%s%.*s\n", indicator_names[hit.type],
		expires.n ? 10 : 1, expires.n ? expires.at : "-", TEXT_PRINT(value),
		TEXT_PRINT(source), label.n ? ": " : "", TEXT_PRINT(label));
	arena_reset(&c->arena);
}

static int list(struct calling *c)
{
	until_return(indicators_close) struct indicators *set = set_load(c);
	struct indicator_hit hit = {0};

	if (!set)
		return EXIT_refused;
	for (int i = 0; i < INDICATOR_TYPES; i++) {
		hit.type = (enum indicator_type)i;
		for (hit.number = 0; hit.number < indicators_count(set, hit.type); hit.number++) {
			if (c->invocation->json)
				indicator_json(c, set, hit, (struct text){0});
			else
				row_print(c, set, hit);
		}
	}
	return EXIT_done;
}

static const struct verb {
	const char *name;
	int (*run)(struct calling *c);
	bool value; /* its first argument is one */
	bool output;
} verbs[] = {
	{"check", check, false, false},
	{"import", import, false, true},
	{"find", find, true, false},
	{"list", list, false, false},
};

/* Takes --output FILE out of the arguments. */
static bool options_take(struct calling *c)
{
	struct invocation *invocation = c->invocation;
	int n = 1;

	for (int i = 1; i < invocation->argc; i++) {
		char *word = invocation->argv[i];

		if (!strcmp(word, "--output")) {
			if (++i == invocation->argc)
				return false;
			c->output = invocation->argv[i];
		} else if (!strncmp(word, "--output=", 9)) {
			c->output = word + 9;
		} else if (word[0] == '-' && word[1]) {
			return false;
		} else {
			invocation->argv[n++] = word;
		}
	}
	invocation->argc = n;
	return true;
}

static const struct verb *verb_find(const struct invocation *invocation)
{
	for (size_t i = 0; invocation->argc > 1 && i < array_size(verbs); i++)
		if (!strcmp(invocation->argv[1], verbs[i].name))
			return &verbs[i];
	return NULL;
}

static int paths_take(struct calling *c, const struct verb *verb)
{
	int first = 2;

	if (verb->value) {
		if (c->invocation->argc < 3)
			return usage(c->invocation);
		c->value = c->invocation->argv[first++];
	}
	c->paths = c->invocation->argv + first;
	c->path_count = (size_t)(c->invocation->argc - first);
	if (c->path_count)
		return EXIT_done;
	if (verb->output)
		return refuse(c->invocation, "name the files and folders to import");
	if (!content_folder("indicators", c->folder, sizeof c->folder))
		return refuse(c->invocation, "the indicators that come with saker are not there; "
			"name a file or a folder");
	c->standard = c->folder;
	c->paths = &c->standard;
	c->path_count = 1;
	return EXIT_done;
}

static void calling_clear(struct calling *c)
{
	arena_clear(&c->arena);
}

int command_indicators(struct invocation *invocation)
{
	until_return(calling_clear) struct calling calling = {
		.invocation = invocation,
		.problems = stderr,
		.now = (int64_t)time(NULL) * 1000000000,
	};
	const struct verb *verb;
	int result;

	if (!options_take(&calling))
		return usage(invocation);
	verb = verb_find(invocation);
	if (!verb || (calling.output && !verb->output))
		return usage(invocation);
	result = paths_take(&calling, verb);
	if (result)
		return result;
	if (verb->output && !calling.output)
		return refuse(invocation, "say with --output FILE where the set shall go");
	return verb->run(&calling);
}
