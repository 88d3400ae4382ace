// SPDX-License-Identifier: Apache-2.0
// Copies of events. The tables of fields say which members are texts or lists and must be copied
// too.

#include <string.h>

#include "daemon/copy.h"

static struct text_list list_copy(struct arena *arena, struct text_list list)
{
	struct text *at;

	if (!list.at)
		return list;
	at = arena_alloc(arena, (list.n ? list.n : 1) * sizeof *at);
	for (size_t i = 0; i < list.n; i++)
		at[i] = arena_copy(arena, list.at[i]);
	return (struct text_list){at, list.n};
}

/* A copy of one object's struct of `size` bytes. */
static void *object_copy(struct arena *arena, enum object object, const void *from, size_t size)
{
	char *to = from ? memcpy(arena_alloc(arena, size), from, size) : NULL;

	for (unsigned i = 0; to && i < field_count; i++) {
		const struct field *field = &fields[i];
		char *at = to + field->offset;

		if (field->object != object)
			continue;
		if (field->type == FIELD_text) {
			struct text text;

			memcpy(&text, at, sizeof text);
			text = arena_copy(arena, text);
			memcpy(at, &text, sizeof text);
		} else if (field->type == FIELD_list) {
			struct text_list list;

			memcpy(&list, at, sizeof list);
			list = list_copy(arena, list);
			memcpy(at, &list, sizeof list);
		}
	}
	return to;
}

/* What was copied already: a process and its previous image have the same parent. */
struct copied {
	const struct process *from[COPY_RELATIVES_MAX];
	struct process *to[COPY_RELATIVES_MAX];
	size_t n;
};

static struct process *copy_up(
	struct arena *arena, const struct process *process, struct copied *copied)
{
	struct process *copy;

	for (size_t i = 0; i < copied->n; i++)
		if (copied->from[i] == process)
			return copied->to[i];
	if (!process || copied->n == COPY_RELATIVES_MAX)
		return NULL;
	copy = object_copy(arena, OBJECT_process, process, sizeof *process);
	copied->from[copied->n] = process;
	copied->to[copied->n++] = copy;
	copy->parent = copy_up(arena, process->parent, copied);
	copy->previous = copy_up(arena, process->previous, copied);
	return copy;
}

struct process *process_copy(struct arena *arena, const struct process *process)
{
	struct copied copied = {.n = 0};

	return copy_up(arena, process, &copied);
}

struct event *event_copy(struct arena *arena, const struct event *event)
{
	struct event *copy = memcpy(arena_alloc(arena, sizeof *copy), event, sizeof *copy);

	copy->process = process_copy(arena, event->process);
	copy->file = object_copy(arena, OBJECT_file, event->file, sizeof *event->file);
	copy->network = object_copy(arena, OBJECT_network, event->network, sizeof *event->network);
	copy->dns = object_copy(arena, OBJECT_dns, event->dns, sizeof *event->dns);
	copy->call = object_copy(arena, OBJECT_call, event->call, sizeof *event->call);
	copy->target = object_copy(arena, OBJECT_target, event->target, sizeof *event->target);
	copy->login = object_copy(arena, OBJECT_login, event->login, sizeof *event->login);
	copy->detection =
		object_copy(arena, OBJECT_detection, event->detection, sizeof *event->detection);
	copy->sensor = object_copy(arena, OBJECT_sensor, event->sensor, sizeof *event->sensor);
	return copy;
}
