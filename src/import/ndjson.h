/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded events out of a stream: one JSON object per line; or, if the first object does not end
 * on its line, objects that span lines, one after the other or inside of one array. Memory is
 * bounded: what is longer than NDJSON_EVENT_MAX is skipped and counted.
 *
 *	struct ndjson *in = ndjson_new(fd);
 *	while (ndjson_next(in, &event, &err) > 0)
 *		rules_match_json(rules, event, ...);
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum { NDJSON_EVENT_MAX = 16 << 20 };

struct ndjson;

/* Reads from a descriptor, which stays the caller's. */
struct ndjson *ndjson_new(int fd);
void ndjson_free(struct ndjson **ndjson);

/*
 * The next event, valid until the next call: 1. 0 at the end; -1 with a sentence if the stream
 * cannot be read. Empty lines are passed over; whether it is JSON, the caller finds out.
 */
int ndjson_next(struct ndjson *ndjson, struct text *event, struct error *err);

/* The line of the event last returned, from 1; how many were too long and left out. */
uint64_t ndjson_line(const struct ndjson *ndjson);
uint64_t ndjson_skipped(const struct ndjson *ndjson);
