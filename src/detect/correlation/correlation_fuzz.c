// SPDX-License-Identifier: Apache-2.0
// Any bytes as a row of events, in any order of time, for correlations of every type: memory stays
// within its bound, and what fires rests on events that were given.

#include <assert.h>
#include <string.h>

#include "base/own.h"
#include "detect/correlation/correlator.h"

enum { BYTES = 64 << 10, RULES = 3, SLACK = 128 << 10 /* one full window of the newest group */ };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char yaml[] =
	"title: a\nname: a\nlogsource: {category: x}\ndetection: {s: {F: a}, condition: s}\n---\n"
	"title: b\nname: b\nlogsource: {category: x}\ndetection: {s: {F: b}, condition: s}\n---\n"
	"title: c\nname: c\nlogsource: {category: x}\ndetection: {s: {F: c}, condition: s}\n---\n"
	"title: 1\nname: one\ncorrelation: {type: event_count, rules: [a, b], group-by: [U], "
	"timespan: 5s, condition: {gte: 3}}\n---\n"
	"title: 2\ncorrelation: {type: value_count, rules: [a], group-by: [U], timespan: 5s, "
	"condition: {field: V, gte: 2, lt: 5}}\n---\n"
	"title: 3\ncorrelation: {type: temporal, rules: [a, b, c], timespan: 5s, "
	"condition: a and b and not c}\n---\n"
	"title: 4\ncorrelation: {type: temporal_ordered, rules: [a, b, c], group-by: [U], "
	"timespan: 9s}\n---\n"
	"title: 5\ncorrelation: {type: value_sum, rules: [b], timespan: 5s, "
	"condition: {field: V, gt: 100}}\n---\n"
	"title: 6\ncorrelation: {type: value_median, rules: [b], group-by: [U], timespan: 5s, "
	"condition: {field: V, gt: 7}}\n---\n"
	"title: 7\ncorrelation: {type: value_avg, rules: [c], timespan: 5s, "
	"condition: {field: V, lte: 3}}\n---\n"
	"title: 8\ncorrelation: {type: temporal_ordered, rules: [one, c], group-by: [U], "
	"timespan: 1m}\n---\n"
	"title: 9\ncorrelation: {type: temporal_ordered, rules: [a, b], "
	"group-by: [ProcessTree], timespan: 9s}\n";

struct run {
	struct correlator *correlator;
	uint64_t events;
};

static void on_fired(void *context, const struct correlation_fired *fired)
{
	const struct run *run = context;

	assert(fired->event_count <= CORRELATOR_EVENTS);
	assert(fired->events_total >= fired->event_count);
	assert(fired->first <= fired->last);
	for (size_t i = 0; i < fired->event_count; i++)
		assert(fired->events[i] < run->events);
}

static void on_hit(void *context, const struct correlation_hit *hit)
{
	struct run *run = context;

	correlator_take(run->correlator, hit);
	assert(correlator_bytes(run->correlator) <= BYTES + SLACK);
}

/* Which rule, user, value, process and parent; how much later, or earlier. */
static struct text event_of(const uint8_t *bytes, char *json, size_t size)
{
	int n = snprintf(json, size, "{\"F\":\"%c\",\"U\":%u,\"V\":%u,\"ProcessGuid\":\"%u\","
		"\"ParentProcessGuid\":\"%u\"}", 'a' + bytes[0] % RULES, bytes[1], bytes[2] % 16,
		bytes[3] & 7, bytes[3] >> 4 & 7);

	return (struct text){json, (size_t)n};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules *rules;
	static struct matcher *matcher;
	struct run run = {0};
	event_time time = INT64_C(1443261600) * 1000000000;

	if (!rules) {
		rules = rules_new();
		rules_add(rules, "x.yml", text_of(yaml));
		rules_assume(rules, NULL, "x", NULL);
		rules_compile(rules);
		assert(!rules_problems(rules));
		matcher = matcher_new(rules);
	}
	until_return(correlator_free) struct correlator *correlator =
		correlator_new(rules, BYTES, on_fired, &run);
	run.correlator = correlator;
	for (; size >= 5; data += 5, size -= 5) {
		const struct rule *hits[RULES];
		struct error err;
		char json[160];
		int64_t n = matcher_json(matcher, event_of(data, json, sizeof json), hits, RULES,
			&err);

		time += ((int64_t)data[4] - 64) * 20000000;
		run.events++;
		for (int64_t i = 0; i < n; i++)
			correlation_hits(matcher, hits[i], time, run.events - 1, on_hit, &run);
		if (data[4] == 255)
			correlator_advance(correlator, time);
	}
	correlator_end(correlator);
	return 0;
}
