// SPDX-License-Identifier: Apache-2.0
// Events that say something together: members of correlations go to the correlator, and what is
// satisfied becomes a detection about the event that completed it.

#include "base/own.h"
#include "base/printable.h"
#include "daemon/engine.h"

enum { CORRELATOR_BYTES = 8 << 20 };

#define LOSSES_TOLD (INT64_C(60) * 1000000000) /* not more often */

static void on_fired(void *context, const struct correlation_fired *fired)
{
	struct engine *engine = context;
	struct text group;
	struct detection *detection;
	struct event event = {0};

	if (!rule_is_told(engine->rules, fired->rule))
		return;
	if (engine->at_hand)
		event = *engine->at_hand;
	else /* its window is over: no event completes it */
		event = *event_new(&engine->arena, EVENT_detection);
	event.time = fired->last;
	detection = engine_detection(engine, &engine->arena, &event, fired->rule);
	group = correlation_key_text(fired->correlation, fired->key, &engine->arena);
	detection->description = arena_format(&engine->arena, "%llu events in %.1f s%s%.*s%s%.*s",
		(unsigned long long)fired->events_total,
		(double)(fired->last - fired->first) / 1e9, group.n ? ", " : "",
		TEXT_PRINT(group), fired->rule->description.n ? ". " : "",
		TEXT_PRINT(fired->rule->description));
	engine_tell(engine, &event, detection);
}

void engine_correlate_begin(struct engine *engine)
{
	if (rules_correlate(engine->rules))
		engine->correlator =
			correlator_new(engine->rules, CORRELATOR_BYTES, on_fired, engine);
}

static void on_hit(void *context, const struct correlation_hit *hit)
{
	struct engine *engine = context;

	correlator_take(engine->correlator, hit);
}

void engine_correlate(struct engine *engine, const struct event *event, const struct rule *rule)
{
	engine->at_hand = event;
	correlation_hits(rules_matcher(engine->rules), rule, event->time,
		event->sequence > 0 ? (uint64_t)event->sequence : 0, on_hit, engine);
	engine->at_hand = NULL;
}

static void losses_tell(struct engine *engine, event_time now)
{
	struct correlator_losses all = correlator_losses(engine->correlator);
	struct correlator_losses *told = &engine->correlator_told;

	if ((all.groups == told->groups && all.events == told->events) ||
	    now - engine->correlator_told_at < LOSSES_TOLD)
		return;
	engine_notice(engine, "correlations", "limit", "%llu groups were given up before their "
		"time, and %llu events went out of full windows, for want of room",
		(unsigned long long)(all.groups - told->groups),
		(unsigned long long)(all.events - told->events));
	*told = all;
	engine->correlator_told_at = now;
}

void engine_correlate_pass(struct engine *engine)
{
	event_time now = engine_now();

	if (!engine->correlator)
		return;
	correlator_advance(engine->correlator, now);
	losses_tell(engine, now);
}
