// SPDX-License-Identifier: Apache-2.0
// The mistakes found in rules.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "detect/sigma/problem.h"

enum { WORD_MAX = 63, WORDS_MAX = 64 };

void problems_clear(struct problems *problems)
{
	free(problems->at);
	arena_clear(&problems->arena);
	*problems = (struct problems){0};
}

__attribute__((format(printf, 6, 0)))
static void add(struct problems *problems, struct text file, unsigned line, unsigned column,
	bool fatal, const char *format, va_list args)
{
	char sentence[1024];

	if (problems->n == PROBLEMS_MAX)
		return;
	if (problems->n == problems->size) {
		problems->size = problems->size ? problems->size * 2 : 64;
		problems->at = memory_resize(problems->at, problems->size, sizeof *problems->at);
	}
	vsnprintf(sentence, sizeof sentence, format, args);
	problems->at[problems->n++] = (struct rule_problem){
		.file = arena_copy(&problems->arena, file),
		.line = line,
		.column = column,
		.fatal = fatal,
		.sentence = arena_copy(&problems->arena, text_of(sentence)),
	};
}

void problem_add(struct problems *problems, struct text file, unsigned line, unsigned column,
	bool fatal, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(problems, file, line, column, fatal, format, args);
	va_end(args);
}

void mistake(struct document *document, const struct yaml *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(document->problems, document->file, node->line, node->column, true, format, args);
	va_end(args);
	document->refused = true;
}

void doubt(struct document *document, const struct yaml *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(document->problems, document->file, node->line, node->column, false, format, args);
	va_end(args);
}

int word_nearest(struct text word, const struct text *words, size_t n)
{
	const char *names[WORDS_MAX] = {NULL}, *found;
	char given[WORD_MAX + 1];

	if (word.n > WORD_MAX || n > WORDS_MAX)
		return -1;
	memcpy(given, word.at, word.n);
	given[word.n] = 0;
	for (size_t i = 0; i < n; i++)
		names[i] = words[i].at;
	found = nearest(given, names, n);
	for (size_t i = 0; found && i < n; i++)
		if (words[i].at == found)
			return (int)i;
	return -1;
}
