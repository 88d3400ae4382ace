/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event in the Open Cybersecurity Schema Framework (OCSF 1.3, schema.ocsf.io): nested objects
 * under the names of the tables' OCSF column, with class, category, activity and type. What OCSF
 * has no name for lies under `unmapped.saker`.
 */
#pragma once

#include "event/event.h"

/* One object without a line end; what it needs meanwhile lies in the arena. */
void ocsf_write(const struct event *event, struct arena *arena, struct json_writer *out);
