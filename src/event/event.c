// SPDX-License-Identifier: Apache-2.0
// Fresh events and objects, and the ways from one to the other.

#include "event/event.h"

/* The numbers and times of each object, so that a fresh one says "not known" instead of 0. */
#define UNKNOWN_text(name)
#define UNKNOWN_list(name)
#define UNKNOWN_flag(name)
#define UNKNOWN_id(name)
#define UNKNOWN_address(name)
#define UNKNOWN_number(name) object->name = NUMBER_NONE;
#define UNKNOWN_time(name) object->name = NUMBER_NONE;
#define FIELD(type, name, ...) UNKNOWN_##type(name)

void process_init(struct process *object)
{
	*object = (struct process){0};
#include "event/process.def"
}

struct process *process_new(struct arena *arena)
{
	struct process *process = arena_alloc(arena, sizeof *process);

	process_init(process);
	return process;
}

struct file *file_new(struct arena *arena)
{
	struct file *object = arena_new(arena, struct file);

#include "event/file.def"
	return object;
}

struct network *network_new(struct arena *arena)
{
	struct network *object = arena_new(arena, struct network);

#include "event/network.def"
	return object;
}

struct dns *dns_new(struct arena *arena)
{
	struct dns *object = arena_new(arena, struct dns);

#include "event/dns.def"
	return object;
}

struct call *call_new(struct arena *arena)
{
	struct call *object = arena_new(arena, struct call);

#include "event/call.def"
	return object;
}

struct target *target_new(struct arena *arena)
{
	struct target *object = arena_new(arena, struct target);

#include "event/target.def"
	return object;
}

struct login *login_new(struct arena *arena)
{
	struct login *object = arena_new(arena, struct login);

#include "event/login.def"
	return object;
}

struct detection *detection_new(struct arena *arena)
{
	struct detection *object = arena_new(arena, struct detection);

#include "event/detection.def"
	return object;
}

struct sensor *sensor_new(struct arena *arena)
{
	struct sensor *object = arena_new(arena, struct sensor);

#include "event/sensor.def"
	return object;
}
#undef FIELD

struct event *event_new(struct arena *arena, enum event_kind kind)
{
	struct event *event = arena_new(arena, struct event);

	event->kind = kind;
	event->time = NUMBER_NONE;
	event->sequence = NUMBER_NONE;
	return event;
}

const void *event_object(const struct event *event, enum object object)
{
	switch (object) {
#define OBJECT(name, ...)                                                                         \
	case OBJECT_##name:                                                                       \
		return event->name;
#include "event/object.def"
#undef OBJECT
	case OBJECTS: break;
	}
	return NULL;
}

const struct process *process_up(const struct process *process)
{
	return process->previous ? process->previous : process->parent;
}
