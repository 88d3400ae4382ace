/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event logs of Windows (.evtx): a header of 4,096 bytes and chunks of 65,536, or chunks alone.
 * Chunks count from 0.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "import/format.h"

extern const struct format format_evtx;

/*
 * The offsets of the chunks of a file in the order of their first records, to be freed by the
 * caller; none if they are in order already. -1 if the file cannot be read at any place.
 */
int evtx_order(int fd, uint64_t **offsets, size_t *n);
