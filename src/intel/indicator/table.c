// SPDX-License-Identifier: Apache-2.0
// A feed as a table (RFC 4180, with ',' ';' or tab): the first line names the columns, or the last
// comment before the rows does. Which column is which, column.def says.

#include "base/own.h"
#include "intel/guess.h"
#include "intel/indicator/feed.h"

enum { COLUMNS_MAX = 64, CELL_MAX = 65536, NAME_MAX_BYTES = 32 };

enum role {
	ROLE_none,
	ROLE_value,
	ROLE_type,
	ROLE_source,
	ROLE_expires,
	ROLE_from,
	ROLE_confidence,
	ROLE_tlp,
	ROLE_label,
	ROLE_reference,
	ROLE_comment,
	ROLES,
	/* from here on: values of a type; ROLES + the type */
	ROLE_md5 = ROLES + INDICATOR_md5,
	ROLE_sha1 = ROLES + INDICATOR_sha1,
	ROLE_sha256 = ROLES + INDICATOR_sha256,
	ROLE_ip = ROLES + INDICATOR_ipv4,
	ROLE_path = ROLES + INDICATOR_path,
};

static const struct {
	const char *name;
	unsigned role;
} columns[] = {
#define COLUMN(name, role) {name, ROLE_##role},
#include "intel/indicator/column.def"
#undef COLUMN
};

struct table {
	struct text bytes; /* that are left */
	char delimiter;
	unsigned line; /* of the next row, from 1 */
	unsigned roles[COLUMNS_MAX];
	size_t column_count;
	struct text cells[COLUMNS_MAX];
	size_t cell_count;
};

/* The role of a column of that name. */
static unsigned role_of(struct text name)
{
	char plain[NAME_MAX_BYTES];
	enum indicator_type type = feed_type(name);

	if (name.n > sizeof plain)
		return ROLE_none;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.at[i];

		plain[i] = (char)(c == '_' || c == '-' ? ' ' : c >= 'A' && c <= 'Z' ? c | 32 : c);
	}
	for (size_t i = 0; i < array_size(columns); i++)
		if (text_equal((struct text){plain, name.n}, text_of(columns[i].name)))
			return columns[i].role;
	return type < INDICATOR_TYPES ? ROLES + (unsigned)type : ROLE_none;
}

static bool is_value(unsigned role)
{
	return role == ROLE_value || role >= ROLES;
}

static void step(struct text *text, size_t n)
{
	*text = (struct text){text->at + n, text->n - n};
}

/* Without the doubled quotes, in the arena. */
static struct text unquote(struct arena *arena, struct text quoted)
{
	char *plain = arena_alloc(arena, quoted.n);
	size_t n = 0;

	for (size_t i = 0; i < quoted.n; i++) {
		plain[n++] = quoted.at[i];
		if (quoted.at[i] == '"')
			i++;
	}
	return (struct text){plain, n};
}

/*
 * A cell in quotes; false if it does not end within CELL_MAX bytes. What stands behind the closing
 * quote is passed over.
 */
static bool quoted_take(struct table *table, struct arena *arena, struct text *cell)
{
	struct text *in = &table->bytes;
	bool doubled = false;
	size_t n = 1;

	for (;; n++) {
		if (n >= in->n || n > CELL_MAX)
			return false;
		if (in->at[n] != '"')
			continue;
		if (n + 1 >= in->n || in->at[n + 1] != '"')
			break;
		doubled = true;
		n++;
	}
	*cell = (struct text){in->at + 1, n - 1};
	for (size_t i = 0; i < cell->n; i++)
		table->line += cell->at[i] == '\n';
	if (doubled)
		*cell = unquote(arena, *cell);
	for (n++; n < in->n && in->at[n] != table->delimiter && in->at[n] != '\n'; n++)
		;
	step(in, n);
	return true;
}

static struct text bare_take(struct table *table)
{
	struct text *in = &table->bytes, cell = {in->at, 0};

	while (cell.n < in->n && in->at[cell.n] != table->delimiter && in->at[cell.n] != '\n')
		cell.n++;
	step(in, cell.n);
	return feed_trim(cell);
}

/* Takes the next row; cells beyond COLUMNS_MAX are passed over. False if a quote is not closed. */
static bool row_take(struct table *table, struct arena *arena)
{
	struct text *in = &table->bytes;

	table->cell_count = 0;
	for (;;) {
		struct text cell;

		while (in->n && (in->at[0] == ' ' ||
			(in->at[0] == '\t' && table->delimiter != '\t')))
			step(in, 1);
		if (in->n && in->at[0] == '"') {
			if (!quoted_take(table, arena, &cell))
				return false;
		} else {
			cell = bare_take(table);
		}
		if (table->cell_count < COLUMNS_MAX)
			table->cells[table->cell_count++] = cell;
		if (!in->n)
			return true;
		if (in->at[0] == '\n') {
			table->line++;
			step(in, 1);
			return true;
		}
		step(in, 1);
	}
}

static void line_skip(struct table *table)
{
	struct text rest;

	feed_cut(table->bytes, '\n', &rest);
	table->bytes = rest;
	table->line++;
}

static char delimiter_of(struct text line)
{
	size_t commas = 0, semicolons = 0, tabs = 0;

	for (size_t i = 0; i < line.n; i++) {
		commas += line.at[i] == ',';
		semicolons += line.at[i] == ';';
		tabs += line.at[i] == '\t';
	}
	return tabs > commas && tabs > semicolons ? '\t' : semicolons > commas ? ';' : ',';
}

/*
 * Takes the line as the names of columns; returns how many of them are known, 0 if none holds
 * values, or if one is a value itself: that is a row of a list.
 */
static size_t names_take(struct table *table, struct text line)
{
	struct table names = {.bytes = line, .delimiter = delimiter_of(line)};
	until_return(arena_clear) struct arena arena = {0};
	size_t known = 0;
	bool any = false;

	if (!line.n || !row_take(&names, &arena))
		return 0;
	for (size_t i = 0; i < names.cell_count; i++) {
		if (indicator_guess(names.cells[i]) < INDICATOR_TYPES)
			return 0;
		table->roles[i] = role_of(names.cells[i]);
		known += table->roles[i] != ROLE_none;
		any |= is_value(table->roles[i]);
	}
	table->column_count = names.cell_count;
	table->delimiter = names.delimiter;
	return any ? known : 0;
}

/* A comment with names, most of which are known: a sentence that has one of them is none. */
static bool comment_take(struct table *table, struct text line)
{
	struct table tried = {0};
	size_t known = names_take(
		&tried, feed_trim((struct text){line.at + 1, line.n - 1}));

	if (known < 2 || 2 * known < tried.column_count)
		return false;
	memcpy(table->roles, tried.roles, sizeof table->roles);
	table->column_count = tried.column_count;
	table->delimiter = tried.delimiter;
	return true;
}

/* Finds the names and goes to the first row. */
static bool table_begin(struct table *table, struct text bytes)
{
	bool commented = false;

	*table = (struct table){.bytes = bytes, .line = 1};
	while (table->bytes.n) {
		struct text rest, line = feed_trim(feed_cut(table->bytes, '\n', &rest));

		if (line.n && line.at[0] != '#') {
			if (commented || !names_take(table, line))
				return commented;
			line_skip(table);
			return true;
		}
		if (line.n > 1)
			commented = comment_take(table, line);
		line_skip(table);
	}
	return false;
}

bool table_is(struct text bytes)
{
	struct table table;

	return table_begin(&table, bytes);
}

static struct text cell_of(const struct table *table, unsigned role)
{
	for (size_t i = 0; i < table->cell_count && i < table->column_count; i++)
		if (table->roles[i] == role && table->cells[i].n)
			return table->cells[i];
	return (struct text){0};
}

static int confidence_of(struct text text)
{
	static const struct {
		const char *word;
		int value;
	} words[] = {{"low", 15}, {"medium", 50}, {"high", 85}}; /* STIX 2.1, appendix A */
	int64_t number;

	if (text_number(text, &number))
		return number < 0 || number > 100 ? -1 : (int)number;
	for (size_t i = 0; i < array_size(words); i++)
		if (text_is(text, words[i].word))
			return words[i].value;
	return -1;
}

static struct entry_facts facts_of(struct feed *feed, const struct table *table, unsigned line)
{
	struct entry_facts facts = feed_facts(feed);
	struct text source = cell_of(table, ROLE_source);

	facts.line = line;
	if (source.n)
		facts.source = source;
	facts.label = cell_of(table, ROLE_label);
	facts.reference = cell_of(table, ROLE_reference);
	facts.comment = cell_of(table, ROLE_comment);
	facts.confidence = confidence_of(cell_of(table, ROLE_confidence));
	facts.tlp = feed_tlp(cell_of(table, ROLE_tlp));
	facts.valid_from = feed_date(feed, line, cell_of(table, ROLE_from));
	facts.expires = feed_date(feed, line, cell_of(table, ROLE_expires));
	return facts;
}

static void row_read(struct feed *feed, const struct table *table, unsigned line)
{
	struct text word = cell_of(table, ROLE_type);
	enum indicator_type type = feed_type(word);
	struct entry_facts facts = facts_of(feed, table, line);
	bool any = false;

	for (size_t i = 0; i < table->cell_count && i < table->column_count; i++) {
		struct text cell = feed_trim(table->cells[i]);

		if (!is_value(table->roles[i]) || !cell.n)
			continue;
		any = true;
		if (table->roles[i] >= ROLES)
			feed_take(feed, (enum indicator_type)(table->roles[i] - ROLES), cell,
				&facts);
		else if (word.n && type == INDICATOR_TYPES)
			feed_leave_out(feed, "no indicator is of type '%.*s'", (int)feed_shown(
				feed, word).n, feed_shown(feed, word).at);
		else
			feed_take(feed, type, cell, &facts);
	}
	if (!any)
		feed_problem(feed, line, 1, "the row has no value");
}

void table_read(struct feed *feed, struct text bytes)
{
	struct table table;

	if (!table_begin(&table, bytes))
		return;
	while (table.bytes.n && !feed->full) {
		unsigned line = table.line;
		struct text begin = table.bytes, rest,
			    first = feed_trim(feed_cut(table.bytes, '\n', &rest));

		if (!first.n || first.at[0] == '#') {
			line_skip(&table);
		} else if (row_take(&table, &feed->arena)) {
			row_read(feed, &table, line);
		} else {
			feed_problem(feed, line, 1, "a quote is not closed");
			table.bytes = begin;
			table.line = line;
			line_skip(&table);
		}
		arena_reset(&feed->arena);
	}
}
