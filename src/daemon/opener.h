/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens files for the parent in a thread of its own: a file system that does not answer, or a hold
 * of saker's own, makes this thread wait and not the parent.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "daemon/message.h"

struct opener;

/* It lives as long as the process: nobody can end a thread that waits for a file system. */
struct opener *opener_new(struct error *err);

/* The thread that opens. */
pid_t opener_tid(const struct opener *opener);

/* Takes an order of `n` bytes; false if so many wait already that this one is dropped. */
bool opener_order(struct opener *opener, const struct message_hash *order, size_t n);

/* Readable when opener_take has something. */
int opener_fd(const struct opener *opener);

/*
 * The next order that was carried out; false if there is none. The descriptor is the caller's: of
 * the very file that was meant, -1 if that is not there.
 */
bool opener_take(struct opener *opener, uint64_t *id, uint64_t *size, int *fd);
