/* SPDX-License-Identifier: Apache-2.0 */
/* One value of an event as JSON. */
#pragma once

#include "event/event.h"

/* Key and value; with event.kind its event.action. `value`: see column_each. */
void column_json(unsigned column, const void *value, struct json_writer *out);
