// SPDX-License-Identifier: Apache-2.0
// What was found out about files.

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "daemon/findings.h"

enum { SECOND = 1000000000, TICKS = 20000000 }; /* ns; two ticks of the slowest clock */

static size_t slot(const struct stamp *stamp)
{
	return text_hash((struct text){(const char *)stamp, sizeof *stamp}) % FINDINGS;
}

const struct message_hashed *findings_get(const struct findings *findings,
	const struct stamp *stamp)
{
	const struct finding *finding = findings->at ? findings->at + slot(stamp) : NULL;

	return finding && !memcmp(&finding->stamp, stamp, sizeof *stamp) ? &finding->found : NULL;
}

void findings_keep(struct findings *findings, const struct stamp *stamp,
	const struct message_hashed *found, int64_t now)
{
	/* times of whole seconds are those of a file system that knows no finer ones */
	int64_t grain = stamp->ctime % SECOND || stamp->mtime % SECOND ? TICKS : 2LL * SECOND;

	if (now - stamp->ctime < grain)
		return;
	if (!findings->at)
		findings->at = memory_new(FINDINGS * sizeof *findings->at);
	findings->at[slot(stamp)] = (struct finding){*stamp, *found};
}

void findings_clear(struct findings *findings)
{
	free(findings->at);
	findings->at = NULL;
}
