// SPDX-License-Identifier: Apache-2.0
// Detections that wait for what came of a kill, so that the event says whether it worked. They
// outlive the round of the feed, hence the copies.

#include <errno.h>

#include "daemon/copy.h"
#include "daemon/engine.h"
#include "daemon/spawn.h"

enum { PATIENCE = 200 }; /* ms */

static void tell_all(struct engine *engine, struct pending *p, struct text result, int64_t error)
{
	for (size_t i = 0; i < p->count; i++) {
		struct event event = *p->event;

		p->detections[i]->result = result;
		p->detections[i]->error = error;
		engine_tell(engine, &event, p->detections[i]);
	}
	p->kill = 0;
	arena_reset(&p->arena);
}

static struct pending *slot_find(struct engine *engine, uint64_t kill)
{
	for (size_t i = 0; i < PENDING_MAX; i++)
		if (engine->pending[i].kill == kill)
			return &engine->pending[i];
	return NULL;
}

void pending_add(struct engine *engine, const struct event *event,
	struct detection *const *detections, size_t count, uint64_t kill)
{
	struct pending *p = slot_find(engine, 0);

	if (!p) {
		/* too many at once: the oldest are told without an answer */
		pending_expire(engine, INT64_MAX);
		p = &engine->pending[0];
	}
	p->kill = kill;
	p->due = now_ms() + PATIENCE;
	p->count = count;
	p->event = event_copy(&p->arena, event);
	for (size_t i = 0; i < count; i++) {
		struct event carrier = {.detection = detections[i]};

		p->detections[i] = event_copy(&p->arena, &carrier)->detection;
	}
}

void pending_killed(struct engine *engine, uint64_t kill, int error)
{
	struct pending *p = kill ? slot_find(engine, kill) : NULL;

	if (!p)
		return;
	if (error)
		tell_all(engine, p, error == EPERM ? TEXT("protected") : TEXT("failed"), error);
	else
		tell_all(engine, p, TEXT("killed"), 0);
}

void pending_expire(struct engine *engine, int64_t now)
{
	for (size_t i = 0; i < PENDING_MAX; i++)
		if (engine->pending[i].kill && engine->pending[i].due <= now)
			tell_all(engine, &engine->pending[i], TEXT("timeout"), 0);
}
