/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timeline written down. The formats stand in format.def. What a host's processes chose never
 * gets out raw: it is made printable, and escaped by the rules of the format.
 */
#pragma once

#include <stdio.h>

#include "intrusion/timeline.h"

enum report_format {
#define FORMAT(name, sentence) FORMAT_##name,
#include "intrusion/report/format.def"
#undef FORMAT
	REPORT_FORMATS
};

/* The format of that name, REPORT_FORMATS if there is none. */
enum report_format report_format(const char *name);

/* "text, html, jsonl or csv" */
const char *report_formats(void);

/*
 * Writes the timeline; whether that worked is for the caller to ask the stream (ferror, fflush).
 */
void report_write(const struct timeline *timeline, enum report_format format, FILE *out);

#define FORMAT(name, sentence) void report_##name(const struct timeline *timeline, FILE *out);
#include "intrusion/report/format.def"
#undef FORMAT

/*
 * The tree alone: indented lines with a mark for each detection, or JSON with one object for each
 * process.
 */
void report_tree_text(const struct tree *tree, FILE *out);
void report_tree_json(const struct tree *tree, FILE *out);
