// SPDX-License-Identifier: Apache-2.0
// An event becomes detections: every rule is asked, and what was done about it is written down:
// by the kernel beforehand, or by a kill that is ordered now.

#include <stdio.h>

#include "base/own.h"
#include "daemon/engine.h"
#include "daemon/protected.h"
#include "detect/correlation/correlation.h"
#include "detect/exception.h"

enum { ANCESTORS_MAX = 64 };

static const struct text action_names[] = {
	[ACTION_none] = {"none", 4},
	[ACTION_deny] = {"deny", 4},
	[ACTION_kill] = {"kill", 4},
};

static const struct text rung_names[] = {
	[WIRE_RUNG_none] = {NULL, 0},
	[WIRE_RUNG_lsm] = {"lsm", 3},
	[WIRE_RUNG_signal] = {"signal", 6},
	[WIRE_RUNG_connect] = {"connect", 7},
	[WIRE_RUNG_modify] = {"modify", 6},
};

static bool is_own(const struct engine *engine, const struct process *process)
{
	for (int i = 0; process && i < ANCESTORS_MAX; i++, process = process_up(process))
		if (process->pid == engine->start.parent_pid)
			return true;
	return false;
}

bool engine_spares(
	const struct engine *engine, const struct process *process, const struct rule *rule)
{
	if (process->pid <= 1 || is_own(engine, process))
		return true;
	return protected_is(process->executable) && !(rule && rule->names_protected);
}

struct detection *engine_detection(struct engine *engine, struct arena *arena,
	const struct event *event, const struct rule *rule)
{
	struct detection *detection = detection_new(arena);

	detection->rule_id = rule->id;
	detection->rule_name = rule->title;
	detection->rule_file = rule->file;
	detection->level = rule->level;
	detection->description = rule->description;
	detection->tags = rule->tags;
	detection->techniques = rule->techniques;
	detection->tactics = rule->tactics;
	detection->event_kind = text_of(kinds[event->kind].name);
	detection->event_sequence = event->sequence;
	detection->asked = action_names[rule->action];
	detection->result = TEXT("detected");
	detection->error = 0;
	return detection;
}

bool engine_was_prevented(const struct sighting *sighting, struct detection *detection)
{
	const struct wire_verdict *verdict = &sighting->verdict;

	if (verdict->rung == WIRE_RUNG_none || verdict->rung >= array_size(rung_names))
		return false;
	detection->rung = rung_names[verdict->rung];
	detection->error = verdict->error < 0 ? -verdict->error : verdict->error;
	detection->result = verdict->error ? TEXT("failed") : TEXT("prevented");
	return !verdict->error;
}

static bool has_failed(const struct event *event)
{
	return (event->file && event->file->result > 0) ||
		(event->call && event->call->result > 0);
}

/* Whether the process shall be killed for it; else the result says why not. */
static bool wants_kill(const struct engine *engine, const struct sighting *sighting,
	const struct rule *rule, struct detection *detection)
{
	const struct process *process = sighting->event->process;

	/* what failed by itself needs no denial */
	if (rule->action == ACTION_none ||
		(rule->action == ACTION_deny && has_failed(sighting->event)))
		return false;
	if (!engine->start.prevent)
		detection->result = TEXT("off");
	else if (!sighting->in_scope)
		detection->result = TEXT("out_of_scope");
	else if (!process || process->pid == NUMBER_NONE ||
		sighting->event->kind == EVENT_process_exit)
		detection->result = TEXT("unsupported");
	else if (engine_spares(engine, process, rule))
		detection->result = TEXT("protected");
	else
		return true;
	return false;
}

uint64_t engine_kill(struct engine *engine, const struct process *process)
{
	struct message_kill order = {
		.id = ++engine->kills,
		.pid = (uint32_t)process->pid,
		.start = entity_start(process->entity),
	};

	channel_send(engine->parent, MESSAGE_kill, &order, sizeof order);
	channel_flush(engine->parent, NULL);
	return order.id;
}

/* A detection carries the event's objects, so that it tells the whole story by itself. */
static void tell(struct engine *engine, const struct event *event, struct detection *detection)
{
	struct event carrier = *event;

	engine_tell(engine, &carrier, detection);
}

static bool was_told(const struct told *before, const struct rule *rule)
{
	for (size_t i = 0; before && i < before->n; i++)
		if (before->at[i] == rule)
			return true;
	return false;
}

/* `before`: rules to be left out; `now`: gets those that matched; either may be NULL. */
static void judge_rules(struct engine *engine, const struct sighting *sighting,
	const struct told *before, struct told *now)
{
	const struct rule *hits[HITS_MAX];
	size_t n = rules_match(engine->rules, sighting->event, hits, HITS_MAX), kills = 0;
	struct detection *killing[HITS_MAX];

	for (size_t i = 0; i < n && i < HITS_MAX; i++) {
		const struct exception *exception =
			rules_match_exception(engine->rules, hits[i], sighting->event->time);
		struct detection *detection;

		if (was_told(before, hits[i]))
			continue;
		if (now)
			now->at[now->n++] = hits[i];
		if (rule_is_member(hits[i]) && !exception)
			engine_correlate(engine, sighting->event, hits[i]);
		if (!rule_is_told(engine->rules, hits[i]))
			continue;
		detection = engine_detection(engine, &engine->arena, sighting->event, hits[i]);
		if (exception) {
			detection->exception = exception->name;
			tell(engine, sighting->event, detection);
		} else if (!engine_was_prevented(sighting, detection) &&
			wants_kill(engine, sighting, hits[i], detection)) {
			detection->rung = TEXT("kill");
			killing[kills++] = detection;
		} else {
			tell(engine, sighting->event, detection);
		}
	}
	if (kills)
		pending_add(engine, sighting->event, killing, kills,
			engine_kill(engine, sighting->event->process));
}

void engine_judge_again(struct engine *engine, const struct sighting *sighting,
	const struct told *before)
{
	judge_rules(engine, sighting, before, NULL);
	engine_judge_hashes(engine, sighting);
}

void engine_judge(void *context, const struct sighting *sighting)
{
	struct engine *engine = context;
	struct event *event = sighting->event;
	struct waiting *waiting = hashes_ask(engine, sighting);

	records_number(&engine->records, event);
	if (!waiting)
		records_put(&engine->records, event);
	if (event->kind == EVENT_sensor_gap) {
		uint64_t count = event->sensor && event->sensor->count > 0
			? (uint64_t)event->sensor->count
			: 0;

		/*
		 * what the process table forgot for want of memory is told as a gap too, but no
		 * event is missing
		 */
		if (event->sensor && !text_is(event->sensor->cause, "memory")) {
			engine->numbers->gaps++;
			engine->numbers->missing += count;
			engine->numbers->missing_rings += count;
		}
	} else {
		judge_rules(engine, sighting, NULL, waiting ? &waiting->told : NULL);
		engine_judge_listed(engine, sighting);
	}
	if (engine->rewrites &&
		(event->kind == EVENT_file_delete || event->kind == EVENT_file_rename))
		engine_file_gone(engine, sighting);
	if (waiting)
		hashes_keep(waiting, event);
	arena_reset(&engine->arena);
}
