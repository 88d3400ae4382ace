/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account of losses: attempt numbers count per processor and ring, so a hole in them is a
 * loss, exactly counted. Programs that interrupt each other may write a number after its
 * successor; so a hole is reported one round after it was seen, if it is still one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GAP_CPUS_MAX = 4096 };

/* Missing numbers: `count` of those between `from` and `to`. */
struct gap {
	uint64_t from, to, count;
	bool governed; /* they were more than may be sent */
};

struct gap_line {
	bool is_known; /* a first number was seen, or nobody has read before us */
	uint64_t last;
	struct gap now, before; /* of this round, of the one before */
};

/* The numbers of one ring. */
struct gaps {
	struct gap_line *lines; /* by processor */
	uint32_t count;
	bool from_one; /* nobody has read from the ring before: the first number must be 1 */
};

void gaps_clear(struct gaps *gaps);

/*
 * A record with that number was read; `governed`: it says that those before it were more than may
 * be sent. False if there can be no such processor.
 */
bool gaps_count(struct gaps *gaps, uint32_t cpu, uint64_t attempt, bool governed);

/*
 * Ends a round: calls `on` for each processor from which something is missing since the round
 * before.
 */
typedef void gap_handler(void *context, uint32_t cpu, const struct gap *gap);
void gaps_round(struct gaps *gaps, gap_handler *on, void *context);
