// SPDX-License-Identifier: Apache-2.0
// YARA rules from files, compiled by libyara.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "detect/listing.h"
#include "detect/yara/yara_private.h"

enum { FILE_BYTES_MAX = 32 << 20 };

static const char *const endings[] = {".yar", ".yara", NULL};

/* While files are compiled; their texts are read one by one, or are there already. */
struct loading {
	struct listing files;
	const struct yara_text *texts; /* NULL: there are files */
	size_t n;
	bool *broken; /* of each file */
	size_t file; /* at hand */
	bool quiet; /* problems were told before */
	void (*problem)(void *context, const struct yara_problem *problem);
	void *context;
};

static const char *source_name(const struct loading *loading)
{
	return loading->texts ? loading->texts[loading->file].name
			      : loading->files.at[loading->file];
}

static void on_message(int level, const char *name, int line, const YR_RULE *rule,
	const char *message, void *user_data)
{
	struct loading *loading = user_data;
	struct yara_problem problem = {
		.file = source_name(loading),
		.line = line > 0 ? (unsigned)line : 1,
		.fatal = level == YARA_ERROR_LEVEL_ERROR,
		.sentence = message,
	};

	if (!loading->quiet && !(problem.fatal && loading->broken[loading->file]))
		loading->problem(loading->context, &problem);
	loading->broken[loading->file] |= problem.fatal;
}

static void file_refuse(struct loading *loading, const char *why)
{
	on_message(YARA_ERROR_LEVEL_ERROR, NULL, 1, NULL, why, loading);
}

/* The text of a rule file, NUL-terminated; NULL with the reason told. */
static char *file_read(struct loading *loading)
{
	until_return(fd_close) int fd =
		open(loading->files.at[loading->file], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	until_return(memory_free) char *text = NULL;
	struct stat found;
	size_t n = 0;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &found) || !S_ISREG(found.st_mode)) {
		file_refuse(loading, "it cannot be read");
		return NULL;
	}
	if (found.st_size > FILE_BYTES_MAX) {
		file_refuse(loading, "it is larger than 32 MiB; split it");
		return NULL;
	}
	text = memory_new((size_t)found.st_size + 1);
	while (n < (size_t)found.st_size && got > 0) {
		got = read(fd, text + n, (size_t)found.st_size - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (strlen(text) != n) {
		file_refuse(loading, "there is a zero byte in it: it is no text");
		return NULL;
	}
	return give(text);
}

/* The same of either kind. */
static char *source_read(struct loading *loading)
{
	struct text text;

	if (!loading->texts)
		return file_read(loading);
	text = loading->texts[loading->file].text;
	if (text.n > FILE_BYTES_MAX || (text.n && memchr(text.at, 0, text.n))) {
		file_refuse(loading, "it is larger than 32 MiB, or no text");
		return NULL;
	}
	return (char *)memory_text(text).at;
}

/* The variables that public collections ask for. */
static void variables_define(YR_COMPILER *compiler)
{
	static const char *const names[] = {
		"filename", "filepath", "extension", "filetype", "owner"};

	for (size_t i = 0; i < array_size(names); i++)
		yr_compiler_define_string_variable(compiler, names[i], "");
}

static void compiler_free(YR_COMPILER **compiler)
{
	if (*compiler)
		yr_compiler_destroy(*compiler);
	*compiler = NULL;
}

/*
 * All files that are not broken. A compiler that met a mistake is of no more use, so that after
 * one all begin again without that file.
 */
static bool files_compile(struct loading *loading, YR_RULES **compiled)
{
	until_return(compiler_free) YR_COMPILER *compiler = NULL;

	if (yr_compiler_create(&compiler) != ERROR_SUCCESS)
		return false;
	yr_compiler_set_callback(compiler, on_message, loading);
	yr_compiler_set_include_callback(compiler, NULL, NULL, NULL);
	variables_define(compiler);
	for (loading->file = 0; loading->file < loading->n; loading->file++) {
		until_return(memory_free) char *text = NULL;

		if (loading->broken[loading->file])
			continue;
		text = source_read(loading);
		if (!text)
			continue;
		if (yr_compiler_add_string(compiler, text, source_name(loading))) {
			loading->broken[loading->file] = true;
			return false;
		}
	}
	return yr_compiler_get_rules(compiler, compiled) == ERROR_SUCCESS;
}

/* Finds the files with mistakes one by one, so that they are all told in one go. */
static void broken_find(struct loading *loading)
{
	for (loading->file = 0; loading->file < loading->n; loading->file++) {
		until_return(compiler_free) YR_COMPILER *compiler = NULL;
		until_return(memory_free) char *text = NULL;

		if (loading->broken[loading->file] || yr_compiler_create(&compiler))
			continue;
		yr_compiler_set_callback(compiler, on_message, loading);
		yr_compiler_set_include_callback(compiler, NULL, NULL, NULL);
		variables_define(compiler);
		text = source_read(loading);
		if (text && yr_compiler_add_string(compiler, text, NULL))
			loading->broken[loading->file] = true;
	}
}

static struct text meta_copy(struct arena *arena, const char *string)
{
	return string ? arena_copy(arena, text_of(string)) : (struct text){0};
}

static void rule_read(struct yara_rules *rules, YR_RULE *rule)
{
	static const struct {
		const char *name;
		size_t at;
	} metas[] = {
		{"description", offsetof(struct yara_rule, description)},
		{"author", offsetof(struct yara_rule, author)},
		{"reference", offsetof(struct yara_rule, reference)},
		{"level", offsetof(struct yara_rule, level)},
		{"severity", offsetof(struct yara_rule, level)},
		{"attack", offsetof(struct yara_rule, technique)},
	};
	struct yara_rule *about = rules->at + rules->n;
	YR_META *meta;

	about->name = arena_copy(&rules->arena, text_of(rule->identifier));
	about->file = arena_copy(&rules->arena, text_of(rule->ns->name));
	about->number = (unsigned)rules->n++;
	yr_rule_metas_foreach(rule, meta)
	{
		for (size_t i = 0; i < array_size(metas); i++)
			if (meta->type == META_TYPE_STRING &&
			    !strcmp(meta->identifier, metas[i].name))
				*(struct text *)((char *)about + metas[i].at) =
					meta_copy(&rules->arena, meta->string);
	}
}

static void rules_list(struct yara_rules *rules)
{
	YR_RULE *rule;
	size_t n = 0;

	yr_rules_foreach(rules->compiled, rule)
	{
		n++;
	}
	rules->at = memory_new((n + 1) * sizeof *rules->at);
	rules->first = rules->compiled->rules_table;
	yr_rules_foreach(rules->compiled, rule)
	{
		rule_read(rules, rule);
	}
}

static void loading_clear(struct loading *loading)
{
	listing_clear(&loading->files);
	free(loading->broken);
}

static struct yara_rules *sources_compile(struct loading *loading, struct error *err)
{
	until_return(yara_rules_free) struct yara_rules *rules = memory_new(sizeof *rules);

	if (yr_initialize() != ERROR_SUCCESS)
		return fail_null(err, "libyara cannot begin");
	rules->initialized = true;
	loading->broken = memory_new((loading->n + 1) * sizeof *loading->broken);
	if (!files_compile(loading, &rules->compiled)) {
		broken_find(loading);
		loading->quiet = true;
		if (!files_compile(loading, &rules->compiled))
			return fail_null(err, "the YARA rules cannot be compiled together");
	}
	rules_list(rules);
	if (!rules->n)
		return fail_null(err, "no YARA rule is left to scan with");
	return give(rules);
}

struct yara_rules *yara_rules_load(const char *const *paths, size_t n,
	void (*problem)(void *context, const struct yara_problem *problem), void *context,
	struct error *err)
{
	until_return(loading_clear) struct loading loading = {
		.problem = problem, .context = context};

	for (size_t i = 0; i < n; i++)
		if (files_list(paths[i], endings, &loading.files, err))
			return NULL;
	loading.n = loading.files.n;
	return sources_compile(&loading, err);
}

struct yara_rules *yara_rules_compile(const struct yara_text *texts, size_t n,
	void (*problem)(void *context, const struct yara_problem *problem), void *context,
	struct error *err)
{
	until_return(loading_clear) struct loading loading = {
		.texts = texts, .n = n, .problem = problem, .context = context};

	return sources_compile(&loading, err);
}

void yara_rules_free(struct yara_rules **rules)
{
	struct yara_rules *r = *rules;

	if (!r)
		return;
	if (r->compiled)
		yr_rules_destroy(r->compiled);
	if (r->initialized)
		yr_finalize();
	free(r->at);
	arena_clear(&r->arena);
	memory_free(rules);
}

size_t yara_rules_count(const struct yara_rules *rules)
{
	return rules->n;
}

const struct yara_rule *yara_rules_get(const struct yara_rules *rules, size_t i)
{
	return rules->at + i;
}
