/* SPDX-License-Identifier: Apache-2.0 */
/* A point in time as people give it: an RFC 3339 time, a day, or how long ago. */
#pragma once

#include "base/error.h"
#include "event/event.h"

/*
 * Reads "2015-09-26T10:00:00Z", "2015-09-26" (its beginning, UTC) or "30s", "30m", "2h", "1d",
 * "2w" before `now`. -1 with a sentence that shows these forms.
 */
int range_since(const char *text, event_time now, event_time *time, struct error *err);
