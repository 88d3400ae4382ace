// SPDX-License-Identifier: Apache-2.0
// A feed with one value a line: '#' begins a comment, and so does what follows behind a blank or a
// comma. The type is told from the value. In a comment "source: NAME" and "expires: DATE" count,
// separated by ';'.

#include "intel/guess.h"
#include "intel/indicator/feed.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A path has blanks, so only what cannot be part of one ends it. */
static size_t path_length(struct text line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.at[i] == '\t' || (line.at[i] == ' ' && i + 1 < line.n &&
			(line.at[i + 1] == '#' || line.at[i + 1] == '\t')))
			return i;
	return line.n;
}

static size_t value_length(struct text line)
{
	size_t n = 0;
	bool url;

	while (n < line.n && !is_blank(line.at[n]))
		n++;
	line.n = n;
	/* '#' and ',' may be part of a URL, but not its end */
	url = n && line.at && (memmem(line.at, n, "://", 3) || memmem(line.at, n, "[:]", 3));
	if (url)
		return line.at[n - 1] == ',' ? n - 1 : n;
	for (n = 0; n < line.n && line.at[n] != '#' && line.at[n] != ','; n++)
		;
	return n;
}

static bool is_path(struct text line)
{
	return line.at[0] == '/' || line.at[0] == '\\' ||
		(line.n > 2 && line.at[1] == ':' && (line.at[2] == '\\' || line.at[2] == '/'));
}

/* "0.0.0.0 example.org", as in a hosts file that blocks: the name is what is meant. */
static bool is_blocking_address(struct text value)
{
	return text_is(value, "0.0.0.0") || text_is(value, "127.0.0.1") || text_is(value, "::") ||
		text_is(value, "::1");
}

static struct text behind(struct text line, size_t n)
{
	struct text rest = feed_trim((struct text){line.at + n, line.n - n});

	if (rest.n && (rest.at[0] == '#' || rest.at[0] == ','))
		rest = feed_trim((struct text){rest.at + 1, rest.n - 1});
	return rest;
}

/* What follows "key:" in a part of a comment, no text if it begins with another word. */
static struct text said(struct text part, const char *key)
{
	size_t n = strlen(key);

	part = feed_trim(part);
	if (part.n <= n || memcmp(part.at, key, n) || part.at[n] != ':')
		return (struct text){0};
	return feed_trim((struct text){part.at + n + 1, part.n - n - 1});
}

static void comment_read(struct feed *feed, struct text comment, struct entry_facts *facts)
{
	facts->comment = comment;
	for (struct text rest; comment.n; comment = rest) {
		struct text part = feed_cut(comment, ';', &rest);
		struct text source = said(part, "source"), expires = said(part, "expires");

		if (source.n)
			facts->source = source;
		if (expires.n)
			facts->expires = feed_date(feed, facts->line, expires);
	}
}

static void line_read(struct feed *feed, struct text line, unsigned number)
{
	struct entry_facts facts = feed_facts(feed);
	struct text value, comment;
	size_t n;

	line = feed_trim(line);
	if (!line.n || line.at[0] == '#')
		return;
	n = is_path(line) ? path_length(line) : value_length(line);
	value = feed_trim((struct text){line.at, n});
	comment = behind(line, n);
	facts.line = number;
	if (is_blocking_address(value) && comment.n) {
		line = comment;
		n = value_length(line);
		value = (struct text){line.at, n};
		comment = behind(line, n);
	}
	comment_read(feed, comment, &facts);
	feed_take(feed, INDICATOR_TYPES, value, &facts);
}

void list_read(struct feed *feed, struct text bytes)
{
	unsigned number = 1;

	for (struct text rest; bytes.n && !feed->full; bytes = rest, number++) {
		line_read(feed, feed_cut(bytes, '\n', &rest), number);
		arena_reset(&feed->arena);
	}
}
