// SPDX-License-Identifier: Apache-2.0
// judge STORE LIST STATUSES [LACKING...]: whether each action caused the events that it declares.
// TAP on standard output.
//
// LIST has lines `action event KIND NAME=VALUE NAME~PART ...` and `action needs CAPABILITY`, made of
// the comments in the actions. An event counts if its process's program is the action, unless
// the line says of which name it is. NAME~ alone: the field is there. "\n" in a part is a line end.
// STATUSES has lines `action STATUS`. What needs one of LACKING is left out, and is said to be.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/memory.h"
#include "store/store.h"

enum { CONDITIONS_MAX = 8, EXPECTED_MAX = 512, LINE = 1024 };

struct condition {
	char name[64], value[256];
	bool part;
};

struct expected {
	char action[64], kind[64], line[LINE];
	struct condition conditions[CONDITIONS_MAX];
	size_t n;
	bool seen, names_process;
};

static struct expected expected[EXPECTED_MAX];
static size_t expected_count;
static char needs[EXPECTED_MAX][2][64];
static size_t needs_count;

static void condition_read(struct expected *e, char *word)
{
	struct condition *c = e->conditions + e->n;
	size_t n = strcspn(word, "=~");
	char *newline;

	if (e->n == CONDITIONS_MAX || !word[n] || n >= sizeof c->name) {
		fprintf(stderr, "judge: '%s' of %s is no condition\n", word, e->action);
		exit(2);
	}
	memcpy(c->name, word, n);
	c->part = word[n] == '~';
	snprintf(c->value, sizeof c->value, "%s", word + n + 1);
	while ((newline = strstr(c->value, "\\n"))) {
		*newline = '\n';
		memmove(newline + 1, newline + 2, strlen(newline + 2) + 1);
	}
	e->names_process |= !strcmp(c->name, "process.invoked") ||
		!strcmp(c->name, "process.name") ||
		!strcmp(c->name, "process.executable");
	e->n++;
}

static void line_read(char *line)
{
	struct expected *e = expected + expected_count;
	char *action = strtok(line, " \n"), *what = strtok(NULL, " \n"), *word = strtok(NULL, " \n");

	if (!action || !what || !word)
		return;
	if (!strcmp(what, "needs")) {
		snprintf(needs[needs_count][0], 64, "%s", action);
		snprintf(needs[needs_count++][1], 64, "%s", word);
		return;
	}
	snprintf(e->action, sizeof e->action, "%s", action);
	snprintf(e->kind, sizeof e->kind, "%s", word);
	snprintf(e->line, sizeof e->line, "%s", word);
	while ((word = strtok(NULL, " \n"))) {
		snprintf(e->line + strlen(e->line), sizeof e->line - strlen(e->line), " %s", word);
		condition_read(e, word);
	}
	expected_count++;
}

static FILE *list_open(const char *path)
{
	FILE *file = fopen(path, "r");

	if (!file) {
		fprintf(stderr, "judge: cannot open '%s': %m\n", path);
		exit(2);
	}
	return file;
}

static void list_read(const char *path)
{
	FILE *file = list_open(path);
	char line[LINE];

	while (fgets(line, sizeof line, file))
		line_read(line);
	fclose(file);
}

/* The fields of an event that anybody asks about, as texts; lists element by element. */
struct fields {
	struct text name[512], value[512];
	size_t n;
};

static void fields_add(struct fields *shown, struct text name, struct text value)
{
	if (shown->n == 512)
		return;
	shown->name[shown->n] = name;
	shown->value[shown->n++] = value;
}

static void fields_read(struct fields *shown, struct text json, struct arena *arena)
{
	struct json_reader in;
	enum json_token token;

	json_reader_init(&in, json, arena);
	shown->n = 0;
	if (json_next(&in) != JSON_OBJECT_OPEN)
		return;
	while ((token = json_next(&in)) == JSON_KEY) {
		struct text name = in.text;

		token = json_next(&in);
		if (token == JSON_ARRAY_OPEN)
			for (int n = 0; (token = json_next(&in)) == JSON_STRING; n++)
				if (n < 32)
					fields_add(shown, name, in.text);
				else
					continue;
		else if (token == JSON_TRUE)
			fields_add(shown, name, TEXT("true"));
		else
			fields_add(shown, name, in.text);
	}
}

static bool holds(const struct condition *c, const struct fields *shown)
{
	size_t n = strlen(c->value);

	for (size_t i = 0; i < shown->n; i++) {
		if (!text_is(shown->name[i], c->name))
			continue;
		if (c->part ? !n || memmem(shown->value[i].at, shown->value[i].n, c->value, n)
			    : text_is(shown->value[i], c->value))
			return true;
	}
	return false;
}

static bool is_by(const struct expected *e, const struct fields *shown)
{
	struct condition by = {.name = "process.executable", .part = true};

	if (e->names_process)
		return true;
	snprintf(by.value, sizeof by.value, "/%s", e->action);
	return holds(&by, shown);
}

static void event_judge(const struct fields *shown)
{
	for (size_t i = 0; i < expected_count; i++) {
		struct expected *e = expected + i;
		struct condition kind = {.name = "event.kind"};
		size_t n = 0;

		memcpy(kind.value, e->kind, sizeof e->kind);
		if (e->seen || !holds(&kind, shown) || !is_by(e, shown))
			continue;
		while (n < e->n && holds(e->conditions + n, shown))
			n++;
		e->seen = n == e->n;
	}
}

static bool judge_json(void *context, struct text json)
{
	struct arena arena = {0};

	fields_read(context, json, &arena);
	event_judge(context);
	arena_clear(&arena);
	return true;
}

static void events_judge(const char *folder)
{
	struct store_query all = {0};
	struct error err = {0};
	struct store *store = store_open(folder, STORE_read, &err);
	struct fields *shown = memory_new(sizeof *shown);

	if (!store || store_read(store, &all, judge_json, shown, &err)) {
		fprintf(stderr, "judge: %s\n", err.text);
		exit(2);
	}
	store_close(&store);
	free(shown);
}

/* Why it is left out, NULL if it is not. */
static const char *lacks(const char *action, char **lacking, int count)
{
	for (size_t i = 0; i < needs_count; i++)
		for (int n = 0; n < count; n++)
			if (!strcmp(needs[i][0], action) && !strcmp(needs[i][1], lacking[n]))
				return lacking[n];
	return NULL;
}

static int status_of(const char *path, const char *action)
{
	FILE *file = list_open(path);
	char line[LINE], name[64];
	int status = -1, found;

	while (fgets(line, sizeof line, file))
		if (sscanf(line, "%63s %d", name, &found) == 2 && !strcmp(name, action))
			status = found;
	fclose(file);
	return status;
}

int main(int argc, char **argv)
{
	bool failed = false;

	if (argc < 4)
		return 2;
	list_read(argv[2]);
	events_judge(argv[1]);
	for (size_t i = 0; i < expected_count; i++) {
		const struct expected *e = expected + i;
		const char *lack = lacks(e->action, argv + 4, argc - 4);
		int status = status_of(argv[3], e->action);

		if (lack || status == 77) {
			printf("ok %zu - %s: %s # SKIP %s\n", i + 1, e->action, e->line,
				lack ? lack : "this host cannot do it");
			continue;
		}
		failed |= !e->seen || status;
		printf("%sok %zu - %s: %s%s\n", e->seen && !status ? "" : "not ", i + 1, e->action,
			e->line, status ? " (the action failed)" : "");
	}
	printf("1..%zu\n", expected_count);
	return failed;
}
