// SPDX-License-Identifier: Apache-2.0
// What happens to saker itself becomes events: starts, ends, capabilities, losses, things that an
// operator should know.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/engine.h"

#define FIELD_OF(message, member)                                                      \
	{                                                                              \
		(message)->member, strnlen((message)->member, sizeof(message)->member) \
	}

static struct text known(struct text text)
{
	return text.n ? text : (struct text){NULL, 0};
}

/* A hold that timed out, a rung that failed: the process is the one that waited. */
static void prevention_fill(
	struct engine *engine, struct event *event, const struct message_self *self)
{
	event->detection = detection_new(&engine->arena);
	event->detection->rung = event->sensor->about;
	event->detection->result = event->sensor->state;
	event->process = self->pid > 0 ? feed_process(engine->feed, (uint32_t)self->pid) : NULL;
}

void engine_self(struct engine *engine, const struct message_self *self)
{
	struct event *event;
	struct sensor *sensor;

	if (self->kind >= EVENT_KINDS || kinds[self->kind].class_ != CLASS_self ||
		self->kind == EVENT_detection)
		return;
	event = event_new(&engine->arena, (enum event_kind)self->kind);
	sensor = sensor_new(&engine->arena);
	event->time = engine_now();
	event->sensor = sensor;
	sensor->about = known((struct text)FIELD_OF(self, about));
	sensor->state = known((struct text)FIELD_OF(self, state));
	sensor->via = known((struct text)FIELD_OF(self, via));
	sensor->cause = known((struct text)FIELD_OF(self, cause));
	sensor->message = known((struct text)FIELD_OF(self, message));
	if (self->kind == EVENT_sensor_gap)
		sensor->count = self->count;
	if (self->kind == EVENT_sensor_child) {
		sensor->child_pid = self->pid;
		sensor->signal = self->signal ? self->signal : NUMBER_NONE;
		sensor->status = self->status >= 0 ? self->status : NUMBER_NONE;
	}
	if (self->kind == EVENT_prevention)
		prevention_fill(engine, event, self);
	if (self->kind == EVENT_sensor_gap) {
		engine->numbers->gaps++;
		engine->numbers->missing += (uint64_t)self->count;
	}
	records_add(&engine->records, event);
}

void engine_notice(
	struct engine *engine, const char *about, const char *state, const char *format, ...)
{
	struct message_self self = {.kind = EVENT_sensor_notice, .status = -1};
	va_list args;

	snprintf(self.about, sizeof self.about, "%s", about);
	snprintf(self.state, sizeof self.state, "%s", state);
	va_start(args, format);
	vsnprintf(self.message, sizeof self.message, format, args);
	va_end(args);
	engine_self(engine, &self);
}

void engine_gap(struct engine *engine, const char *cause, const char *class_, uint64_t count,
	const char *message)
{
	struct event *event = event_new(&engine->arena, EVENT_sensor_gap);

	event->time = engine_now();
	event->sensor = sensor_new(&engine->arena);
	event->sensor->cause = text_of(cause);
	event->sensor->class_ = text_of(class_);
	event->sensor->message = text_of(message);
	event->sensor->count = (int64_t)count;
	engine->numbers->gaps++;
	engine->numbers->missing += count;
	records_add(&engine->records, event);
}
