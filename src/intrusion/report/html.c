// SPDX-License-Identifier: Apache-2.0
// A timeline as one self-contained page: no script, nothing loaded, every value escaped.

#include <stdarg.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "intrusion/report/report.h"
#include "intrusion/report/style.h"
#include "intrusion/report/summary.h"
#include "intrusion/tactic.h"

enum { COMMAND_MAX = 160, AXIS_WIDTH = 1000, AXIS_EDGE = 12, AXIS_Y = 26, AXIS_DOTS = 400 };

struct page {
	const struct timeline *timeline;
	FILE *out;
	struct arena arena; /* emptied after each row */
};

/* A value of the host or of a rule: printable, and without a character that HTML reads. */
static void escaped(struct page *page, struct text text)
{
	struct text shown = text_printable(&page->arena, text);

	for (size_t i = 0; i < shown.n; i++) {
		switch (shown.at[i]) {
		case '&': fputs("&amp;", page->out); break;
		case '<': fputs("&lt;", page->out); break;
		case '>': fputs("&gt;", page->out); break;
		case '"': fputs("&quot;", page->out); break;
		case '\'': fputs("&#39;", page->out); break;
		default: fputc(shown.at[i], page->out);
		}
	}
}

/*
 * Writes markup of ours in which each '%' stands for the next value, a `struct text`, which is
 * escaped. What is no literal cannot get in without being escaped.
 */
#define markup(page, literal, ...)                                                                \
	markup_write((page), "" literal, (const struct text[]){ { NULL, 0 }, ##__VA_ARGS__ })

static void markup_write(struct page *page, const char *literal, const struct text *values)
{
	for (; *literal; literal++) {
		if (*literal == '%')
			escaped(page, *++values);
		else
			fputc(*literal, page->out);
	}
}

static struct text level_of(const struct event *event)
{
	return text_of(level_words[level_rank(event->detection->level)]);
}

static void capital(struct page *page, struct text sentence)
{
	char first = sentence.n ? sentence.at[0] : ' ';

	if (first >= 'a' && first <= 'z') {
		fputc(first - 'a' + 'A', page->out);
		sentence = (struct text){ sentence.at + 1, sentence.n - 1 };
	}
	markup(page, "%", sentence);
}

static void head_write(struct page *page)
{
	markup(page,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n"
		"<title>What happened on %</title>\n<style>",
		page->timeline->host);
	fputs(report_style, page->out);
	markup(page, "</style>\n</head>\n<body>\n<main>\n");
}

/* The rules of the highest level that matched, at most three. */
static void severest_write(struct page *page)
{
	enum { NAMED = 3 };
	const struct timeline *timeline = page->timeline;
	struct text names[NAMED + 1];
	unsigned highest = level_rank(timeline->rules[0].event->detection->level);
	size_t n = 0, all = 0;

	for (size_t i = 0; i < timeline->rule_count; i++) {
		const struct detection *detection = timeline->rules[i].event->detection;

		if (level_rank(detection->level) != highest)
			break;
		if (all++ < NAMED)
			names[n++] = arena_format(&page->arena, "\xe2\x80\x9c%.*s\xe2\x80\x9d",
				TEXT_PRINT(detection->rule_name));
	}
	if (all > NAMED)
		names[n++] = arena_format(&page->arena, "%zu more", all - NAMED);
	markup(page, " The most severe (%): %.", text_of(level_words[highest]),
		list_words((struct text_list){ names, n }, " and ", &page->arena));
}

/* The process below which everything happened, if that says more than "the host". */
static void origin_write(struct page *page)
{
	const struct tree_node *node = tree_top(page->timeline->tree);

	if (!node || node->next || tree_left_out(page->timeline->tree))
		return;
	while (!node->marks && node->first && !node->first->next)
		node = node->first;
	if (node->process->pid != 1)
		markup(page, " All of them happened in or below <b>%</b>.",
			process_words(node->process, &page->arena));
}

static void lead_write(struct page *page)
{
	const struct timeline *timeline = page->timeline;
	struct arena *arena = &page->arena;

	markup(page, "<p class=\"lead\">Between % and % saker kept % of the host <b>%</b>. ",
		time_prose(timeline->from, arena), time_prose(timeline->to, arena),
		count_words(timeline->numbers.events, "event", arena), timeline->host);
	if (!timeline->detections) {
		markup(page, "No rule found anything suspicious in them.</p>\n");
		return;
	}
	markup(page, "In them % made % (%). Of these, %.",
		count_words((int64_t)timeline->rule_count, "rule", arena),
		count_words((int64_t)timeline->detections, "detection", arena),
		summary_levels(timeline, arena), summary_done(timeline, arena));
	severest_write(page);
	origin_write(page);
	markup(page, "</p>\n");
}

static void list_write(struct page *page, struct text_list list)
{
	if (!list.n)
		return;
	markup(page, "<ul>\n");
	for (size_t i = 0; i < list.n; i++)
		markup(page, "<li>%</li>\n", list.at[i]);
	markup(page, "</ul>\n");
}

static void completeness_write(struct page *page)
{
	const struct completeness *completeness = &page->timeline->completeness;

	fprintf(page->out, "<div class=\"%s\"><p>", completeness->complete ? "whole" : "partly");
	capital(page, completeness->sentence);
	markup(page, ".</p>\n");
	list_write(page, completeness->reservations);
	if (page->timeline->left_out)
		markup(page,
			"<p>Only the first entries are told; % more detections are in the "
			"store.</p>\n",
			number_words((int64_t)page->timeline->left_out, &page->arena));
	markup(page, "</div>\n");
}

static void figure(struct page *page, struct text number, const char *what)
{
	markup(page, "<li><b>%</b><span>%</span></li>\n", number, text_of(what));
}

static size_t high_or_more(const struct timeline *timeline)
{
	size_t n = 0;

	for (unsigned i = level_rank(TEXT("high")); i < LEVEL_COUNT; i++)
		n += timeline->levels[i];
	return n;
}

static void figures_write(struct page *page)
{
	const struct timeline *timeline = page->timeline;
	const struct completeness *completeness = &timeline->completeness;
	struct arena *arena = &page->arena;

	markup(page, "<ul class=\"figures\">\n");
	figure(page, number_words(timeline->numbers.events, arena), "events kept");
	figure(page, number_words((int64_t)timeline->detections, arena), "detections");
	figure(page, number_words((int64_t)high_or_more(timeline), arena), "high or critical");
	figure(page, number_words((int64_t)timeline->prevented, arena),
		"stopped before they happened");
	figure(page, completeness->known ? number_words(completeness->missing, arena) : TEXT("?"),
		"events known to be missing");
	markup(page, "</ul>\n");
}

static void stages_write(struct page *page)
{
	const struct timeline *timeline = page->timeline;

	if (!timeline->tactic_count)
		return;
	markup(page, "<h2>Stages of the intrusion</h2>\n"
		     "<p class=\"soft\">Tactics of MITRE ATT&amp;CK that the rules name, in the "
		     "usual order of an "
		     "intrusion, with the number of detections.</p>\n<ol class=\"stages\">\n");
	for (size_t i = 0; i < timeline->tactic_count; i++)
		markup(page, "<li>%<b>%</b></li>\n",
			tactic_words(timeline->tactics[i].name, &page->arena),
			number_words((int64_t)timeline->tactics[i].count, &page->arena));
	markup(page, "</ol>\n");
}

/* The part of the timeline from the first to the last detection. */
struct axis {
	event_time first, last;
};

static struct axis axis_of(const struct timeline *timeline)
{
	struct axis axis = { NUMBER_NONE, NUMBER_NONE };

	for (size_t i = 0; i < timeline->n; i++) {
		if (timeline->entries[i].what != ENTRY_detection)
			continue;
		if (axis.first == NUMBER_NONE)
			axis.first = timeline->entries[i].time;
		axis.last = timeline->entries[i].time;
	}
	return axis;
}

static void dot_write(struct page *page, const struct axis *axis,
	const struct timeline_entry *entry)
{
	bool detection = entry->what == ENTRY_detection;
	double part = (double)(entry->time - axis->first) / (double)(axis->last - axis->first);

	fprintf(page->out, "<circle cx=\"%.1f\" cy=\"%d\" r=\"%d\" ",
		AXIS_EDGE + part * (AXIS_WIDTH - 2 * AXIS_EDGE), AXIS_Y, detection ? 7 : 5);
	markup(page, "class=\"f-%\"><title>% %</title></circle>\n",
		detection ? level_of(entry->event) : TEXT("gap"),
		time_words(entry->time, &page->arena),
		detection ? entry->event->detection->rule_name : entry->sentence);
}

static void axis_write(struct page *page)
{
	const struct timeline *timeline = page->timeline;
	struct axis axis = axis_of(timeline);
	size_t dots = 0;

	if (axis.first >= axis.last)
		return;
	fprintf(page->out, "<svg class=\"axis\" viewBox=\"0 0 %d 62\" role=\"img\" aria-label=\"",
		AXIS_WIDTH);
	markup(page, "% on a line of time\">\n",
		count_words((int64_t)timeline->detections, "detection", &page->arena));
	fprintf(page->out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", AXIS_EDGE, AXIS_Y,
		AXIS_WIDTH - AXIS_EDGE, AXIS_Y);
	for (size_t i = 0; i < timeline->n && dots < AXIS_DOTS; i++) {
		const struct timeline_entry *entry = &timeline->entries[i];

		if (entry->again || entry->time < axis.first || entry->time > axis.last)
			continue;
		dot_write(page, &axis, entry);
		dots++;
	}
	fprintf(page->out, "<text x=\"%d\" y=\"54\">", AXIS_EDGE);
	markup(page, "%</text>\n", time_words(axis.first, &page->arena));
	fprintf(page->out, "<text x=\"%d\" y=\"54\" text-anchor=\"end\">", AXIS_WIDTH - AXIS_EDGE);
	markup(page, "%</text>\n</svg>\n", time_words(axis.last, &page->arena));
	arena_reset(&page->arena);
}

static void done_write(struct page *page, struct text words, bool prevented)
{
	fprintf(page->out, "<span class=\"done%s\">", prevented ? " stopped" : "");
	capital(page, words);
	markup(page, "</span>");
}

static void mark_write(struct page *page, const struct tree_mark *mark)
{
	const struct detection *detection = mark->event->detection;
	struct text techniques = list_words(detection->techniques, ", ", &page->arena);

	markup(page, "<div><span class=\"level %\">%</span> %", level_of(mark->event),
		level_of(mark->event), detection->rule_name);
	if (techniques.n)
		markup(page, " <span class=\"soft\">%</span>", techniques);
	if (mark->count > 1)
		markup(page, " <span class=\"soft\">(% times)</span>",
			number_words((int64_t)mark->count, &page->arena));
	markup(page, " &middot; ");
	done_write(page, prevention_words(detection, &page->arena),
		detection_is_prevented(detection));
	markup(page, "</div>\n");
}

static void node_open(struct page *page, const struct tree_node *node)
{
	struct text command = process_command(node->process, COMMAND_MAX, &page->arena);

	markup(page, "<li><span class=\"name\">%</span> <code>%</code>\n",
		process_words(node->process, &page->arena), command.at ? command : TEXT(""));
	if (node->marks)
		markup(page, "<div class=\"marks\">\n");
	for (const struct tree_mark *mark = node->marks; mark; mark = mark->next)
		mark_write(page, mark);
	if (node->marks)
		markup(page, "</div>\n");
	arena_reset(&page->arena);
}

/* A node and what is below it; the depth of a tree is bounded (TREE_DEPTH_MAX, LINEAGE_MAX). */
static void nodes_write(struct page *page, const struct tree_node *node)
{
	for (; node; node = node->next) {
		node_open(page, node);
		if (node->first) {
			markup(page, "<ul>\n");
			nodes_write(page, node->first);
			markup(page, "</ul>\n");
		}
		markup(page, "</li>\n");
	}
}

static void tree_write(struct page *page)
{
	const struct timeline *timeline = page->timeline;

	if (!tree_top(timeline->tree))
		return;
	markup(page, "<h2>Who started what</h2>\n<p class=\"soft\">The processes that lead to the "
		     "detections, from the "
		     "first at the top; each stands below the one that started it.</p>\n"
		     "<div class=\"card\"><ul class=\"tree\">\n");
	nodes_write(page, tree_top(timeline->tree));
	markup(page, "</ul>\n");
	if (tree_left_out(timeline->tree))
		markup(page,
			"<p class=\"soft\">% detections have no place here: the tree is full or "
			"they name no process."
			"</p>\n",
			number_words((int64_t)tree_left_out(timeline->tree), &page->arena));
	markup(page, "</div>\n");
}

static void when_write(struct page *page, const struct timeline_entry *entry)
{
	markup(page,
		"<td class=\"when\"><time datetime=\"%\">%</time><br><span "
		"class=\"soft\">%</span></td>\n",
		time_words(entry->time, &page->arena), time_words(entry->time, &page->arena),
		summary_since(page->timeline, entry, &page->arena));
}

static void repeats_write(struct page *page, const struct timeline_entry *entry)
{
	if (entry->repeats)
		markup(page, "<br><span class=\"soft\">%</span>",
			summary_repeats(entry, &page->arena));
}

static void detection_row(struct page *page, const struct timeline_entry *entry)
{
	const struct detection *detection = entry->event->detection;

	markup(page, "<tr id=\"d-%\">\n", detection->id);
	when_write(page, entry);
	markup(page, "<td><span class=\"level %\">%</span></td>\n", level_of(entry->event),
		level_of(entry->event));
	markup(page, "<td class=\"what\">%", entry->sentence);
	repeats_write(page, entry);
	markup(page, "<br><span class=\"soft\">%</span></td>\n", entry->ancestry);
	markup(page, "<td>%<br><span class=\"soft\">%</span></td>\n<td>", detection->rule_name,
		summary_attack(detection, &page->arena));
	done_write(page, entry->done, entry->prevented);
	markup(page, "</td>\n</tr>\n");
}

static void notice_row(struct page *page, const struct timeline_entry *entry)
{
	bool gap = entry->what == ENTRY_gap;

	fprintf(page->out, "<tr class=\"%s\">\n", gap ? "gap" : "notice");
	when_write(page, entry);
	fprintf(page->out,
		"<td><span class=\"level\">%s</span></td>\n<td class=\"what\" colspan=\"3\">",
		gap ? "gap" : "saker");
	markup(page, "%", entry->sentence);
	repeats_write(page, entry);
	markup(page, "</td>\n</tr>\n");
}

static void timeline_write(struct page *page)
{
	const struct timeline *timeline = page->timeline;

	markup(page, "<h2>Timeline</h2>\n");
	if (!timeline->n) {
		markup(page, "<p>There is nothing to tell.</p>\n");
		return;
	}
	markup(page, "<p class=\"soft\">All times in UTC; below each, the time since the first "
		     "entry.</p>\n");
	axis_write(page);
	markup(page, "<div class=\"scroll\" role=\"region\" aria-label=\"Timeline\" "
		     "tabindex=\"0\"><table>\n<thead><tr>"
		     "<th scope=\"col\">Time</th><th scope=\"col\">Level</th><th "
		     "scope=\"col\">What happened</th>"
		     "<th scope=\"col\">Rule and ATT&amp;CK</th><th scope=\"col\">What was "
		     "done</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < timeline->n; i++) {
		if (timeline->entries[i].again)
			continue;
		if (timeline->entries[i].what == ENTRY_detection)
			detection_row(page, &timeline->entries[i]);
		else
			notice_row(page, &timeline->entries[i]);
		arena_reset(&page->arena);
	}
	markup(page, "</tbody>\n</table></div>\n");
}

static void rule_write(struct page *page, const struct timeline_rule *rule)
{
	const struct detection *detection = rule->event->detection;
	struct arena *arena = &page->arena;

	markup(page, "<dt>% <span class=\"level %\">%</span></dt>\n<dd>", detection->rule_name,
		level_of(rule->event), level_of(rule->event));
	if (detection->description.n)
		markup(page, "%<br>", detection->description);
	markup(page, "<span class=\"soft\">%",
		count_words((int64_t)rule->count, "detection", arena));
	if (rule->prevented)
		markup(page, ", % stopped", number_words((int64_t)rule->prevented, arena));
	if (detection->techniques.n || detection->tactics.n)
		markup(page, " &middot; %", summary_attack(detection, arena));
	if (detection->rule_file.n)
		markup(page, " &middot; <code>%</code>", detection->rule_file);
	markup(page, "</span></dd>\n");
	arena_reset(arena);
}

static void appendix_write(struct page *page)
{
	const struct timeline *timeline = page->timeline;

	if (timeline->rule_count) {
		markup(page, "<h2>Appendix: the rules</h2>\n<div class=\"card\"><dl>\n");
		for (size_t i = 0; i < timeline->rule_count; i++)
			rule_write(page, &timeline->rules[i]);
		markup(page, "</dl></div>\n");
	}
	if (timeline->completeness.blind.n) {
		markup(page, "<h2>Appendix: limits of this kernel</h2>\n"
			     "<p class=\"soft\">What saker could not see or stop on this "
			     "host.</p>\n<div class=\"card\">\n");
		list_write(page, timeline->completeness.blind);
		markup(page, "</div>\n");
	}
}

void report_html(const struct timeline *timeline, FILE *out)
{
	struct page page = { .timeline = timeline, .out = out };

	head_write(&page);
	markup(&page,
		"<header>\n<h1>What happened on %</h1>\n<p class=\"soft\">% to % "
		"(%)</p>\n</header>\n",
		timeline->host, time_prose(timeline->from, &page.arena),
		time_prose(timeline->to, &page.arena),
		duration_words(timeline->to - timeline->from, &page.arena));
	markup(&page, "<section class=\"card\" aria-label=\"Summary\">\n");
	lead_write(&page);
	completeness_write(&page);
	markup(&page, "</section>\n");
	figures_write(&page);
	stages_write(&page);
	tree_write(&page);
	timeline_write(&page);
	appendix_write(&page);
	markup(&page, "<footer>Written by saker from the events in its store. A detection says "
		      "that a rule matched, "
		      "not who did it or why.</footer>\n</main>\n</body>\n</html>\n");
	arena_clear(&page.arena);
}
