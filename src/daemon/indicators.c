// SPDX-License-Identifier: Apache-2.0
// Addresses that no program of this host should talk to.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/printable.h"
#include "daemon/indicators.h"

enum { SHOWN_MAX = 80 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct text trim(struct text text)
{
	while (text.n && is_blank(text.at[0]))
		text = (struct text){text.at + 1, text.n - 1};
	while (text.n && is_blank(text.at[text.n - 1]))
		text.n--;
	return text;
}

/* Cuts the text at the first `mark`; what follows goes to `rest`. */
static struct text cut(struct text text, char mark, struct text *rest)
{
	const char *at = text.n ? memchr(text.at, mark, text.n) : NULL;

	*rest = at ? (struct text){at + 1, text.n - (size_t)(at + 1 - text.at)}
		   : (struct text){NULL, 0};
	return at ? (struct text){text.at, (size_t)(at - text.at)} : text;
}

static void push(struct indicators *all, struct indicator indicator)
{
	if (all->n == all->size) {
		all->size = all->size ? 2 * all->size : 64;
		all->at = memory_resize(all->at, all->size, sizeof *all->at);
	}
	all->at[all->n++] = indicator;
}

void indicators_add(struct indicators *indicators, struct text file, struct text bytes,
	void (*problem)(void *context, const char *sentence), void *context)
{
	struct text name = arena_copy(&indicators->arena, file);
	unsigned number = 1;

	for (struct text rest; bytes.n; bytes = rest, number++) {
		struct text line = cut(bytes, '\n', &rest), comment,
			    value = trim(cut(line, '#', &comment));
		struct indicator indicator = {.file = name, .line = number};
		char sentence[256];

		if (!value.n)
			continue;
		if (!address_read(value, &indicator.address)) {
			value = text_shorten(&indicators->arena,
				text_printable(&indicators->arena, value), SHOWN_MAX);
			snprintf(sentence, sizeof sentence,
				"%.*s:%u: '%.*s' is no IPv4 or IPv6 address", (int)name.n, name.at,
				number, TEXT_PRINT(value));
			problem(context, sentence);
		} else if (indicators->n == INDICATORS_MAX) {
			snprintf(sentence, sizeof sentence,
				"%.*s:%u: more than %u indicators; the rest is not used",
				(int)name.n, name.at, number, INDICATORS_MAX);
			problem(context, sentence);
			return;
		} else {
			indicator.comment = arena_copy(&indicators->arena, trim(comment));
			push(indicators, indicator);
		}
	}
}

static int compare(const void *a, const void *b)
{
	const struct address *x = &((const struct indicator *)a)->address,
			     *y = &((const struct indicator *)b)->address;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return memcmp(x->bytes, y->bytes, x->family == 4 ? 4 : 16);
}

void indicators_ready(struct indicators *indicators)
{
	if (indicators->n)
		qsort(indicators->at, indicators->n, sizeof *indicators->at, compare);
}

const struct indicator *indicators_find(
	const struct indicators *indicators, struct address address)
{
	struct indicator wanted = {.address = address};

	if (!indicators->n || !address.family)
		return NULL;
	return bsearch(&wanted, indicators->at, indicators->n, sizeof *indicators->at, compare);
}

void indicators_clear(struct indicators *indicators)
{
	arena_clear(&indicators->arena);
	free(indicators->at);
	*indicators = (struct indicators){0};
}
