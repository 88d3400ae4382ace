// SPDX-License-Identifier: Apache-2.0
// Any bytes as a feed: each indicator that was taken is found again by its own value.

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/own.h"
#include "intel/feeds.h"
#include "intel/guess.h"

static void on_problem(void *context, const struct feed_problem *problem)
{
	char text[256];

	assert(problem->sentence.n);
	feed_problem_text(problem, text, sizeof text);
	assert(text[0]);
}

/* Of a range, its first address is inside. */
static void find_again(const struct indicators *set, struct indicator_hit wanted)
{
	struct indicator_hit hits[64];
	struct indicator indicator;
	char buffer[INDICATOR_TEXT];
	struct text value = indicator_value(set, wanted, buffer);
	const char *slash = memchr(value.at, '/', value.n);
	bool found = false, range = wanted.type == INDICATOR_ipv4_range ||
		wanted.type == INDICATOR_ipv6_range;
	size_t n;

	indicator_read(set, wanted, &indicator);
	assert(indicator.file.n);
	if (range)
		value.n = (size_t)(slash - value.at);
	n = indicator_find_typed(set, wanted.type, value, INDICATOR_NO_TIME, hits, 64);
	for (size_t i = 0; i < n; i++)
		found |= hits[i].type == wanted.type && hits[i].number == wanted.number;
	assert(found || n == 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, NULL);
	struct indicator_hit hit = {0};
	struct error err;

	feeds_add(feeds, TEXT("fuzz"), (struct text){(const char *)data, size});
	/* what a compiled set says of itself may be anything */
	if (indicators_are_compiled((struct text){(const char *)data, size}))
		return 0;
	until_return(indicators_close) struct indicators *set = feeds_set(feeds, &err);
	assert(set);
	for (int type = 0; type < INDICATOR_TYPES; type++)
		for (hit.number = 0; hit.number < indicators_count(set, (enum indicator_type)type);
			hit.number++) {
			hit.type = (enum indicator_type)type;
			find_again(set, hit);
		}
	return 0;
}
