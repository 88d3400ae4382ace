/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of an event that outlives the round of the feed in which it came: all its objects, its
 * process and the ancestors of that process, in one arena.
 */
#pragma once

#include "base/arena.h"
#include "event/event.h"

enum { COPY_RELATIVES_MAX = 32 }; /* the process, and what it descends from */

struct event *event_copy(struct arena *arena, const struct event *event);
struct process *process_copy(struct arena *arena, const struct process *process);
