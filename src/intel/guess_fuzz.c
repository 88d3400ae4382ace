// SPDX-License-Identifier: Apache-2.0
// Any bytes as the value of an event: its parts lie in it, and all questions about them end.

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/own.h"
#include "intel/feeds.h"
#include "intel/guess.h"

static void on_problem(void *context, const struct feed_problem *problem)
{
	assert(!problem);
}

static struct indicators *set_make(void)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, NULL);
	struct error err;

	feeds_add(feeds, TEXT("known"),
		TEXT("192.0.2.0/24\n2001:db8::/32\nexample.org\nhttp://bad.example/a\nx.exe\n"
		     "/tmp/y\nwho@example.org\nd41d8cd98f00b204e9800998ecf8427e\n"));
	return feeds_set(feeds, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct indicators *set;
	struct text value = {(const char *)data, size}, rest = value, found[16];
	struct indicator_part part;
	struct indicator_hit hits[16];
	size_t parts = 0, n;

	if (!set)
		set = set_make();
	for (; indicator_part(&rest, &part); parts++) {
		assert(part.type < INDICATOR_TYPES && part.text.n);
		assert(part.text.at >= value.at &&
			part.text.at + part.text.n <= value.at + value.n);
	}
	assert(parts <= size);
	n = indicator_find_parts(set, value, 1, hits, found, 16);
	assert(n <= 16);
	for (int type = 0; type < INDICATOR_TYPES; type++)
		indicator_find_typed(set, (enum indicator_type)type, value, 1, hits, 16);
	return 0;
}
