/* SPDX-License-Identifier: Apache-2.0 */
/* A log read from its beginning by one thread: for commands that look at a few events. */
#pragma once

#include "import/format.h"

/*
 * Gives the first `most` records behind a path ("-": standard input) to the sink. -1 with a
 * sentence if it cannot be read or is no log.
 */
int log_read(const char *path, uint64_t most, const struct record_sink *sink, struct error *err);
