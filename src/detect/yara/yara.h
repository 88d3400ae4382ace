/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and memory through YARA rules (libyara).
 *
 *	struct yara_rules *rules = yara_rules_load(paths, n, on_problem, context, &err);
 *	struct yara_scanner *scanner = yara_scanner_new(rules, 10);	// one for each thread
 *	if (yara_scan_file(scanner, fd, "/srv/www/x.php", &arena, &result)) ...
 *
 * What rules may ask besides YARA's own: the external variables filename, filepath, extension,
 * filetype and owner, which public collections use; the last two are always empty. Rules include
 * no other files.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"

/* Something is wrong with a file of rules: it is left out, or (`fatal` false) only doubtful. */
struct yara_problem {
	const char *file;
	unsigned line;
	bool fatal;
	const char *sentence;
};

/* What a rule says of itself under `meta`; no texts where it says nothing. */
struct yara_rule {
	struct text name, file, description, author, reference, level, technique;
	unsigned number; /* among the rules of the set */
};

/* One place where a string of a rule was found. */
struct yara_string {
	struct yara_string *next;
	struct text name; /* "$a" */
	uint64_t offset; /* in the file; in memory the address */
	struct text bytes; /* the first of them */
};

struct yara_match {
	struct yara_match *next;
	const struct yara_rule *rule;
	struct yara_string *strings; /* the first few, by where they are */
	size_t string_count; /* of all of them, where they were looked for */
};

/* What came of one file or process. */
struct yara_result {
	struct yara_match *matches;
	uint64_t bytes; /* that were looked at */
	const char *left_out; /* why (part of) it was not looked at; NULL: all of it was */
};

struct yara_rules;
struct yara_scanner;

/*
 * Compiles the file, or all files *.yar and *.yara below the folder, of each path. A file that is
 * wrong is told and left out, the others are taken. NULL with a sentence if none is left, or a
 * path cannot be read.
 */
struct yara_rules *yara_rules_load(const char *const *paths, size_t n,
	void (*problem)(void *context, const struct yara_problem *problem), void *context,
	struct error *err);

/* The same of texts that were read already, for who may open no files. */
struct yara_text {
	const char *name;
	struct text text;
};
struct yara_rules *yara_rules_compile(const struct yara_text *texts, size_t n,
	void (*problem)(void *context, const struct yara_problem *problem), void *context,
	struct error *err);
void yara_rules_free(struct yara_rules **rules);
size_t yara_rules_count(const struct yara_rules *rules);
const struct yara_rule *yara_rules_get(const struct yara_rules *rules, size_t i);

/*
 * `seconds`: how long one file may take. With `all_strings` every place of every string is looked
 * for, which takes longer. The rules must outlive it.
 */
struct yara_scanner *yara_scanner_new(
	const struct yara_rules *rules, unsigned seconds, bool all_strings);
void yara_scanner_free(struct yara_scanner **scanner);

/*
 * Looks at a regular file that is open for reading, or at the memory of a process: what
 * its /proc/PID/maps says, and its /proc/PID/mem, open for reading. The result lives in the
 * arena.
 */
void yara_scan_file(struct yara_scanner *scanner, int fd, const char *path, struct arena *arena,
	struct yara_result *result);
void yara_scan_process(struct yara_scanner *scanner, struct text maps, int mem,
	struct arena *arena, struct yara_result *result);
void yara_scan_bytes(struct yara_scanner *scanner, struct text bytes, struct arena *arena,
	struct yara_result *result);
