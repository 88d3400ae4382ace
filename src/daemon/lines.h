/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A detection as one readable line, for the terminal:
 *
 *	10:00:00Z high      Shell below a web server: httpd(812) -> sh -c id (user www-data,
 *T1059.004)
 *
 * Strings of a host under attack are hostile: what would move the cursor, change colours or
 * reorder the text is spelled out; a long command line is cut.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "event/event.h"

/*
 * The line with its line end, in the arena; at most 4096 bytes, so that a pipe takes it whole.
 * The event is a detection.
 */
struct text line_detection(struct arena *arena, const struct event *event, bool colour);
