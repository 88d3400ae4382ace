// SPDX-License-Identifier: Apache-2.0
// A file in a protected place, looked through by the guard: whether it may be opened, and what it
// says about the one who wrote it.

#include <string.h>

#include "base/own.h"
#include "daemon/engine.h"
#include "daemon/spawn.h"
#include "intel/guess.h"

enum {
	TOLD_MAX = SIFT_MATCHES + 8,
	LISTED_MAX = 2,
	ENTITY_GENERATION = 14, /* bits of an entity, see event.h */
	ENTITY_PID_MASK = (1 << 22) - 1,
};

/* What is told of one file, once the answer is given. */
struct findings_told {
	struct detection *at[TOLD_MAX];
	size_t n;
	bool denies;
};

static struct text text_in(struct arena *arena, const char *bytes, size_t size)
{
	return arena_copy(arena, (struct text){bytes, strnlen(bytes, size)});
}

static struct event *event_of(struct engine *engine, const struct message_file *message)
{
	struct arena *arena = &engine->arena;
	struct event *event =
		event_new(arena, message->wrote ? EVENT_file_write : EVENT_file_open);
	struct file *file = file_new(arena);

	event->time = engine_now();
	event->process = feed_process_last(engine->feed, message->pid);
	event->file = file;
	file->path = text_in(arena, message->path, sizeof message->path);
	file->name = text_basename(file->path);
	file->inode = (int64_t)message->stamp.inode;
	file->device = (int64_t)message->stamp.device;
	file->size = (int64_t)message->stamp.size;
	file->mtime = message->stamp.mtime;
	file->ctime = message->stamp.ctime;
	file->mode = message->mode;
	file->uid = message->uid;
	file->gid = message->gid;
	if (message->sifted.found.known)
		hashes_fill(arena, event, &message->sifted.found);
	return event;
}

static void add(struct findings_told *told, struct detection *detection, bool denies)
{
	detection->asked = denies ? TEXT("deny") : TEXT("none");
	told->denies |= denies;
	if (told->n < TOLD_MAX)
		told->at[told->n++] = detection;
}

/* A rule that does not say how grave it is was chosen by whoever put it there: it denies. */
static bool is_grave(struct text level)
{
	return text_is(level, "high") || text_is(level, "critical");
}

static void yara_judge(
	struct engine *engine, const struct message_sifted *sifted, struct findings_told *told)
{
	struct arena *arena = &engine->arena;

	for (size_t i = 0; i < sifted->match_count && i < SIFT_MATCHES; i++) {
		const struct message_match *match = &sifted->matches[i];
		struct detection *detection = detection_new(arena);
		struct text rule = text_in(arena, match->rule, sizeof match->rule);
		struct text technique =
			text_in(arena, match->technique, sizeof match->technique);

		detection->rule_id = arena_format(arena, "yara-%.*s", (int)rule.n, rule.at);
		detection->rule_name = arena_format(arena, "YARA: %.*s", (int)rule.n, rule.at);
		detection->rule_file = text_in(arena, match->file, sizeof match->file);
		detection->description =
			text_in(arena, match->description, sizeof match->description);
		detection->level = text_in(arena, match->level, sizeof match->level);
		if (level_number(detection->level) == LEVELS - 1)
			detection->level = TEXT("high");
		if (technique.n) {
			struct text *list = arena_alloc(arena, sizeof *list);

			*list = technique;
			detection->techniques = (struct text_list){list, 1};
		}
		add(told, detection, is_grave(detection->level));
	}
}

/* What was written is judged by its hash like any other file that was (see listed.c). */
static void hashes_judge(
	struct engine *engine, const struct event *event, struct findings_told *told)
{
	const struct text hashes[] = {event->file->sha256, event->file->sha1, event->file->md5};
	struct indicator_hit hits[LISTED_MAX];

	for (size_t i = 0; i < array_size(hashes); i++) {
		size_t n = !hashes[i].n ? 0
					: indicator_find_parts(engine->indicators, hashes[i],
						event->time, hits, NULL, LISTED_MAX);

		for (size_t k = 0; k < n && k < LISTED_MAX; k++)
			add(told, engine_listed(engine, hits[k], TEXT("indicator-hash"),
				TEXT("A file whose hash is listed as hostile")), true);
	}
}

/* It, and where it comes from: saker's own and what is protected are left out. */
static size_t who_of(
	const struct engine *engine, const struct process *process, struct entity *who)
{
	size_t n = 0;

	for (; process && n < REWRITES_WHO; process = process_up(process)) {
		if (engine_spares(engine, process, NULL))
			break;
		who[n++] = process->entity;
	}
	return n;
}

static struct detection *rewrites_detection(struct engine *engine)
{
	static const struct text technique = {"T1486", 5}, tactic = {"impact", 6};
	struct detection *detection = detection_new(&engine->arena);

	detection->rule_id = TEXT("saker-rewrites");
	detection->rule_name = TEXT("Files were made unreadable one after the other");
	detection->description = arena_format(&engine->arena,
		"%u files in a minute lost the order of their bytes, as when ransomware encrypts "
		"them",
		engine->start.rewrites_max);
	detection->level = TEXT("critical");
	detection->techniques = (struct text_list){&technique, 1};
	detection->tactics = (struct text_list){&tactic, 1};
	detection->asked = TEXT("kill");
	return detection;
}

static void detection_of(struct detection *detection, const struct event *event)
{
	detection->event_kind = text_of(kinds[event->kind].name);
	detection->event_sequence = event->sequence;
	detection->error = 0;
}

/* That process, whatever program it runs by now; NULL if it has ended. */
static const struct process *living(const struct engine *engine, struct entity entity)
{
	uint64_t same = entity.low >> ENTITY_GENERATION;
	const struct process *process =
		feed_process(engine->feed, (uint32_t)(same & ENTITY_PID_MASK));

	return process && process->entity.high == entity.high &&
			process->entity.low >> ENTITY_GENERATION == same
		? process
		: NULL;
}

static bool is_below(const struct process *process, struct entity entity)
{
	for (size_t i = 0; process && i < REWRITES_WHO; i++, process = process_up(process))
		if (entity_equal(process->entity, entity))
			return true;
	return false;
}

/* 0: it is spared. */
static uint64_t end_one(struct engine *engine, const struct process *process)
{
	return engine_spares(engine, process, NULL) ? 0 : engine_kill(engine, process);
}

/* Ends who is guilty, and what acts for it: nobody else, whoever the event is of. */
static void rewriter_stop(
	struct engine *engine, const struct event *event, struct entity rewriter)
{
	struct detection *detection = rewrites_detection(engine);
	const struct process *process = event->process, *guilty = living(engine, rewriter);
	uint64_t kill = guilty ? end_one(engine, guilty) : 0;

	for (; process && is_below(process, rewriter) &&
		!entity_equal(process->entity, rewriter);
		process = process_up(process))
		end_one(engine, process);
	detection_of(detection, event);
	detection->rung = TEXT("kill");
	detection->result = TEXT("failed"); /* it has ended before */
	if (kill) {
		pending_add(engine, event, &detection, 1, kill);
	} else {
		struct event carrier = *event;

		engine_tell(engine, &carrier, detection);
	}
}

/* False: whoever asks has made too many files unreadable before. */
static bool rewrites_allow(
	struct engine *engine, const struct message_file *message, const struct event *event)
{
	struct entity who[REWRITES_WHO], rewriter;
	size_t n = who_of(engine, event->process, who);

	if (!n || !message->sifted.found.known)
		return true;
	if (!message->wrote) {
		rewrites_seen(engine->rewrites, message);
	} else {
		rewriter = rewrites_wrote(engine->rewrites, message, who, n, now_ms());
		if (!entity_is_none(rewriter))
			rewriter_stop(engine, event, rewriter);
	}
	return !rewrites_is_known(engine->rewrites, who, n);
}

void engine_file_gone(struct engine *engine, const struct sighting *sighting)
{
	const struct event *event = sighting->event;
	bool renamed = event->kind == EVENT_file_rename;
	struct text path = renamed ? event->file->old_path : event->file->path;
	struct text new_path = renamed ? event->file->path : (struct text){NULL, 0};
	struct entity rewriter;

	if (event->file->result > 0 || !path.n)
		return;
	rewriter = rewrites_gone(engine->rewrites, path, new_path, now_ms());
	if (!entity_is_none(rewriter) && event->process)
		rewriter_stop(engine, event, rewriter);
}

static struct text result_of(const struct engine *engine, const struct message_file *message,
	const struct detection *detection)
{
	if (!text_is(detection->asked, "deny"))
		return TEXT("detected");
	if (!engine->start.prevent)
		return TEXT("off");
	if (!engine->start.guards)
		return TEXT("out_of_scope");
	if (message->wrote)
		return TEXT("detected");
	return now_ms() < message->due ? TEXT("prevented") : TEXT("timeout");
}

void engine_file(struct engine *engine, const struct message_file *message)
{
	struct message_verdict verdict = {.id = message->sifted.found.id};
	struct findings_told told = {.n = 0};
	struct event *event;

	engine_read(engine); /* who asks may be young, and what is gone by now counts */
	event = event_of(engine, message);
	yara_judge(engine, &message->sifted, &told);
	if (!message->wrote)
		hashes_judge(engine, event, &told);
	if (message->sifted.found.known)
		findings_keep(&engine->findings, &message->stamp, &message->sifted.found,
			event->time);
	verdict.allow = !told.denies;
	verdict.cache = told.denies || message->sifted.whole;
	if (engine->rewrites && !rewrites_allow(engine, message, event)) {
		verdict.allow = 0;
		verdict.cache = told.denies; /* the file itself may be as good as any */
	}
	channel_send(engine->parent, MESSAGE_file_verdict, &verdict, sizeof verdict);
	channel_flush(engine->parent, NULL);
	for (size_t i = 0; i < told.n; i++) {
		struct event carrier = *event;

		detection_of(told.at[i], event);
		/* the event that the sensor saw, if it did, has a number of its own */
		told.at[i]->event_sequence = NUMBER_NONE;
		told.at[i]->result = result_of(engine, message, told.at[i]);
		if (!message->wrote && text_is(told.at[i]->asked, "deny"))
			told.at[i]->rung = TEXT("hold");
		engine_tell(engine, &carrier, told.at[i]);
	}
}
