// SPDX-License-Identifier: Apache-2.0
// Any bytes as a row; and an event, read from the same bytes, is the same JSON by way of a row.

#include <assert.h>

#include "event/row.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct text input = {(const char *)bytes, n};
	struct row_reader *reader = row_reader_new(row_schema()), *other = row_reader_new(input);
	struct json_writer direct = {0}, by_row = {0}, again = {0};
	struct row_bytes row = {0};
	struct arena arena = {0};
	struct event *event = event_read(input, &arena, NULL);

	assert(reader);
	row_json(reader, input, &by_row);
	row_event(reader, input, &arena);
	json_writer_reset(&by_row);
	if (event) {
		event_write(event, &direct);
		row_write(event, &row);
		assert(row_json(reader, (struct text){row.at, row.n}, &by_row));
		assert(direct.n == by_row.n && !memcmp(direct.at, by_row.at, direct.n));
		/* as an event it is what its JSON is as one */
		event = row_event(reader, (struct text){row.at, row.n}, &arena);
		assert(event);
		json_writer_reset(&by_row);
		event_write(event, &by_row);
		event = event_read((struct text){direct.at, direct.n}, &arena, NULL);
		assert(event);
		event_write(event, &again);
		assert(again.n == by_row.n && !memcmp(again.at, by_row.at, again.n));
	}
	row_reader_free(&reader);
	row_reader_free(&other);
	json_writer_clear(&direct);
	json_writer_clear(&by_row);
	json_writer_clear(&again);
	row_bytes_clear(&row);
	arena_clear(&arena);
	return 0;
}
