// SPDX-License-Identifier: Apache-2.0
// Events on their way from the engine to the store.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/records.h"

enum {
	QUEUE_MAX = 8 << 20,
	BATCH_MAX = 512 << 10, /* bytes in the channel at once */
	RECORD_MAX = 4 << 20,
	RECORD_SMALL = 512, /* hardly any is smaller */
};

void records_clear(struct records *records)
{
	channel_free(&records->store);
	row_bytes_clear(&records->row);
	row_process_clear(&records->process);
	memory_free(&records->at);
}

static void reserve(struct records *r, size_t more)
{
	if (r->n + more <= r->size)
		return;
	r->size = r->n + more > 2 * r->size ? r->n + more : 2 * r->size;
	r->at = memory_resize(r->at, r->size, 1);
}

static void push(struct records *r, struct text bytes)
{
	if (bytes.n)
		memcpy(r->at + r->n, bytes.at, bytes.n);
	r->n += bytes.n;
}

static struct entity entity_of(const struct process *process)
{
	return process ? process->entity : (struct entity){0};
}

/* A flood of file events must not push out what processes did: they get half of the queue. */
static size_t room(enum event_kind kind)
{
	return kinds[kind].class_ == CLASS_file ? QUEUE_MAX / 2 : QUEUE_MAX;
}

static bool has_room(const struct records *r, enum event_kind kind, size_t length)
{
	return length <= RECORD_MAX && r->n - r->acked + sizeof(uint32_t) + length <= room(kind);
}

static void drop(struct records *r, enum event_kind kind)
{
	r->numbers->dropped++;
	if (kinds[kind].class_ == CLASS_file)
		r->numbers->untold_files++;
	else
		r->numbers->untold++;
}

static void queue(struct records *r, const struct event *event)
{
	const struct detection *detection = event->detection;
	struct text id = detection ? detection->id : (struct text){0};
	struct text level = detection ? detection->level : (struct text){0};
	struct entity entity = entity_of(event->process);
	struct entity parent = entity_of(event->process ? process_up(event->process) : NULL);
	struct message_record record = {
		.time = event->time,
		.entity = {entity.high, entity.low},
		.parent = {parent.high, parent.low},
		.sequence = (uint64_t)event->sequence,
		.kind = event->kind,
		.id_length = (uint16_t)id.n,
		.level_length = (uint16_t)level.n,
		.row_length = (uint32_t)r->row.n,
	};
	uint32_t length = (uint32_t)(sizeof record + id.n + level.n + r->row.n);

	if (!has_room(r, event->kind, length)) {
		drop(r, event->kind);
		return;
	}
	reserve(r, sizeof length + length);
	push(r, (struct text){(const char *)&length, sizeof length});
	push(r, (struct text){(const char *)&record, sizeof record});
	push(r, id);
	push(r, level);
	push(r, (struct text){r->row.at, r->row.n});
}

void records_number(struct records *records, struct event *event)
{
	event->sequence = (int64_t)records->numbers->sequence++;
	records->numbers->events++;
}

void records_add(struct records *records, struct event *event)
{
	records_number(records, event);
	records_put(records, event);
}

void records_put(struct records *records, const struct event *event)
{
	if (!has_room(records, event->kind, RECORD_SMALL)) { /* it need not be written first */
		drop(records, event->kind);
		return;
	}
	records->row.n = 0;
	if (kinds[event->kind].class_ != CLASS_file && kinds[event->kind].class_ != CLASS_network)
		row_process_forget(&records->process);
	row_write_with(event, &records->process, &records->row);
	queue(records, event);
}

static uint32_t length_at(const struct records *r, size_t at)
{
	uint32_t length;

	memcpy(&length, r->at + at, sizeof length);
	return length;
}

/* The store is gone: all that it did not acknowledge goes to the next one. */
static void store_lost(struct records *r)
{
	channel_free(&r->store);
	r->sent = r->acked;
}

void records_store(struct records *records, int fd)
{
	store_lost(records);
	records->store = channel_new(fd, ROLE_engine, ROLE_store);
	records->numbers->settled_here = 0;
	records->acked_count = records->kept_here = records->refused_here = 0;
}

static void acknowledge(struct records *r, const struct message_stored *stored)
{
	uint64_t kept = stored->kept - r->kept_here, refused = stored->refused - r->refused_here;

	for (; r->acked_count < stored->kept + stored->refused && r->acked < r->sent;
		r->acked_count++)
		r->acked += sizeof(uint32_t) + length_at(r, r->acked);
	r->numbers->kept += kept;
	r->numbers->refused += refused;
	r->numbers->untold += refused;
	r->numbers->settled_here = stored->kept + stored->refused;
	r->kept_here = stored->kept;
	r->refused_here = stored->refused;
	r->refuses = stored->sentence[0];
	snprintf(r->sentence, sizeof r->sentence, "%.*s", (int)sizeof stored->sentence,
		stored->sentence);
}

static void on_message(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	acknowledge(context, bytes); /* the only message that a store may send here */
}

static void send_waiting(struct records *r)
{
	while (r->sent < r->n && channel_waiting(r->store) < BATCH_MAX) {
		uint32_t length = length_at(r, r->sent);

		if (!channel_send(
			    r->store, MESSAGE_record, r->at + r->sent + sizeof length, length))
			return;
		r->sent += sizeof length + length;
	}
}

/*
 * Forgets what is acknowledged, when that is most of the queue, and gives back what only a burst
 * needed.
 */
static void settle(struct records *r)
{
	if (r->acked < r->n && r->acked < r->size / 2)
		return;
	memmove(r->at, r->at + r->acked, r->n - r->acked);
	r->n -= r->acked;
	r->sent -= r->acked;
	r->acked = 0;
	if (!r->n && r->size > BATCH_MAX) {
		memory_free(&r->at);
		r->size = 0;
	}
}

void records_run(struct records *records)
{
	struct records *r = records;

	if (r->store && channel_receive(r->store, on_message, r, NULL))
		store_lost(r);
	if (r->store) {
		send_waiting(r);
		if (channel_flush(r->store, NULL))
			store_lost(r);
	}
	if (r->acked)
		settle(r);
}

bool records_settled(const struct records *records)
{
	return !records->store || records->acked == records->n;
}
