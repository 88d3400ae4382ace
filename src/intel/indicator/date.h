/* SPDX-License-Identifier: Apache-2.0 */
/* Dates as feeds write them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Seconds since 1970 of "2026-01-31", "2026-01-31 12:30[:00[.5]][Z|+01:00|UTC]" (with 'T' or a
 * blank; UTC where nothing is said), or of a whole number of seconds or milliseconds since 1970.
 * False if it is none of these.
 */
bool date_read(struct text text, int64_t *seconds);
