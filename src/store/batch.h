/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch: records one after the other, packed with zstd, as they lie in the database.
 *
 * A record is 30 bytes, all numbers little-endian, then its bytes: their length 4, rank 1 (enum
 * batch_rank), schema 1 (of a row, see event/row.h; 0: it is JSON), time 8, entity 16 (most
 * significant half first).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

#include "base/text.h"
#include "event/event.h"

enum { BATCH_HEAD = 30, BATCH_RAW_MAX = 64 << 20 };

/*
 * What a record tells about the existence of its process; of two records the higher one is the
 * better source.
 */
enum batch_rank { RANK_none, RANK_fork, RANK_running, RANK_exec };

/* Bytes that grow. */
struct batch_bytes {
	char *at;
	size_t n, size;
};

struct batch_record {
	enum batch_rank rank;
	event_time time;
	struct entity entity;
	uint8_t schema;
	struct text bytes;
};

void batch_bytes_clear(struct batch_bytes *bytes);

/* Makes room for `n` more bytes behind those that are there; returns where they begin. */
char *batch_bytes_room(struct batch_bytes *bytes, size_t n);

/* Adds a record to plain bytes. */
void batch_add(struct batch_bytes *raw, const struct batch_record *record);

/*
 * The next record of plain bytes, from offset `*at` on, which moves. False at the end; also where
 * the rest is no record, and then `*at` stays before raw.n.
 */
bool batch_next(struct text raw, size_t *at, struct batch_record *record);

/* Packs plain bytes into `packed` (replacing what it held). */
void batch_pack(ZSTD_CCtx *context, struct text raw, struct batch_bytes *packed);

/*
 * Unpacks behind what `raw` holds. False if it is no packed batch, its checksum is wrong or it is
 * too large.
 */
bool batch_unpack(ZSTD_DCtx *context, struct text packed, struct batch_bytes *raw);
