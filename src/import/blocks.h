/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file at hand of a source, cut into blocks that can be read independently. Where it is cut
 * depends on the file alone. A regular file is read up to the size that it had when it was opened.
 */
#pragma once

#include "import/source.h"

struct blocks;

/* `slack`: what EVTX files no longer count as their own is wanted too. */
struct blocks *blocks_new(struct source *source, bool slack);
void blocks_free(struct blocks **blocks);

/*
 * Looks at the file that source_next just opened. 1: `*format` is its format; 0: it has none; -1
 * with a sentence. `wanted`: the user says which format it has (NULL: he does not).
 */
int blocks_begin(struct blocks *blocks, const struct log_file *file, const struct format *wanted,
	const struct format **format, struct error *err);

/* Memory for one block, kept from block to block; zeroed before its first use. */
struct block_buffer {
	char *at;
	size_t size;
};
void block_buffer_clear(struct block_buffer *buffer);

/*
 * The next block, whose bytes lie in the buffer: 1; 0 at the end; -1 with a sentence: what follows
 * cannot be read. `too_long` grows by the records that were longer than BLOCK_MAX and left out.
 */
int blocks_next(struct blocks *blocks, struct block_buffer *buffer, struct block *block,
	uint64_t *too_long, struct error *err);

/* Bytes that came to the file since it was opened, at its end. */
bool blocks_grew(const struct blocks *blocks);
