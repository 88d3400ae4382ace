/* SPDX-License-Identifier: Apache-2.0 */
/* What the bytes of a file are: hashes, entropy, the first of them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/message.h"

struct digest;

/* Before the process gives up its rights: OpenSSL reads files of its own. */
struct digest *digest_new(void);

/*
 * Fills in everything but the id. False if it cannot be read to its end, or is not of that size
 * any more.
 */
bool digest_file(struct digest *digest, int fd, uint64_t size, struct message_hashed *found);
