// SPDX-License-Identifier: Apache-2.0
// The report of a scan: what a responder wants to see first, on one screen.

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/scan/tally.h"

enum { TITLE_COLUMNS = 62, LIST_SHOWN = 6, LIST_COLUMNS = 84 };

static const struct text levels[] = {{"critical", 8}, {"high", 4}, {"medium", 6}, {"low", 3},
	{"informational", 13}};
static const char *const colours[] = {"\033[1;31m", "\033[31m", "\033[33m", "", "\033[2m"};

struct report {
	struct tally *tally;
	FILE *out;
	struct arena arena;
	bool colour;
};

static size_t level_of(const struct rule *rule)
{
	for (size_t i = 0; i < array_size(levels); i++)
		if (text_equal(rule->level, levels[i]))
			return i;
	return 2;
}

static void level_colour(const struct report *report, size_t level, bool begin)
{
	if (report->colour && colours[level][0])
		fputs(begin ? colours[level] : "\033[0m", report->out);
}

/* "1,234,567" */
static struct text grouped(struct report *report, uint64_t n)
{
	struct text digits = arena_format(&report->arena, "%" PRIu64, n), all = TEXT("");

	for (size_t i = 0; i < digits.n; i++)
		all = arena_format(&report->arena, "%.*s%s%c", (int)all.n, all.at,
			i && (digits.n - i) % 3 == 0 ? "," : "", digits.at[i]);
	return all;
}

static struct text shown(struct report *report, struct text text, size_t max)
{
	return text_shorten(&report->arena, text_printable(&report->arena, text), max);
}

/* "2019-03-18 14:37:02" */
static struct text moment(struct report *report, event_time time)
{
	char *text;

	if (time == NUMBER_NONE)
		return TEXT("-");
	text = arena_alloc(&report->arena, FIELD_BUFFER);
	time_text(time, text);
	text[10] = ' ';
	return (struct text){text, 19};
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void head_put(struct report *report, double seconds)
{
	const struct tally *t = report->tally;
	FILE *out = report->out;
	uint64_t files = 0;

	for (unsigned i = 0; i < format_count; i++)
		files += t->by_format[i].files;
	fprintf(out, "%.*s event%s in %.*s log%s", TEXT_PRINT(grouped(report, t->events)),
		plural(t->events),
		TEXT_PRINT(grouped(report, files)), plural(files));
	if (files) {
		const char *comma = " (";

		for (unsigned i = 0; i < format_count; i++)
			if (t->by_format[i].files) {
				fprintf(out, "%s%s %.*s", comma, formats[i]->name,
					TEXT_PRINT(grouped(report, t->by_format[i].events)));
				comma = ", ";
			}
		fputc(')', out);
	}
	if (seconds >= 0)
		fprintf(out, ", %.*s rules, %.1f s", TEXT_PRINT(grouped(report,
			rules_count(t->rules))), seconds);
	fputc('\n', out);
}

static void mention_put(struct report *report, const struct mention *mention, const char *what)
{
	if (!mention->n)
		return;
	fprintf(report->out, "%s (%.*s)\n", what, TEXT_PRINT(grouped(report, mention->n)));
	for (uint64_t i = 0; i < mention->n && i < TALLY_SHOWN; i++)
		fprintf(report->out, "  %.*s\n", TEXT_PRINT(shown(report, mention->texts[i],
			160)));
	if (mention->n > TALLY_SHOWN)
		fprintf(report->out, "  and %.*s more\n", TEXT_PRINT(grouped(report,
			mention->n - TALLY_SHOWN)));
}

static void levels_put(struct report *report)
{
	const struct tally *t = report->tally;
	const char *comma = ": ";
	size_t rules = 0;

	for (size_t i = 0; i < t->rule_count; i++)
		rules += t->by_rule[i].n > 0;
	fprintf(report->out, "%.*s detection%s of %.*s rule%s",
		TEXT_PRINT(grouped(report, t->detections)), plural(t->detections),
		TEXT_PRINT(grouped(report, rules)), plural(rules));
	for (size_t level = 0; level < array_size(levels); level++)
		for (uint32_t i = 0; i < t->levels.n; i++)
			if (text_equal(t->levels.at[i].text, levels[level])) {
				fputs(comma, report->out);
				level_colour(report, level, true);
				fprintf(report->out, "%.*s %.*s", TEXT_PRINT(levels[level]),
					TEXT_PRINT(grouped(report, t->levels.at[i].n)));
				level_colour(report, level, false);
				comma = ", ";
			}
	fputc('\n', report->out);
	if (t->when.width || t->hosts.n || t->techniques.n)
		fputc('\n', report->out);
}

static void when_put(struct report *report)
{
	const struct tally *t = report->tally;

	if (!t->when.width)
		return;
	fprintf(report->out, "when        %.*s\n", TEXT_PRINT(histogram_bars(&t->when,
		&report->arena)));
	fprintf(report->out, "            %.*s to %.*s, a column is %.*s\n",
		TEXT_PRINT(moment(report, t->first)), TEXT_PRINT(moment(report, t->last)),
		TEXT_PRINT(histogram_width(&t->when, &report->arena)));
}

static void counts_put(struct report *report, const char *what, struct counts *counts)
{
	size_t used = 0;

	counts_sort(counts);
	if (!counts->n)
		return;
	fprintf(report->out, "%-12s", what);
	for (uint32_t i = 0; i < counts->n; i++) {
		struct text name = shown(report, counts->at[i].text, 40);
		struct text n = grouped(report, counts->at[i].n);

		if (i && (i == LIST_SHOWN || used + name.n + n.n + 3 > LIST_COLUMNS)) {
			fprintf(report->out, ", and %u more", counts->n - i);
			break;
		}
		fprintf(report->out, "%s%.*s %.*s", i ? ", " : "", TEXT_PRINT(name),
			TEXT_PRINT(n));
		used += name.n + n.n + 3;
	}
	fputc('\n', report->out);
}

static int worse_first(const void *a, const void *b)
{
	const struct rule_tally *x = *(struct rule_tally *const *)a;
	const struct rule_tally *y = *(struct rule_tally *const *)b;
	size_t lx = level_of(x->rule), ly = level_of(y->rule);

	if (lx != ly)
		return lx < ly ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->rule->number < y->rule->number ? -1 : 1;
}

static void rule_put(struct report *report, const struct rule_tally *t)
{
	size_t level = level_of(t->rule);
	struct text title = shown(report, t->rule->title, TITLE_COLUMNS);
	struct text host = t->host.n ? shown(report, t->host, 24) : TEXT("");

	level_colour(report, level, true);
	fprintf(report->out, "%-13.*s", TEXT_PRINT(levels[level]));
	level_colour(report, level, false);
	fprintf(report->out, " %8.*s  %-19.*s  %-*.*s  %.*s%s\n",
		TEXT_PRINT(grouped(report, t->n)), TEXT_PRINT(moment(report, t->first)),
		TITLE_COLUMNS, TEXT_PRINT(title), TEXT_PRINT(host),
		t->other_hosts ? " and others" : "");
}

static void rules_put(struct report *report, size_t rows)
{
	struct tally *t = report->tally;
	size_t all = t->rule_count, n = 0;
	until_return(memory_free) struct rule_tally **sorted =
		memory_new((all + 1) * sizeof *sorted);

	for (size_t i = 0; i < all; i++)
		if (t->by_rule[i].n)
			sorted[n++] = t->by_rule + i;
	if (!n)
		return;
	qsort(sorted, n, sizeof *sorted, worse_first);
	fprintf(report->out, "\nlevel            count  first (UTC)          %-*s  host\n",
		TITLE_COLUMNS, "rule");
	for (size_t i = 0; i < n && i < rows; i++)
		rule_put(report, sorted[i]);
	if (n > rows)
		fprintf(report->out, "and %zu more rule%s; --rows 0 lists all\n", n - rows,
			plural(n - rows));
}

static void expected_put(struct report *report)
{
	const struct tally *t = report->tally;

	for (size_t i = 0; i < rules_exceptions(t->rules); i++)
		if (t->expected[i])
			fprintf(report->out, "expected: %.*s by the exception '%.*s'\n",
				TEXT_PRINT(grouped(report, t->expected[i])),
				TEXT_PRINT(shown(report, rules_exception(t->rules, i)->name,
					100)));
}

void tally_report(struct tally *tally, FILE *out, size_t rows, bool colour, double seconds)
{
	struct report report = {.tally = tally, .out = out, .colour = colour};

	head_put(&report, seconds);
	if (tally->detections) {
		levels_put(&report);
		when_put(&report);
		counts_put(&report, "hosts", &tally->hosts);
		counts_put(&report, "techniques", &tally->techniques);
		rules_put(&report, rows ? rows : SIZE_MAX);
		fputs("\neach detection: --format text, jsonl, csv or timesketch\n", out);
	} else {
		fputs("no detection\n", out);
	}
	expected_put(&report);
	mention_put(&report, &tally->lost, "left out");
	mention_put(&report, &tally->remarks, "to be known");
	mention_put(&report, &tally->failed, "could not be read");
	mention_put(&report, &tally->unknown, "no logs that saker knows");
	if (tally->unrouted)
		fprintf(out, "%.*s event%s without a word on what made them; --logsource "
			"product=NAME,category=NAME says it\n",
			TEXT_PRINT(grouped(&report, tally->unrouted)), plural(tally->unrouted));
	arena_clear(&report.arena);
}
