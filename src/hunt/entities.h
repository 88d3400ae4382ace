/* SPDX-License-Identifier: Apache-2.0 */
/* A set of processes, each with one byte that may say something of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"

struct entities {
	struct entity *at;
	unsigned char *marks;
	size_t n, size; /* size: a power of two, or 0 */
};

/* The mark of a process, which is zero at first; NULL if it is not in the set. */
unsigned char *entities_find(const struct entities *set, struct entity entity);

/* The same, and it is in the set from then on. */
unsigned char *entities_add(struct entities *set, struct entity entity);
void entities_clear(struct entities *set);
