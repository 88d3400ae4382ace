// SPDX-License-Identifier: Apache-2.0
// The levels of a rule, by which detections are counted.

#include "daemon/numbers.h"

const char *const level_names[LEVELS] = {
	"critical", "high", "medium", "low", "informational", "unknown"};

unsigned level_number(struct text level)
{
	unsigned i = 0;

	while (i < LEVELS - 1 && !text_is(level, level_names[i]))
		i++;
	return i;
}
