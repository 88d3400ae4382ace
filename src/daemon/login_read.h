/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the log of logins, as OpenSSH, PAM, sudo, su and the tools for accounts write them. */
#pragma once

#include "event/event.h"

/*
 * What a line says, as an event with a login and the time of `now`; NULL if it is of another kind.
 * `pid` gets the process that the line is by, 0 if it does not say. Everything lives in the arena.
 */
struct event *login_read(struct arena *arena, struct text line, event_time now, uint32_t *pid);
