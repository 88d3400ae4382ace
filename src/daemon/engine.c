// SPDX-License-Identifier: Apache-2.0
// The process that reads the rings, keeps the process table and judges with all rules. It has no
// files and no network: it was handed the rings, the bytes of all content, a socket to the store
// and one to the parent.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/engine.h"
#include "daemon/rights.h"
#include "daemon/spawn.h"

enum {
	BUSY = 512, /* records of a round after which the next one begins at once */
	ROUND = 10, /* ms between two looks into the rings */
	QUIET = 1 << 20, /* bytes that wait for the store when it keeps up again */
	TABLE_MAX = 12 << 20, /* bytes of the process table */
	LAST_LOOK = 8000, /* ms in which the rings are emptied at the end */
	FAREWELL = 2000, /* ms for the store to take the last records */
	REFUSAL_SHOWN = 60000, /* ms between two lines that say the store refuses */
};

/*
 * The first message, before which there is nothing to do; the socket to the store may come right
 * behind it.
 */
struct beginning {
	struct message_start start;
	int fds[START_FDS], store;
	bool came;
};

static void on_start(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct beginning *beginning = context;

	if (message == MESSAGE_store_side && fd_count) {
		fd_close(&beginning->store);
		beginning->store = give_fd(&fds[0]);
	}
	if (message != MESSAGE_start || fd_count != START_FDS || beginning->came)
		return;
	memcpy(&beginning->start, bytes, sizeof beginning->start);
	for (size_t i = 0; i < START_FDS; i++)
		beginning->fds[i] = give_fd(&fds[i]);
	beginning->came = true;
}

static int wait_for_start(struct channel *parent, struct beginning *beginning, struct error *err)
{
	while (!beginning->came) {
		struct pollfd wait = {channel_fd(parent), POLLIN, 0};

		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			return fail(err, "cannot wait for the parent: %m");
		if (channel_receive(parent, on_start, beginning, err))
			return -1;
	}
	return 0;
}

/* A copy of the users' list, ended by NUL; no text where there is none. */
static struct text users_find(struct arena *arena, int content_fd)
{
	until_return(content_close) struct content *content = content_open(content_fd, NULL);
	struct content_item item;

	while (content && content_next(content, &item))
		if (item.kind == CONTENT_users)
			return arena_copy(arena, item.bytes);
	return (struct text){NULL, 0};
}

static int feed_start(struct engine *engine, const int *fds, struct error *err)
{
	struct text users = users_find(&engine->arena, fds[START_content]);
	struct feed_handover handover = {
		.boot_time = engine->start.boot_time,
		.users = users.at,
		.memory_max = TABLE_MAX,
	};

	for (int i = 0; i < WIRE_RINGS; i++)
		handover.rings[i] = fds[START_ring0 + i];
	memcpy(handover.boot_id, engine->start.boot_id, sizeof handover.boot_id);
	engine->feed = feed_new(&handover, engine_judge, engine, err);
	arena_reset(&engine->arena);
	return engine->feed ? 0 : -1;
}

/* Takes over what the first message carried. */
static int begin(struct engine *engine, struct beginning *beginning,
	const struct message_rights *rights, struct error *err)
{
	engine->start = beginning->start;
	engine->lines = beginning->fds[START_lines];
	engine->numbers = mmap(NULL, sizeof *engine->numbers, PROT_READ | PROT_WRITE, MAP_SHARED,
		beginning->fds[START_numbers], 0);
	if (engine->numbers == MAP_FAILED)
		return fail(err, "cannot share numbers with the parent: %m");
	engine->records.numbers = engine->numbers;
	if (beginning->store >= 0)
		records_store(&engine->records, beginning->store);
	engine->content = content_open(beginning->fds[START_content], err);
	if (!engine->content || feed_start(engine, beginning->fds, err))
		return -1;
	if (engine->start.guards && engine->start.rewrites_max)
		engine->rewrites = rewrites_new(engine->start.rewrites_max);
	return engine_intake(engine, rights, err);
}

static void take_hold(struct engine *engine, const struct message_hold *hold, size_t n, int fd)
{
	struct text args = {(const char *)(hold + 1), n - sizeof *hold};

	if (args.n > hold->args_length)
		args.n = hold->args_length;
	engine_hold(engine, hold, args, fd);
}

static void on_message(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct engine *engine = context;
	const struct message_killed *killed = bytes;
	struct error err = {0};

	switch (message) {
	case MESSAGE_store_side:
		if (fd_count)
			records_store(&engine->records, give_fd(&fds[0]));
		break;
	case MESSAGE_iterate:
		if (fd_count && feed_running(engine->feed, fds[0], &err))
			engine_notice(engine, "process_running", "failed", "%s", err.text);
		break;
	case MESSAGE_self:
		engine_self(engine, bytes);
		arena_reset(&engine->arena);
		break;
	case MESSAGE_hold:
		if (fd_count)
			take_hold(engine, bytes, n, fds[0]);
		break;
	case MESSAGE_file:
		engine_file(engine, bytes);
		arena_reset(&engine->arena);
		break;
	case MESSAGE_killed:
		pending_killed(engine, killed->id, killed->error);
		arena_reset(&engine->arena);
		break;
	case MESSAGE_log:
		logins_read(engine, (struct text){bytes, n});
		break;
	case MESSAGE_hashed:
		hashes_found(engine, bytes);
		break;
	case MESSAGE_stop:
		engine->dropped = ((const struct message_stop *)bytes)->dropped;
		engine->stop = true;
		break;
	default:
		break;
	}
}

static void wait_for_work(const struct engine *engine, int ms)
{
	const struct channel *store = engine->records.store;
	struct pollfd wait[] = {
		{channel_fd(engine->parent), POLLIN, 0},
		{feed_wakeup(engine->feed), POLLIN, 0},
		{store && channel_waiting(store) ? channel_fd(store) : -1, POLLOUT, 0},
	};

	poll(wait, array_size(wait), ms);
}

/*
 * A store that refuses is said once, and again each minute while it lasts; what it cost is said
 * when it is over.
 */
static void watch_store(struct engine *engine)
{
	struct records *records = &engine->records;
	int64_t now = now_ms();

	if (records->refuses &&
		(!engine->refusing || now - engine->refusal_shown > REFUSAL_SHOWN)) {
		engine->refusal_shown = now;
		dprintf(2, "saker: events are not kept: %s\n", records->sentence);
		if (!engine->refusing)
			engine_notice(engine, "store", "failed", "%s", records->sentence);
	}
	if (engine->refusing && !records->refuses)
		engine_notice(engine, "store", "works", "the store keeps events again");
	engine->refusing = records->refuses;
	if (records->refuses || !records->store || records->n - records->acked >= QUIET)
		return;
	if (engine->numbers->untold)
		engine_gap(engine, "store", NULL, engine->numbers->untold,
			"the store refused them, or was late");
	if (engine->numbers->untold_files)
		engine_gap(engine, "store", "file", engine->numbers->untold_files,
			"the store was late");
	engine->numbers->untold = engine->numbers->untold_files = 0;
}

static void count(struct engine *engine)
{
	struct feed_numbers numbers = feed_numbers(engine->feed);

	engine->numbers->processes = numbers.processes;
	engine->numbers->evicted = numbers.evicted;
	engine->numbers->memory = numbers.memory;
	engine->numbers->beats++;
}

size_t engine_read(struct engine *engine)
{
	row_process_forget(&engine->records.process); /* some may be freed now */
	return feed_read(engine->feed);
}

static void run(struct engine *engine)
{
	size_t records = 0;

	while (!engine->stop) {
		/* after a full round there is more: a held program must not wait for all of it */
		wait_for_work(engine, records < BUSY ? ROUND : 0);
		records = engine_read(engine);
		if (channel_receive(engine->parent, on_message, engine, NULL))
			break;
		pending_expire(engine, now_ms());
		hashes_expire(engine, now_ms());
		resolved_expire(engine);
		engine_correlate_pass(engine);
		watch_store(engine);
		records_run(&engine->records);
		arena_reset(&engine->arena);
		count(engine);
		if (channel_flush(engine->parent, NULL))
			break;
	}
}

static void finish(struct engine *engine)
{
	struct message_self self = {.kind = EVENT_sensor_stop, .status = -1};
	int64_t end = now_ms() + LAST_LOOK;

	/* what is in the rings by now has happened while it watched */
	while (engine_read(engine) >= BUSY && now_ms() < end)
		records_run(&engine->records);
	end = now_ms() + FAREWELL;
	hashes_expire(engine, INT64_MAX);
	pending_expire(engine, INT64_MAX);
	/* lost behind the last record of a ring, so that no later one showed it */
	if (engine->dropped > engine->numbers->missing_rings)
		engine_gap(engine, "ring_full", NULL,
			engine->dropped - engine->numbers->missing_rings,
			"counted by the kernel, and not seen between the records");
	snprintf(self.message, sizeof self.message, "%s",
		engine->stop ? "saker was stopped in order"
			     : "the parent is gone; nothing is watched any more");
	engine_self(engine, &self);
	while (now_ms() < end) {
		watch_store(engine);
		records_run(&engine->records);
		count(engine);
		if (records_settled(&engine->records))
			break;
		poll(NULL, 0, 5);
	}
}

static void engine_free(struct engine **engine)
{
	struct engine *e = give(*engine);

	if (!e)
		return;
	feed_free(&e->feed);
	records_clear(&e->records);
	plan_clear(&e->plan);
	correlator_free(&e->correlator);
	rules_free(&e->rules);
	indicators_close(&e->indicators);
	content_close(&e->content);
	channel_free(&e->parent);
	for (size_t i = 0; i < PENDING_MAX; i++)
		arena_clear(&e->pending[i].arena);
	for (size_t i = 0; i < WAITS_MAX; i++)
		arena_clear(&e->waiting[i].arena);
	findings_clear(&e->findings);
	rewrites_free(&e->rewrites);
	arena_clear(&e->arena);
	if (e->numbers && e->numbers != MAP_FAILED)
		munmap(e->numbers, sizeof *e->numbers);
	free(e);
}

int role_engine(const struct post *post)
{
	until_return(engine_free) struct engine *engine = memory_new(sizeof *engine);
	struct beginning beginning = {.store = -1};
	struct message_rights rights;
	struct error err = {0};

	if (rights_drop(RIGHTS_content, post, &rights, &err)) {
		dprintf(2, "saker: the engine %s\n", err.text);
		return 1;
	}
	engine->parent = channel_new(post->channel, ROLE_engine, ROLE_parent);
	if (wait_for_start(engine->parent, &beginning, &err) ||
		begin(engine, &beginning, &rights, &err) || rights_narrow(&err)) {
		dprintf(2, "saker: the engine cannot begin: %s\n", err.text);
		return 1;
	}
	run(engine);
	finish(engine);
	return 0;
}
