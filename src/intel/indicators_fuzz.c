// SPDX-License-Identifier: Apache-2.0
// Any bytes as a compiled set: refused, or asked without harm. The sum of the head is made to fit,
// or nothing but refusal would ever be tried.

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "intel/feeds.h"
#include "intel/guess.h"
#include "intel/indicator/image.h"

static const char *const values[] = {"192.0.2.1", "2001:db8::1", "a.b.c.example.org",
	"http://bad.example/a", "C:\\Temp\\x.exe", "/tmp/y", "who@example.org",
	"d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};

static void head_fit(uint8_t *bytes, size_t n)
{
	struct image_head *head = (struct image_head *)bytes;

	if (n < sizeof *head)
		return;
	memcpy(head->magic, IMAGE_MAGIC, sizeof head->magic);
	head->version = IMAGE_VERSION;
	head->head_bytes = sizeof *head;
	head->bytes = n;
	head->head_sum = image_head_sum(head);
}

static void all_ask(const struct indicators *set)
{
	for (size_t i = 0; i < array_size(values); i++)
		for (int type = 0; type < INDICATOR_TYPES; type++) {
			struct indicator_hit hits[4];
			size_t n = indicator_find_typed(set, (enum indicator_type)type,
				text_of(values[i]), 1, hits, 4);

			assert(n <= 4);
			for (size_t j = 0; j < n; j++) {
				struct indicator indicator;
				char buffer[INDICATOR_TEXT];

				indicator_read(set, hits[j], &indicator);
				indicator_value(set, hits[j], buffer);
			}
		}
}

static void on_problem(void *context, const struct feed_problem *problem)
{
	assert(problem->sentence.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	until_return(feeds_free) struct feeds *feeds = feeds_new(on_problem, NULL);
	uint8_t *bytes = memcpy(memory_new(size + 1), data, size);
	struct error err = {0};

	head_fit(bytes, size);
	feeds_add(feeds, TEXT("fuzz"), (struct text){(const char *)bytes, size});
	until_return(indicators_close) struct indicators *set =
		indicators_from_memory(bytes, size, &err);
	assert(set || err.text[0]);
	if (!set)
		return 0;
	all_ask(set);
	indicators_verify(set, &err);
	for (int type = 0; type < INDICATOR_TYPES; type++)
		indicators_expired(set, (enum indicator_type)type, 1);
	return 0;
}
