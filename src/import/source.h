/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind the paths that a user names: files, folders with all that is below them, "-"
 * for standard input, and what is packed in any of these. One file after the other, in the order
 * of their names.
 *
 *	struct source *source = source_new();
 *	source_add(source, "/var/log", &err);
 *	while ((got = source_next(source, &file, &err)))
 *		if (got > 0)
 *			while ((n = source_read(source, buffer, size, &err)) > 0) ...
 */
#pragma once

#include "base/error.h"
#include "import/format.h"

struct source;
struct source *source_new(void);
void source_free(struct source **source);

/*
 * Adds a path; the files below a folder are found at once (at most 1,000,000, 64 levels deep, no
 * symbolic links, no hidden ones). -1 with a sentence if it is not there.
 */
int source_add(struct source *source, const char *path, struct error *err);

/*
 * Opens the next file: 1, the file's description is valid until the next call; 0: no more; -1 with
 * a sentence if it cannot be opened or unpacked: the next call goes on behind it.
 */
int source_next(struct source *source, struct log_file *file, struct error *err);

/* Bytes of the file at hand, 0 at its end, -1 with a sentence. */
int64_t source_read(struct source *source, void *to, size_t n, struct error *err);

/*
 * The descriptor of the file at hand, if it can be read at any place; else -1. `named`: the user
 * named this file himself, it was not found in a folder or in something packed.
 */
int source_descriptor(const struct source *source);
bool source_is_named(const struct source *source);

/* For a bar of progress: bytes read from disk, and all there are (0: unknown). */
uint64_t source_done(const struct source *source);
uint64_t source_total(const struct source *source);
