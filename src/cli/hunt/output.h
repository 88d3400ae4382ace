/* SPDX-License-Identifier: Apache-2.0 */
/* How an answer is shown: sentences and a table for people, JSON lines, CSV. */
#pragma once

#include <stdio.h>

#include "hunt/run.h"

enum hunt_format { HUNT_text, HUNT_jsonl, HUNT_ocsf, HUNT_csv };

struct hunt_output {
	enum hunt_format format;
	FILE *out;
	int64_t limit, given; /* events, sequences or rows; limit 0: all */
	bool cut; /* there was more */
	struct text rule; /* title of the rule that the next event matched; no text: none */
	struct arena arena, kept;
	struct text *names, *cells; /* of the table, row by row */
	size_t columns, rows, size;
	bool head; /* of CSV, which was written */
};

/* The sink that writes to it. */
struct hunt_sink hunt_output_sink(struct hunt_output *output);

/* What was kept back for its widths is written. */
void hunt_output_end(struct hunt_output *output);
void hunt_output_clear(struct hunt_output *output);
