/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of DNS (RFC 1035, 3596, 6891), from bytes of anyone's making. */
#pragma once

#include "event/event.h"

/*
 * The first question of a message, and, if it is an answer, what it says. NULL for what is no
 * message with a question. A message that is cut gives what was there, and `is_cut` is set.
 * Everything lives in the arena. Names are in presentation form (RFC 4343: \DDD for what is no
 * printable character), lower case, at most 1,016 bytes.
 */
struct dns *dns_read(struct arena *arena, const unsigned char *bytes, size_t n, bool *is_answer,
	bool *is_cut);
