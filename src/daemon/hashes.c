// SPDX-License-Identifier: Apache-2.0
// Hashes of programs that are started, and of files that were written. An event is judged at once;
// what is not known of its file yet is asked for, and the event is kept until the answer is there,
// or three seconds are over. Then it is judged by whatever has not matched before.

#include <stddef.h>

#include "daemon/copy.h"
#include "daemon/engine.h"
#include "daemon/spawn.h"

enum {
	PATIENCE = 3000, /* ms */
	HASHED_MAX = 64 << 20, /* bytes of a file */
	FILES_MAX = WAITS_MAX / 2,
	FILES_SECOND = 20, /* files that are asked about in a second; programs without limit */
};

static struct text entropy_text(struct arena *arena, uint32_t hundredths)
{
	return arena_format(arena, "%u.%02u", hundredths / 100, hundredths % 100);
}

void hashes_fill(struct arena *arena, struct event *event, const struct message_hashed *found)
{
	struct process *process;

	if (event->file) {
		event->file->sha256 = arena_hex(arena, found->sha256, sizeof found->sha256);
		event->file->sha1 = arena_hex(arena, found->sha1, sizeof found->sha1);
		event->file->md5 = arena_hex(arena, found->md5, sizeof found->md5);
		event->file->entropy = entropy_text(arena, found->entropy);
		event->file->header = arena_hex(arena, found->head, found->head_length);
		return;
	}
	process = arena_alloc(arena, sizeof *process);
	*process = *event->process;
	process->sha256 = arena_hex(arena, found->sha256, sizeof found->sha256);
	process->sha1 = arena_hex(arena, found->sha1, sizeof found->sha1);
	process->md5 = arena_hex(arena, found->md5, sizeof found->md5);
	process->entropy = entropy_text(arena, found->entropy);
	process->header = arena_hex(arena, found->head, found->head_length);
	event->process = process;
}

/* Which file an event is about; false if its hashes are not asked for. */
static bool stamp_about(const struct event *event, struct stamp *stamp, struct text *path)
{
	const struct process *process = event->process;
	const struct file *file = event->file;

	if (event->kind == EVENT_process_exec && process && process->inode != NUMBER_NONE) {
		*stamp = (struct stamp){(uint64_t)process->device, (uint64_t)process->inode,
			(uint64_t)process->size, process->mtime, process->ctime};
		*path = process->executable;
	} else if (event->kind == EVENT_file_write && file && file->inode != NUMBER_NONE) {
		*stamp = (struct stamp){(uint64_t)file->device, (uint64_t)file->inode,
			(uint64_t)file->size, file->mtime, file->ctime};
		*path = file->path;
	} else {
		return false;
	}
	return stamp->size && stamp->size <= HASHED_MAX;
}

/* Who writes files by the thousand does not keep the hashes of programs waiting. */
static bool files_are_enough(struct engine *engine, const struct event *event)
{
	int64_t second = now_ms() / 1000;

	if (!event->file)
		return false;
	if (engine->asked_second != second) {
		engine->asked_second = second;
		engine->asked_files = 0;
	}
	return engine->asked_files++ >= FILES_SECOND;
}

static struct waiting *waiting_new(struct engine *engine, const struct event *event)
{
	size_t used = 0;
	struct waiting *free_ = NULL;

	for (size_t i = 0; i < WAITS_MAX; i++) {
		used += engine->waiting[i].id != 0;
		if (!engine->waiting[i].id)
			free_ = &engine->waiting[i];
	}
	/* programs come first */
	return event->file && used >= FILES_MAX ? NULL : free_;
}

/* The question that is asked already about that very file; 0: none. */
static uint64_t waiting_for(const struct engine *engine, const struct stamp *stamp)
{
	for (size_t i = 0; i < WAITS_MAX; i++)
		if (engine->waiting[i].id &&
			!memcmp(&engine->waiting[i].stamp, stamp, sizeof *stamp))
			return engine->waiting[i].id;
	return 0;
}

struct waiting *hashes_ask(struct engine *engine, const struct sighting *sighting)
{
	struct event *event = sighting->event;
	struct message_hash order = {.id = 0};
	const struct message_hashed *known;
	struct waiting *waiting;
	struct stamp stamp;
	struct text path;
	uint64_t same;

	if (!stamp_about(event, &stamp, &path) || sighting->verdict.rung != WIRE_RUNG_none)
		return NULL;
	known = findings_get(&engine->findings, &stamp);
	if (known) {
		hashes_fill(&engine->arena, event, known);
		return NULL;
	}
	waiting = files_are_enough(engine, event) ? NULL : waiting_new(engine, event);
	if (!waiting || path.n >= sizeof order.path) {
		engine->numbers->unhashed++;
		return NULL;
	}
	same = waiting_for(engine, &stamp);
	order.id = waiting->id = same ? same : ++engine->asked;
	order.stamp = waiting->stamp = stamp;
	order.pid = event->kind == EVENT_process_exec ? (uint32_t)event->process->pid : 0;
	memcpy(order.path, path.at, path.n);
	waiting->due = now_ms() + PATIENCE;
	waiting->verdict = sighting->verdict;
	waiting->in_scope = sighting->in_scope;
	waiting->event = NULL;
	waiting->told.n = 0;
	if (same)
		return waiting;
	channel_send(engine->parent, MESSAGE_hash, &order,
		offsetof(struct message_hash, path) + path.n + 1);
	channel_flush(engine->parent, NULL);
	return waiting;
}

void hashes_keep(struct waiting *waiting, const struct event *event)
{
	waiting->event = event_copy(&waiting->arena, event);
}

static void waiting_end(struct engine *engine, struct waiting *waiting,
	const struct message_hashed *found)
{
	struct sighting sighting = {.event = waiting->event, .verdict = waiting->verdict,
		.in_scope = waiting->in_scope};

	waiting->id = 0;
	if (!found)
		engine->numbers->unhashed++;
	else
		hashes_fill(&waiting->arena, waiting->event, found);
	records_put(&engine->records, waiting->event);
	if (found)
		engine_judge_again(engine, &sighting, &waiting->told);
	arena_reset(&engine->arena);
	arena_clear(&waiting->arena);
}

void hashes_found(struct engine *engine, const struct message_hashed *found)
{
	for (size_t i = 0; i < WAITS_MAX; i++) {
		struct waiting *waiting = &engine->waiting[i];

		if (!waiting->id || waiting->id != found->id || !waiting->event)
			continue;
		if (found->known)
			findings_keep(&engine->findings, &waiting->stamp, found, engine_now());
		waiting_end(engine, waiting, found->known ? found : NULL);
	}
}

void hashes_expire(struct engine *engine, int64_t now)
{
	for (size_t i = 0; i < WAITS_MAX; i++)
		if (engine->waiting[i].id && engine->waiting[i].event &&
			engine->waiting[i].due <= now)
			waiting_end(engine, &engine->waiting[i], NULL);
}
