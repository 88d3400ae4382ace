/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream with whatever it is packed in taken off: gzip, zstd, xz, bzip2, lz4, and the files in
 * tar and zip, also inside one another. By libarchive.
 *
 *	struct unpack *unpack = unpack_new(fd, "logs.tar.gz");
 *	while (unpack_next(unpack, &name, &err) > 0)
 *		while ((n = unpack_read(unpack, buffer, sizeof buffer, &err)) > 0) ...
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct unpack;

/* Reads from a descriptor, which stays the caller's; `name` is how the user calls it. */
struct unpack *unpack_new(int fd, const char *name);
void unpack_free(struct unpack **unpack);

/*
 * The next file in it: 1, with its name ("logs.tar.gz:var/log/auth.log"), valid until the next
 * call, and its time (seconds, or -1). 0: no more. -1 with a sentence: the rest cannot be read.
 * A stream that is not packed is one file.
 */
int unpack_next(struct unpack *unpack, const char **name, int64_t *modified, struct error *err);

/* Bytes of the file at hand, 0 at its end, -1 with a sentence. */
int64_t unpack_read(struct unpack *unpack, void *to, size_t n, struct error *err);

/* Whether the stream is not packed, so that its descriptor can be read at any place too. */
bool unpack_is_plain(const struct unpack *unpack);

/* Bytes taken from the descriptor so far. */
uint64_t unpack_taken(const struct unpack *unpack);
