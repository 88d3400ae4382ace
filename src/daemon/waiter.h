/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who waits with an exec: ids, folder and descriptors of a held process, from the kernel's own
 * texts in /proc. The memory of that process is not touched: its owner could let whoever reads it
 * wait for ever.
 */
#pragma once

#include <sys/types.h>

#include "daemon/message.h"

/*
 * Where the pointers to the arguments of the exec lie in the memory of that thread; 0 if it does
 * not wait in an exec of this machine's own kind. Asks again for a moment when the thread is
 * still on its way to sleep.
 */
uint64_t waiter_argv(pid_t tid);

/* Fills everything but `id` and `path`. -1 if the process is gone. */
int waiter_read(pid_t tid, struct message_hold *hold);
