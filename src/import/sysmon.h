/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event of SysmonForLinux in the message of a syslog line: one XML element <Event> with System
 * and EventData, as the program writes it.
 */
#pragma once

#include "import/lines.h"

/* Makes a record of the event and gives it; false if the message holds none. */
bool sysmon_take(struct line_log *log, struct text message);
