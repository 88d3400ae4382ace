// SPDX-License-Identifier: Apache-2.0
// saker detections: what was found, the newest at the end.

#include <stdlib.h>

#include "base/memory.h"
#include "base/own.h"
#include "base/printable.h"
#include "cli/columns.h"
#include "cli/look.h"
#include "intrusion/range.h"
#include "intrusion/words.h"
#include "store/store.h"

enum { LIMIT = 100, RULE_MAX = 48, COLUMNS = 7 };

static const char *const titles[COLUMNS] = { "TIME", "ID", "LEVEL", "RULE", "PROCESS", "USER",
	"PREVENTION" };

struct row {
	struct text cells[COLUMNS]; /* or, for JSON, the line alone in the first */
};

struct listing {
	bool json;
	event_time since;
	unsigned level; /* at least */
	size_t limit; /* 0: none */
	struct arena arena;
	struct row *rows; /* newest first */
	size_t n, size, more; /* more: that fit but are beyond the limit */
};

static void listing_clear(struct listing *listing)
{
	free(listing->rows);
	arena_clear(&listing->arena);
}

static int options_read(struct listing *listing, const struct invocation *invocation)
{
	struct error err;

	for (int i = 1; i < invocation->argc; i++) {
		const char *value;
		int64_t limit;

		if ((value = look_option(invocation, &i, "--since"))) {
			if (range_since(value, look_now(), &listing->since, &err))
				return refuse(invocation, "%s", err.text);
		} else if ((value = look_option(invocation, &i, "--level"))) {
			if (!level_known(text_of(value)))
				return refuse(invocation,
					"'%.40s' is no level; write informational, low, "
					"medium, high or critical",
					value);
			listing->level = level_rank(text_of(value));
		} else if ((value = look_option(invocation, &i, "--limit"))) {
			if (!text_number(text_of(value), &limit) || limit < 1)
				return refuse(invocation,
					"'%.40s' is no number of detections; write 1 or more",
					value);
			listing->limit = (size_t)limit;
		} else {
			return usage(invocation);
		}
	}
	return EXIT_done;
}

static struct text user_of(const struct process *process, struct arena *arena)
{
	if (!process || (!process->user.n && process->uid == NUMBER_NONE))
		return TEXT("-");
	if (process->user.n)
		return text_printable(arena, process->user);
	return arena_format(arena, "%lld", (long long)process->uid);
}

static struct text process_of(const struct process *process, struct arena *arena)
{
	struct text name = process_short(process, arena);

	if (!process || process->pid == NUMBER_NONE)
		return name;
	return arena_format(arena, "%.*s(%lld)", TEXT_PRINT(name), (long long)process->pid);
}

static struct text result_of(const struct detection *detection, struct arena *arena)
{
	struct text result = text_printable(arena, detection->result);

	if (detection->exception.n)
		return arena_format(arena, "expected: %.*s",
			TEXT_PRINT(text_printable(arena, detection->exception)));
	if (!detection->rung.n)
		return result;
	return arena_format(arena, "%.*s (%.*s)", TEXT_PRINT(result),
		TEXT_PRINT(text_printable(arena, detection->rung)));
}

static void row_fill(struct row *row, const struct event *event, struct arena *arena)
{
	const struct detection *detection = event->detection;

	row->cells[0] = time_words(event->time, arena);
	row->cells[1] = text_printable(arena, detection->id);
	row->cells[2] = text_printable(arena, detection->level);
	row->cells[3] = text_shorten(arena, text_printable(arena, detection->rule_name), RULE_MAX);
	row->cells[4] = process_of(event->process, arena);
	row->cells[5] = user_of(event->process, arena);
	row->cells[6] = result_of(detection, arena);
}

static bool detection_take(void *listing_, struct text json)
{
	struct listing *listing = listing_;
	struct arena scratch = { 0 };
	struct event *event = event_read(json, &scratch, NULL);
	struct row row = { 0 };

	if (event && event->detection && level_rank(event->detection->level) >= listing->level) {
		if (listing->limit && listing->n == listing->limit) {
			listing->more++;
		} else {
			if (listing->n == listing->size) {
				listing->size = listing->size ? 2 * listing->size : 64;
				listing->rows = memory_resize(listing->rows, listing->size,
					sizeof *listing->rows);
			}
			if (listing->json)
				row.cells[0] = json_printable(&scratch, json);
			else
				row_fill(&row, event, &scratch);
			for (size_t i = 0; i < COLUMNS; i++)
				row.cells[i] = arena_copy(&listing->arena, row.cells[i]);
			listing->rows[listing->n++] = row;
		}
	}
	arena_clear(&scratch);
	return true;
}

static void table_print(const struct listing *listing)
{
	until_return(memory_free) struct text *cells =
		memory_new((listing->n * COLUMNS + 1) * sizeof *cells);
	struct text heads[COLUMNS];

	for (size_t i = 0; i < COLUMNS; i++)
		heads[i] = text_of(titles[i]);
	for (size_t row = 0; row < listing->n; row++) /* the newest at the end */
		memcpy(cells + row * COLUMNS, listing->rows[listing->n - 1 - row].cells,
			COLUMNS * sizeof *cells);
	columns_print(stdout, heads, cells, COLUMNS, listing->n);
}

static void listing_print(const struct listing *listing)
{
	if (listing->json) {
		for (size_t j = listing->n; j; j--)
			printf("%.*s\n", TEXT_PRINT(listing->rows[j - 1].cells[0]));
		return;
	}
	if (!listing->n) {
		printf("no detections\n");
		return;
	}
	table_print(listing);
	if (listing->more)
		printf("(the newest %zu; %zu more before them: give --limit)\n", listing->n,
			listing->more);
}

int command_detections(struct invocation *invocation)
{
	until_return(listing_clear) struct listing listing = { .json = invocation->json };
	until_return(store_close) struct store *store = NULL;
	struct store_query query = { .detections = true, .newest_first = true };
	struct error err;
	int status;

	listing.limit = listing.json ? 0 : LIMIT;
	status = options_read(&listing, invocation);
	if (status != EXIT_done)
		return status;
	store = store_open(invocation->store, STORE_read, &err);
	if (!store)
		return refuse(invocation, "%s", err.text);
	query.from = listing.since;
	if (store_read(store, &query, detection_take, &listing, &err))
		return refuse(invocation, "%s", err.text);
	listing_print(&listing);
	return look_finish(invocation, stdout, "standard output");
}
