/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mistakes found in rules, each with its place and with what to write instead.
 *
 *	struct document document = {.problems = &problems, .arena = &arena, .file = file};
 *	mistake(&document, node, "'%s' is no modifier; did you mean '%s'?", name, nearest);
 *	if (document.refused) ...
 */
#pragma once

#include "detect/rules.h"
#include "detect/sigma/yaml.h"

enum { PROBLEMS_MAX = 10000 };

struct problems {
	struct rule_problem *at;
	size_t n, size;
	struct arena arena;
};

void problems_clear(struct problems *problems);

/* One document while it is read. */
struct document {
	struct problems *problems;
	struct arena *arena; /* of the rules: lives as long as they */
	struct arena *scratch; /* of this file: gone when it is read */
	struct text file;
	bool refused; /* a mistake was found: the document is not used */
};

void problem_add(struct problems *problems, struct text file, unsigned line, unsigned column,
	bool fatal, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* A mistake at a node: the document is refused. */
void mistake(struct document *document, const struct yaml *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something that is probably not meant so, at a node. */
void doubt(struct document *document, const struct yaml *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A text as an argument of "%.*s", cut to 60 bytes. */
#define SHORT(text) (int)((text).n < 60 ? (text).n : 60), (text).at

/* Which of the words, each ended by NUL, is near enough to be what was meant: its index, or -1. */
int word_nearest(struct text word, const struct text *words, size_t n);
