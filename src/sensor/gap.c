// SPDX-License-Identifier: Apache-2.0
// The account of losses of one ring, one line per processor.

#include "base/memory.h"
#include "base/own.h"
#include "sensor/gap.h"

void gaps_clear(struct gaps *gaps)
{
	memory_free(&gaps->lines);
	*gaps = (struct gaps){0};
}

static struct gap_line *line_of(struct gaps *gaps, uint32_t cpu)
{
	if (cpu >= GAP_CPUS_MAX)
		return NULL;
	if (cpu >= gaps->count) {
		gaps->lines = memory_resize(gaps->lines, cpu + 1, sizeof *gaps->lines);
		for (uint32_t i = gaps->count; i <= cpu; i++)
			gaps->lines[i] = (struct gap_line){.is_known = gaps->from_one};
		gaps->count = cpu + 1;
	}
	return &gaps->lines[cpu];
}

static void gap_add(struct gap *gap, uint64_t from, uint64_t to, bool governed)
{
	if (!gap->count)
		gap->from = from;
	gap->governed = governed;
	gap->to = to;
	gap->count += to - from + 1;
}

/* A number that comes late fills its hole. */
static bool gap_fill(struct gap *gap, uint64_t attempt)
{
	if (!gap->count || attempt < gap->from || attempt > gap->to)
		return false;
	gap->count--;
	return true;
}

bool gaps_count(struct gaps *gaps, uint32_t cpu, uint64_t attempt, bool governed)
{
	struct gap_line *line = line_of(gaps, cpu);

	if (!line)
		return false;
	if (line->is_known && attempt <= line->last) {
		if (!gap_fill(&line->now, attempt))
			gap_fill(&line->before, attempt);
		return true;
	}
	if (line->is_known && attempt > line->last + 1)
		gap_add(&line->now, line->last + 1, attempt - 1, governed);
	line->is_known = true;
	line->last = attempt;
	return true;
}

void gaps_round(struct gaps *gaps, gap_handler *on, void *context)
{
	for (uint32_t cpu = 0; cpu < gaps->count; cpu++) {
		struct gap_line *line = &gaps->lines[cpu];

		if (line->before.count)
			on(context, cpu, &line->before);
		line->before = line->now;
		line->now = (struct gap){0};
	}
}
