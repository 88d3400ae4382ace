// SPDX-License-Identifier: Apache-2.0
// Correlations: hits per second and memory, of each type, over groups that come again and over a
// flood of keys that never do. bench-correlate [HITS]

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/own.h"
#include "detect/correlation/correlator.h"

enum { KEY_BYTES = 18, BYTES = 64 << 20 };

static const struct {
	const char *name, *yaml;
	unsigned members;
} types[] = {
	{"event_count", "{type: event_count, rules: [a], group-by: [U], timespan: 1m, "
		"condition: {gte: 10}}", 1},
	{"value_count", "{type: value_count, rules: [a], group-by: [U], timespan: 1m, "
		"condition: {field: V, gte: 10}}", 1},
	{"temporal", "{type: temporal, rules: [a, b], group-by: [U], timespan: 1m}", 2},
	{"temporal_ordered", "{type: temporal_ordered, rules: [a, b], group-by: [U], "
		"timespan: 1m}", 2},
	{"temporal, not", "{type: temporal, rules: [a, b], group-by: [U], timespan: 1m, "
		"condition: a and not b}", 1},
	{"value_sum", "{type: value_sum, rules: [a], group-by: [U], timespan: 1m, "
		"condition: {field: V, gte: 100}}", 1},
	{"value_median", "{type: value_median, rules: [a], group-by: [U], timespan: 1m, "
		"condition: {field: V, gte: 100}}", 1},
};

static struct rules *rules_of(const char *correlation)
{
	struct rules *rules = rules_new();
	char yaml[1024];
	int n = snprintf(yaml, sizeof yaml,
		"title: a\nlogsource: {category: x}\ndetection: {s: {F: a}, condition: s}\n---\n"
		"title: b\nlogsource: {category: x}\ndetection: {s: {F: b}, condition: s}\n---\n"
		"title: C\ncorrelation: %s\n", correlation);

	rules_add(rules, "x", (struct text){yaml, (size_t)n});
	rules_assume(rules, NULL, "x", NULL);
	rules_compile(rules);
	return rules;
}

static void on_fired(void *context, const struct correlation_fired *fired)
{
	++*(uint64_t *)context;
}

static void hit_keep(void *context, const struct correlation_hit *hit)
{
	*(struct correlation_hit *)context = *hit;
}

/* What a correlator gets of an event, once for each member. */
static void hits_make(struct rules *rules, struct correlation_hit *hits, unsigned members)
{
	until_return(matcher_free) struct matcher *matcher = matcher_new(rules);

	for (unsigned m = 0; m < members; m++) {
		const struct rule *found[4];
		struct error err;
		char json[64];
		int n = snprintf(json, sizeof json, "{\"F\":\"%c\",\"U\":\"x\",\"V\":1}", 'a' + m);

		matcher_json(matcher, (struct text){json, (size_t)n}, found, 4, &err);
		correlation_hits(matcher, found[0], 0, 0, hit_keep, hits + m);
	}
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* `groups` keys that come again at random; 0: each key is new. `step`: ns from hit to hit. */
static void run(size_t type, uint64_t groups, uint64_t count, int64_t step)
{
	until_return(rules_free) struct rules *rules = rules_of(types[type].yaml);
	struct correlation_hit hits[2];
	uint64_t fired = 0;
	until_return(correlator_free) struct correlator *correlator =
		correlator_new(rules, BYTES, on_fired, &fired);
	char key[KEY_BYTES + 1], value[KEY_BYTES + 1];
	double began;
	size_t most = 0;

	hits_make(rules, hits, types[type].members);
	began = seconds();
	for (uint64_t i = 0; i < count; i++) {
		struct correlation_hit hit = hits[i % types[type].members];
		uint64_t k = groups ? mix(i) % groups : i;
		uint16_t length = 16;

		memcpy(key, &length, sizeof length);
		memcpy(key + 2, &k, sizeof k);
		memset(key + 10, 'x', 8);
		memcpy(value, key, KEY_BYTES);
		memcpy(value + 4, &i, 4);
		hit.key = (struct text){key, KEY_BYTES};
		hit.value = (struct text){value, KEY_BYTES};
		hit.number = (double)(i % 7);
		hit.time = (int64_t)i * step;
		hit.event = i;
		correlator_take(correlator, &hit);
		if (!(i & 1023) && correlator_bytes(correlator) > most)
			most = correlator_bytes(correlator);
	}
	began = seconds() - began;
	printf("%-17s %8llu groups %5llu us  %6.2f M hits/s  %5.1f MB at most  %llu fired, %llu groups "
		"given up\n", types[type].name, (unsigned long long)groups,
		(unsigned long long)step / 1000, (double)count / began / 1e6, (double)most / 1e6, (unsigned long long)fired,
		(unsigned long long)correlator_losses(correlator).groups);
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000000;

	for (size_t type = 0; type < array_size(types); type++) {
		run(type, 10000, count, 1000000);
		run(type, 1, count, 1000000); /* its window is full */
		run(type, 0, count, 1000000);
		run(type, 0, count, 1000); /* more than there is room for */
	}
	return 0;
}
