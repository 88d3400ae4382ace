/* SPDX-License-Identifier: Apache-2.0 */
/* Events that are counted: by the values of fields, and by spans of time. */
#pragma once

#include "hunt/run.h"

struct table;

struct table *table_new(const struct hunt_stage *stage);
void table_free(struct table **table);

/* -1 with a sentence if there would be too many rows. */
int table_add(struct table *table, const struct event *event, struct error *err);

/* Gives the rows, in their order, at most `limit` (0: all). */
void table_give(struct table *table, int64_t limit, const struct hunt_sink *sink);
