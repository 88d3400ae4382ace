// SPDX-License-Identifier: Apache-2.0
// Any bytes as records: the input is cut into records by 16-bit lengths; what they refer to stays
// small (few pids, few starts), so that forks, execs and exits meet. Every event's texts are
// read.

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sensor/feed_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct json_writer *out = context;

	json_writer_reset(out);
	event_write(sighting->event, out);
}

/* A head that can be believed: half of the inputs would otherwise end at its first check. */
static void head_fix(struct wire_head *head, size_t n, uint64_t number)
{
	if (head->kind & 0x80)
		return;
	head->kind = head->kind % 20;
	head->length = (u32)n;
	head->cpu &= 3;
	head->attempt = number;
	head->process.pid &= 7;
	head->process.start &= 7;
	head->process.generation &= 3;
}

static void record_take(struct feed *feed, const uint8_t *bytes, size_t n, uint64_t number)
{
	unsigned char *copy = malloc(n ? n : 1); /* of its exact size, for the sanitizer */
	struct wire_head head;

	memcpy(copy, bytes, n);
	if (n >= sizeof head) {
		memcpy(&head, copy, sizeof head);
		head_fix(&head, n, number);
		memcpy(copy, &head, sizeof head);
	}
	if (n >= sizeof head && head.kind == WIRE_running)
		feed_running_record(feed, copy, n, NULL);
	else
		feed_record(feed, (enum wire_ring)(number % WIRE_RINGS), copy, n);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct json_writer out;
	struct feed_handover handover = {
		.rings = {-1, -1, -1}, .users = "root:x:0:0::/:\n", .memory_max = 65536,
	};
	struct feed *feed = feed_new(&handover, on_sighting, &out, NULL);
	uint64_t number = 0;

	feed_running_begin(feed);
	while (n >= 2) {
		size_t length = bytes[0] | (size_t)bytes[1] << 8;

		bytes += 2;
		n -= 2;
		if (length > n)
			length = n;
		record_take(feed, bytes, length, ++number);
		bytes += length;
		n -= length;
		if (number % 16 == 0)
			feed_round(feed, number * 500000000);
	}
	feed_running_end(feed, number);
	feed_round(feed, UINT64_C(1) << 50);
	feed_free(&feed);
	return 0;
}
