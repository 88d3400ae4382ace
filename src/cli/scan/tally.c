// SPDX-License-Identifier: Apache-2.0
// What a scan amounts to.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "cli/scan/tally.h"
#include "intel/indicators.h"

void tally_init(struct tally *tally, const struct rules *rules)
{
	*tally = (struct tally){.rules = rules, .first = NUMBER_NONE, .last = NUMBER_NONE};
	tally->rule_count = rules_count(rules) + INDICATOR_TYPES;
	tally->by_rule = memory_new(tally->rule_count * sizeof *tally->by_rule);
	tally->expected = memory_new((rules_exceptions(rules) + 1) * sizeof *tally->expected);
}

void tally_clear(struct tally *tally)
{
	free(tally->by_rule);
	free(tally->expected);
	free(tally->last_file);
	counts_clear(&tally->hosts);
	counts_clear(&tally->techniques);
	counts_clear(&tally->levels);
	arena_clear(&tally->arena);
	*tally = (struct tally){0};
}

static unsigned format_number(const struct format *format)
{
	unsigned i = 0;

	while (formats[i] != format)
		i++;
	return i;
}

void tally_read(struct tally *tally, const struct log_file *file, const struct format *format,
	uint64_t events)
{
	unsigned i = format_number(format);

	tally->events += events;
	tally->by_format[i].events += events;
	if (tally->last_file && !strcmp(tally->last_file, file->name))
		return;
	free(tally->last_file);
	tally->last_file = memory_string(file->name);
	tally->by_format[i].files++;
}

static void span(event_time time, event_time *first, event_time *last)
{
	if (time == NUMBER_NONE)
		return;
	if (*first == NUMBER_NONE || time < *first)
		*first = time;
	if (*last == NUMBER_NONE || time > *last)
		*last = time;
}

static void rule_count(struct tally *tally, const struct finding *finding, const struct rule *rule)
{
	struct rule_tally *t = tally->by_rule + rule->number;

	if (!t->n++) {
		t->rule = rule;
		t->first = t->last = NUMBER_NONE;
		t->host = arena_copy(&tally->arena, finding->host);
	} else if (!text_equal(t->host, finding->host)) {
		t->other_hosts = true;
	}
	span(finding->time, &t->first, &t->last);
	counts_add(&tally->levels, rule->level.n ? rule->level : TEXT("medium"), 1);
	for (size_t i = 0; i < rule->techniques.n; i++)
		counts_add(&tally->techniques, rule->techniques.at[i], 1);
	if (finding->host.n)
		counts_add(&tally->hosts, finding->host, 1);
	if (finding->time != NUMBER_NONE)
		histogram_add(&tally->when, finding->time);
}

void tally_finding(struct tally *tally, const struct finding *finding)
{
	tally->events_hit++;
	tally->detections += finding->n;
	tally->damaged += finding->marks & RECORD_damaged ? 1 : 0;
	span(finding->time, &tally->first, &tally->last);
	for (size_t i = 0; i < finding->n; i++)
		rule_count(tally, finding, finding->rules[i]);
}

void tally_mention(struct tally *tally, struct mention *mention, struct text what)
{
	if (mention->n < TALLY_SHOWN)
		mention->texts[mention->n] = arena_copy(&tally->arena, what);
	mention->n++;
}

void tally_line(const struct tally *tally, FILE *out)
{
	fprintf(out, "saker scan: %llu events, %llu detections by %zu rules",
		(unsigned long long)tally->events, (unsigned long long)tally->detections,
		rules_count(tally->rules));
	if (tally->records_lost)
		fprintf(out, "; %llu records were left out",
			(unsigned long long)tally->records_lost);
	if (tally->unrouted)
		fprintf(out, "; %llu events do not say what made them (--logsource "
			"product=linux,category=process_creation says it for them)",
			(unsigned long long)tally->unrouted);
	fputc('\n', out);
}
