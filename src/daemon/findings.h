/* SPDX-License-Identifier: Apache-2.0 */
/* What was found out about files, by what they were then (see stamp.h): a bounded cache. */
#pragma once

#include "daemon/message.h"

enum { FINDINGS = 2048 };

/* Zero at first; direct mapped. */
struct findings {
	struct finding {
		struct stamp stamp;
		struct message_hashed found;
	} *at; /* FINDINGS, made when the first comes */
};

/* NULL if nothing is known. */
const struct message_hashed *findings_get(const struct findings *findings,
	const struct stamp *stamp);

/* Not of a file that changed a moment before `now`: its times could hide another change. */
void findings_keep(struct findings *findings, const struct stamp *stamp,
	const struct message_hashed *found, int64_t now);
void findings_clear(struct findings *findings);
