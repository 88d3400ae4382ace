/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The containers that run: which process was the first of each, how many live in it. Whoever comes
 * to one from outside after its start has entered it.
 */
#pragma once

#include <stddef.h>

#include "base/text.h"

enum container_step { CONTAINER_none, CONTAINER_began, CONTAINER_entered, CONTAINER_ended };

struct containers;

struct containers *containers_new(void);
void containers_free(struct containers **containers);

/*
 * A process is inside of `id` now; it, or its parent, was in `before` (no text: outside of all).
 * Of two that are equal nothing happens.
 */
enum container_step containers_enter(struct containers *containers, struct text id,
	struct text before);

/* A process that was counted in `id` by a fork or an entry has ended. */
enum container_step containers_leave(struct containers *containers, struct text id);

/* A process is inside, which is no news: its parent is too, or it ran before saker. */
void containers_count(struct containers *containers, struct text id);

/* How many run. */
size_t containers_running(const struct containers *containers);
