/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room for many short texts that live as long as one record: pieces of its arena, cut off without
 * alignment.
 */
#pragma once

#include "base/arena.h"

enum { ROOM_PIECE = 4096 };

struct room {
	struct arena *arena;
	char *at, *end;
};

/* At least `n` bytes at `room->at`; what is used is taken by moving `at`. */
static inline char *room_need(struct room *room, size_t n)
{
	if (!room->at || (size_t)(room->end - room->at) < n) {
		size_t size = n > ROOM_PIECE ? n : ROOM_PIECE;

		room->at = arena_alloc(room->arena, size);
		room->end = room->at + size;
	}
	return room->at;
}

/* Takes the `n` bytes that were written at `room->at`. */
static inline struct text room_take(struct room *room, size_t n)
{
	room->at += n;
	return (struct text){room->at - n, n};
}

static inline struct text room_copy(struct room *room, struct text text)
{
	memcpy(room_need(room, text.n), text.at, text.n);
	return room_take(room, text.n);
}
