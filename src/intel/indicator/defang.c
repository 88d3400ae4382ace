// SPDX-License-Identifier: Apache-2.0
// Defanged values made plain.

#include <strings.h>

#include "base/own.h"
#include "intel/indicator/defang.h"

/* At the beginning, and anywhere. */
static const struct {
	const char *from, *to;
} starts[] = {
	{"hxxps", "https"},
	{"hxxp", "http"},
	{"htxps", "https"},
	{"htxp", "http"},
	{"fxp", "ftp"},
}, marks[] = {
	{"[.]", "."},
	{"(.)", "."},
	{"{.}", "."},
	{"[dot]", "."},
	{"(dot)", "."},
	{"{dot}", "."},
	{"[:]", ":"},
	{"[://]", "://"},
	{"[/]", "/"},
	{"[@]", "@"},
	{"[at]", "@"},
	{"(at)", "@"},
};

static bool begins(struct text text, const char *with)
{
	size_t n = strlen(with);

	return text.n >= n && !strncasecmp(text.at, with, n);
}

static bool is_defanged(struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.at[i] == '[' || text.at[i] == '(' || text.at[i] == '{')
			return true;
	for (size_t i = 0; i < array_size(starts); i++)
		if (begins(text, starts[i].from))
			return true;
	return false;
}

/* What stands for the mark at the beginning; how many bytes it took goes to `n`. */
static const char *mark_at(struct text text, size_t *n)
{
	for (size_t i = 0; i < array_size(marks); i++)
		if (begins(text, marks[i].from)) {
			*n = strlen(marks[i].from);
			return marks[i].to;
		}
	return NULL;
}

static struct text rest_of(struct text text, size_t i)
{
	return (struct text){text.at + i, text.n - i};
}

struct text defang(struct text text, char *room, size_t size)
{
	size_t out = 0, at = 0;

	/* no form is longer than what it stands for */
	if (text.n > size || !is_defanged(text))
		return text;
	for (size_t i = 0; i < array_size(starts) && !at; i++) {
		size_t n = strlen(starts[i].from);

		if (!begins(text, starts[i].from) || n == text.n ||
			(text.at[n] != ':' && text.at[n] != '['))
			continue;
		out = strlen(starts[i].to);
		memcpy(room, starts[i].to, out);
		at = n;
	}
	while (at < text.n) {
		size_t n;
		const char *to = mark_at(rest_of(text, at), &n);

		if (!to) {
			room[out++] = text.at[at++];
			continue;
		}
		memcpy(room + out, to, strlen(to));
		out += strlen(to);
		at += n;
	}
	return (struct text){room, out};
}
