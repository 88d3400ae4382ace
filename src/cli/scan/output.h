/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How findings are written while they are found. To add a way: a line in output.def and a function
 * of that name in a file of its own.
 */
#pragma once

#include <stdio.h>

#include "cli/scan/finding.h"

struct output {
	FILE *out;
	struct arena arena; /* of one finding */
	struct json_writer json;
	bool begun; /* a table's head stands */
};

void output_clear(struct output *output);

typedef void output_write(struct output *output, const struct finding *finding);

#define OUTPUT(name, written, with_json, sentence) output_write output_##name;
#include "cli/scan/output.def"
#undef OUTPUT

struct output_way {
	const char *name, *sentence;
	output_write *write;
	bool with_json; /* the whole record is needed */
};
extern const struct output_way output_ways[];
extern const unsigned output_way_count;

/* The way of that name, NULL if there is none. */
const struct output_way *output_find(const char *name);

/* For the ways: a pair of a JSON object, left out where there is no text. */
void output_pair(struct json_writer *json, const char *key, struct text value);
/* A text fit for a terminal, at most 200 bytes. */
void output_text(struct output *output, struct text text);
