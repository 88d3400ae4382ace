// SPDX-License-Identifier: Apache-2.0
// The process that keeps events: one folder, nothing else. It commits what the engine sent every
// 100 ms, and says what was kept and what was refused; a disk that is full stops the new, never
// the old.

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/own.h"
#include "daemon/message.h"
#include "daemon/rights.h"
#include "daemon/spawn.h"
#include "store/store.h"

enum {
	COMMIT = 100, /* ms */
	RETAIN = 60000,
	BATCH_RECORDS = 8192,
	BATCH_BYTES = 4 << 20,
	FAREWELL = 2000, /* ms for the engine's last records when the parent is gone */
};

struct keeper {
	const char *folder;
	struct channel *parent, *engine;
	struct store *store;
	struct store_record records[BATCH_RECORDS];
	size_t count, bytes;
	struct arena arena; /* what the records point into */
	struct message_stored stored; /* to this engine */
	int64_t bytes_max, days;
	int64_t commit, retain; /* times in ms of the next */
	int64_t end; /* when to give up waiting for the engine; 0: not yet */
	bool stop;
};

static void commit(struct keeper *k)
{
	struct error err = {0};

	k->commit = now_ms() + COMMIT;
	if (!k->count)
		return;
	if (store_append(k->store, k->records, k->count, &err)) {
		k->stored.refused += k->count;
		snprintf(k->stored.sentence, sizeof k->stored.sentence, "%.*s",
			(int)sizeof k->stored.sentence - 1, err.text);
	} else {
		k->stored.kept += k->count;
		k->stored.sentence[0] = 0;
	}
	k->count = k->bytes = 0;
	arena_reset(&k->arena);
	if (k->engine)
		channel_send(k->engine, MESSAGE_stored, &k->stored, sizeof k->stored);
}

static void on_record(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct keeper *k = context;
	const struct message_record *head = bytes;
	struct text rest = {(const char *)(head + 1), n - sizeof *head};
	struct store_record record = {
		.kind = (enum event_kind)head->kind,
		.time = head->time,
		.entity = {head->entity[0], head->entity[1]},
		.parent = {head->parent[0], head->parent[1]},
	};

	if (head->kind >= EVENT_KINDS ||
		(size_t)head->id_length + head->level_length + head->row_length != rest.n) {
		k->stored.refused++;
		return;
	}
	rest = arena_copy(&k->arena, rest);
	record.id = (struct text){head->id_length ? rest.at : NULL, head->id_length};
	record.level = (struct text){
		head->level_length ? rest.at + head->id_length : NULL, head->level_length};
	record.row =
		(struct text){rest.at + head->id_length + head->level_length, head->row_length};
	k->records[k->count++] = record;
	k->bytes += rest.n;
	if (k->count == BATCH_RECORDS || k->bytes >= BATCH_BYTES)
		commit(k);
}

/* Reads what the engine that is gone had still sent, and says what became of all of it. */
static void engine_lost(struct keeper *k)
{
	while (!channel_receive(k->engine, on_record, k, NULL))
		;
	channel_free(&k->engine);
	commit(k);
	if (k->parent)
		channel_send(k->parent, MESSAGE_engine_gone, &k->stored, sizeof k->stored);
}

static void put_named(struct keeper *k, const char *bytes, size_t n)
{
	const char *end = memchr(bytes, 0, n);

	if (end)
		store_put(k->store, bytes, (struct text){end + 1, n - (size_t)(end + 1 - bytes)},
			NULL);
}

static void on_parent(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct keeper *k = context;
	const struct message_store *start = bytes;

	switch (message) {
	case MESSAGE_store_start:
		k->bytes_max = start->bytes_max;
		k->days = start->days;
		break;
	case MESSAGE_engine_side:
		if (!fd_count)
			break;
		if (k->engine)
			engine_lost(k);
		k->engine = channel_new(give_fd(&fds[0]), ROLE_store, ROLE_engine);
		k->stored = (struct message_stored){0};
		break;
	case MESSAGE_store_put:
		put_named(k, bytes, n);
		break;
	case MESSAGE_store_stop:
		k->stop = true;
		break;
	default:
		break;
	}
}

static void retain(struct keeper *k)
{
	struct timespec now;
	event_time oldest = 0;

	k->retain = now_ms() + RETAIN;
	clock_gettime(CLOCK_REALTIME, &now);
	if (k->days > 0)
		oldest = (now.tv_sec - k->days * 86400) * INT64_C(1000000000);
	if (k->bytes_max > 0)
		store_retain(k->store, k->bytes_max, oldest, NULL);
}

static void wait_for_work(const struct keeper *k)
{
	struct pollfd wait[2] = {
		{k->parent ? channel_fd(k->parent) : -1, POLLIN, 0},
		{k->engine ? channel_fd(k->engine) : -1, POLLIN, 0},
	};

	if (k->engine && channel_waiting(k->engine))
		wait[1].events |= POLLOUT;
	poll(wait, 2, k->count ? COMMIT : 1000);
}

/* Whoever is told to stop, or is left alone, takes in what the engine has still to send. */
static bool is_done(struct keeper *k)
{
	if (k->parent && !k->stop)
		return false;
	if (!k->end)
		k->end = now_ms() + FAREWELL;
	return !k->engine || now_ms() > k->end;
}

static void keep(struct keeper *k)
{
	while (!is_done(k)) {
		wait_for_work(k);
		if (k->parent && channel_receive(k->parent, on_parent, k, NULL))
			channel_free(&k->parent);
		if (k->engine && channel_receive(k->engine, on_record, k, NULL))
			engine_lost(k);
		if (now_ms() >= k->commit)
			commit(k);
		if (k->engine)
			channel_flush(k->engine, NULL);
		if (k->parent)
			channel_flush(k->parent, NULL);
		if (now_ms() >= k->retain)
			retain(k);
	}
	commit(k);
}

static void keeper_free(struct keeper **keeper)
{
	struct keeper *k = give(*keeper);

	if (!k)
		return;
	store_close(&k->store);
	channel_free(&k->parent);
	channel_free(&k->engine);
	arena_clear(&k->arena);
	free(k);
}

int role_store(const struct post *post)
{
	until_return(keeper_free) struct keeper *k = memory_new(sizeof *k);
	struct message_opened opened = {0};
	struct error err = {0};

	store_chain_warm();
	if (rights_drop(RIGHTS_store, post, &opened.rights, &err)) {
		dprintf(2, "saker: the store %s\n", err.text);
		return 1;
	}
	k->folder = post->folder;
	k->parent = channel_new(post->channel, ROLE_store, ROLE_parent);
	k->store = store_open(k->folder, STORE_write, &err);
	if (!k->store)
		snprintf(opened.sentence, sizeof opened.sentence, "%.*s",
			(int)sizeof opened.sentence - 1, err.text);
	k->retain = now_ms() + RETAIN;
	channel_send(k->parent, MESSAGE_store_ready, &opened, sizeof opened);
	if (channel_flush(k->parent, NULL) || !k->store)
		return 1;
	keep(k);
	return 0;
}
