/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One saker for each store folder: a lock on STORE/lock, held as long as its descriptor is open,
 * so that it goes away with its holder however that ends. The file holds the holder's pid and is
 * emptied by an orderly end.
 */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/*
 * Makes the folder if it is missing (mode 0700, owned by the given user) and takes the lock.
 * Returns the descriptor; -1 with a sentence if another saker has it or the folder cannot be
 * used. `*died` is the pid of a holder that ended without letting go, 0 if there was none.
 */
int lock_take(const char *folder, uid_t uid, gid_t gid, pid_t *died, struct error *err);

/* Empties the file and lets go. */
void lock_drop(int *fd);

/* Who holds the lock of that folder; 0: nobody. */
pid_t lock_holder(const char *folder);
