/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event out of values that come one by one, as from JSON or a row: the objects that they belong
 * to are made when the first of theirs comes.
 */
#pragma once

#include "event/event.h"

struct making {
	struct arena *arena;
	struct event *event; /* of kind EVENT_KINDS at first */
	struct process *process, *parent; /* NULL until one of their fields comes */
	struct text_list executables, command_lines; /* of the ancestors */
	bool kind_known;
};

/* The object, in the arena. */
void *making_object(struct making *making, enum object object);
void *making_parent(struct making *making);

/* Links the parent and the ancestors; false if no kind came, and then it is no event. */
bool making_end(struct making *making);
