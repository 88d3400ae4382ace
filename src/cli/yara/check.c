// SPDX-License-Identifier: Apache-2.0
// saker rules check, of YARA files: do they compile, and are they meant so.

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
#include "cli/yara/check.h"
#include "daemon/content.h"
#include "detect/listing.h"
#include "detect/yara/lint.h"
#include "detect/yara/yara.h"

enum { FILE_BYTES_MAX = 32 << 20 };

static const char *const endings[] = {".yar", ".yara", NULL};

struct check {
	const struct invocation *invocation;
	const char *file; /* at hand */
	size_t mistakes, warnings;
};

static bool is_yara_file(const char *path)
{
	return text_ends(text_of(path), TEXT(".yar")) || text_ends(text_of(path), TEXT(".yara"));
}

static bool has_files(const char *path, const char *const *wanted)
{
	until_return(listing_clear) struct listing listing = {0};
	struct error err;
	struct stat found;

	return !stat(path, &found) && S_ISDIR(found.st_mode) &&
		!files_list(path, wanted, &listing, &err);
}

void yara_paths_take(struct invocation *invocation, struct yara_paths *paths, char *folder,
	size_t size)
{
	int left = 2;

	for (int i = 2; i < invocation->argc; i++) {
		char *path = invocation->argv[i];
		bool is_file = is_yara_file(path), yara = is_file || has_files(path, endings);

		if (yara && paths->n < array_size(paths->at))
			paths->at[paths->n++] = path;
		if (!yara || (!is_file && has_files(path, rule_endings)))
			invocation->argv[left++] = path;
	}
	if (invocation->argc == 2 && content_folder("yara", folder, size))
		paths->at[paths->n++] = folder;
	if (invocation->argc > 2)
		invocation->argc = left;
}

static void problem_tell(struct check *c, unsigned line, unsigned column, bool fatal,
	struct text kind, struct text sentence)
{
	until_return(json_writer_clear) struct json_writer out = {0};

	c->mistakes += fatal;
	c->warnings += !fatal;
	if (!c->invocation->json) {
		printf("%s:%u:%u: %s%.*s\n", c->file, line, column, fatal ? "" : "warning: ",
			TEXT_PRINT(sentence));
		return;
	}
	json_object_open(&out);
	json_key(&out, TEXT("file"));
	json_string(&out, text_of(c->file));
	json_key(&out, TEXT("line"));
	json_number(&out, line);
	json_key(&out, TEXT("column"));
	json_number(&out, column);
	json_key(&out, TEXT("refused"));
	json_bool(&out, fatal && !kind.n);
	if (kind.n) {
		json_key(&out, TEXT("kind"));
		json_string(&out, kind);
	}
	json_key(&out, TEXT("sentence"));
	json_string(&out, sentence);
	json_object_close(&out);
	printf("%.*s\n", (int)out.n, out.at);
}

static void on_problem(void *context, const struct yara_problem *problem)
{
	struct check *c = context;

	c->file = problem->file;
	problem_tell(c, problem->line, 1, problem->fatal, (struct text){0},
		text_of(problem->sentence));
}

static void on_finding(void *context, const struct yara_finding *finding)
{
	until_return(arena_clear) struct arena arena = {0};
	struct check *c = context;

	problem_tell(c, finding->line, finding->column, finding->kind == YARA_LINT_never,
		text_of(yara_lint_name(finding->kind)),
		arena_format(&arena, "%.*s: %.*s", TEXT_PRINT(finding->rule),
			TEXT_PRINT(text_printable(&arena, finding->sentence))));
}

/* What cannot be read, libyara has said already. */
static void file_lint(struct check *c, const char *path)
{
	until_return(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	until_return(arena_clear) struct arena arena = {0};
	until_return(memory_free) char *bytes = NULL;
	struct stat found;
	size_t n = 0;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &found) || !S_ISREG(found.st_mode) ||
	    found.st_size > FILE_BYTES_MAX)
		return;
	bytes = memory_new((size_t)found.st_size + 1);
	while (n < (size_t)found.st_size && got > 0) {
		got = read(fd, bytes + n, (size_t)found.st_size - n);
		n += got > 0 ? (size_t)got : 0;
	}
	c->file = path;
	yara_lint((struct text){bytes, n}, &arena, on_finding, c);
}

int yara_check(const struct invocation *invocation, const struct yara_paths *paths)
{
	struct check c = {.invocation = invocation};
	until_return(yara_rules_free) struct yara_rules *rules = NULL;
	until_return(listing_clear) struct listing listing = {0};
	struct error err;

	rules = yara_rules_load(paths->at, paths->n, on_problem, &c, &err);
	for (size_t i = 0; i < paths->n; i++)
		if (files_list(paths->at[i], endings, &listing, &err))
			return refuse(invocation, "%s", err.text);
	for (size_t i = 0; i < listing.n; i++)
		file_lint(&c, listing.at[i]);
	if (!invocation->json)
		printf("%zu YARA rules, %zu mistakes, %zu warnings\n",
			rules ? yara_rules_count(rules) : 0, c.mistakes, c.warnings);
	return c.mistakes ? EXIT_found : EXIT_done;
}
