// SPDX-License-Identifier: Apache-2.0
// One feed while it is read.

#include <stdio.h>
#include <strings.h>

#include "base/own.h"
#include "base/printable.h"
#include "intel/indicator/date.h"
#include "intel/indicator/feed.h"

enum { SENTENCE_MAX = 512, SHOWN_MAX = 80 };

static const struct {
	const char *word;
	enum indicator_type type;
} words[] = {
#define WORD(word, type) {word, INDICATOR_##type},
#include "intel/indicator/word.def"
#undef WORD
};

struct entry_facts feed_facts(const struct feed *feed)
{
	return (struct entry_facts){
		.source = text_basename(feed->name),
		.file = feed->name,
		.confidence = -1,
		.tlp = TLP_unknown,
	};
}

struct text feed_shown(struct feed *feed, struct text text)
{
	/* spelled, a byte takes at most ten */
	if (text.n > 4 * SHOWN_MAX)
		text.n = 4 * SHOWN_MAX;
	return text_shorten(&feed->arena, text_printable(&feed->arena, text), SHOWN_MAX);
}

static void tell(struct feed *feed, unsigned line, uint64_t count, struct text sentence)
{
	struct feed_problem problem = {feed->name, line, sentence, count};

	feed->problem(feed->context, &problem);
}

void feed_problem(struct feed *feed, unsigned line, uint64_t count, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;

	if (feed->problems++ >= FEED_PROBLEMS_MAX) {
		feed->untold += count;
		return;
	}
	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	tell(feed, line, count, text_of(sentence));
}

void feed_leave_out(struct feed *feed, const char *format, ...)
{
	char name[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof name, format, args);
	va_end(args);
	for (size_t i = 0; i < feed->left_out_names; i++)
		if (text_is(feed->left_out[i].name, name)) {
			feed->left_out[i].count++;
			return;
		}
	if (feed->left_out_names == LEFT_OUT_NAMES) {
		feed->left_out_others++;
		return;
	}
	feed->left_out[feed->left_out_names].name = arena_copy(&feed->names, text_of(name));
	feed->left_out[feed->left_out_names++].count = 1;
}

void feed_take(struct feed *feed, enum indicator_type type, struct text value,
	const struct entry_facts *facts)
{
	struct text shown;
	struct value read;
	const char *wrong;

	if (feed->full)
		return;
	value = feed_trim(value);
	wrong = value_read(type, value, &read);
	if (wrong || read.remark) {
		shown = feed_shown(feed, value);
		feed_problem(feed, facts->line, wrong != NULL, "'%.*s' %s", TEXT_PRINT(shown),
			wrong ? wrong : read.remark);
	}
	if (wrong || entries_add(feed->entries, &read, facts))
		return;
	feed->full = true;
	feed_problem(feed, facts->line, 1,
		"there is no room for more (%llu indicators, or 4 GiB of texts); the rest is not "
		"used",
		FEEDS_MAX);
}

int64_t feed_date(struct feed *feed, unsigned line, struct text text)
{
	struct text shown;
	int64_t seconds;

	text = feed_trim(text);
	if (!text.n || date_read(text, &seconds))
		return text.n ? seconds : 0;
	shown = feed_shown(feed, text);
	feed_problem(feed, line, 0, "'%.*s' is no date; write it as 2026-01-31",
		TEXT_PRINT(shown));
	return 0;
}

enum indicator_type feed_type(struct text word)
{
	for (size_t i = 0; i < array_size(words); i++)
		if (strlen(words[i].word) == word.n &&
			!strncasecmp(words[i].word, word.at, word.n))
			return words[i].type;
	return INDICATOR_TYPES;
}

enum tlp feed_tlp(struct text text)
{
	if (text.n > 4 && !strncasecmp(text.at, "tlp:", 4))
		text = (struct text){text.at + 4, text.n - 4};
	text = feed_trim(text);
	if (text.n == 5 && !strncasecmp(text.at, "white", 5))
		return TLP_clear;
	for (int i = 0; i < TLP_unknown; i++)
		if (strlen(tlp_names[i]) == text.n && !strncasecmp(tlp_names[i], text.at, text.n))
			return (enum tlp)i;
	return TLP_unknown;
}

unsigned line_at(struct line_counter *counter, size_t at)
{
	const char *next;

	if (!counter->line)
		counter->line = 1;
	while (counter->at < at &&
		(next = memchr(counter->bytes.at + counter->at, '\n', at - counter->at))) {
		counter->line++;
		counter->at = (size_t)(next + 1 - counter->bytes.at);
	}
	if (counter->at < at)
		counter->at = at;
	return counter->line;
}

struct text feed_cut(struct text text, char mark, struct text *rest)
{
	const char *at = text.n ? memchr(text.at, mark, text.n) : NULL;

	*rest = at ? (struct text){at + 1, text.n - (size_t)(at + 1 - text.at)}
		   : (struct text){NULL, 0};
	return at ? (struct text){text.at, (size_t)(at - text.at)} : text;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct text feed_trim(struct text text)
{
	while (text.n && is_blank(text.at[0]))
		text = (struct text){text.at + 1, text.n - 1};
	while (text.n && is_blank(text.at[text.n - 1]))
		text.n--;
	return text;
}

/* The first that takes the bytes; a list takes all. */
static const struct {
	bool (*is)(struct text bytes);
	void (*read)(struct feed *feed, struct text bytes);
} formats[] = {
	{stix_is, stix_read},
	{misp_is, misp_read},
	{table_is, table_read},
	{NULL, list_read},
};

static bool is_json(struct text bytes)
{
	struct text rest = feed_trim(bytes);

	if (!rest.n || rest.at[0] == '{')
		return rest.n;
	if (rest.at[0] != '[')
		return false;
	rest = feed_trim((struct text){rest.at + 1, rest.n - 1});
	return rest.n && rest.at[0] == '{';
}

static void read_text(struct feed *feed, struct text bytes)
{
	for (size_t i = 0; i < array_size(formats); i++)
		if (!formats[i].is || formats[i].is(bytes)) {
			formats[i].read(feed, bytes);
			return;
		}
}

static void tell_rest(struct feed *feed)
{
	for (size_t i = 0; i < feed->left_out_names; i++) {
		struct text sentence = arena_format(&feed->names, "%llu left out: %.*s",
			(unsigned long long)feed->left_out[i].count,
			TEXT_PRINT(feed->left_out[i].name));

		tell(feed, 0, feed->left_out[i].count, sentence);
	}
	if (feed->left_out_others)
		tell(feed, 0, feed->left_out_others,
			arena_format(&feed->names, "%llu left out for other reasons",
				(unsigned long long)feed->left_out_others));
	if (feed->problems > FEED_PROBLEMS_MAX)
		tell(feed, 0, feed->untold,
			arena_format(&feed->names, "%llu more of the kind",
				(unsigned long long)(feed->problems - FEED_PROBLEMS_MAX)));
}

void feed_parse(struct feed *feed, struct text bytes)
{
	if (text_starts(bytes, TEXT("\xef\xbb\xbf")))
		bytes = (struct text){bytes.at + 3, bytes.n - 3};
	if (text_starts(bytes, TEXT("\xff\xfe")) || text_starts(bytes, TEXT("\xfe\xff")))
		feed_problem(feed, 1, 1, "is written in UTF-16; save it as UTF-8");
	else if (bytes.n && memchr(bytes.at, 0, bytes.n < 4096 ? bytes.n : 4096))
		feed_problem(feed, 1, 1, "is no text");
	else if (is_json(bytes) && !stix_is(bytes) && !misp_is(bytes))
		feed_problem(feed, 1, 1,
			"is JSON, but neither a STIX bundle nor an export of MISP");
	else
		read_text(feed, bytes);
	tell_rest(feed);
}

void feed_clear(struct feed *feed)
{
	arena_clear(&feed->names);
	arena_clear(&feed->arena);
}
