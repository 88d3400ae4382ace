/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which logsources the lines of a program have, in syslog and in the journal: `service: syslog`
 * always, and that of the program or of its kind where rules know one.
 */
#pragma once

#include "event/record.h"

/* Fills sources; `facility`: of the message, -1 where it is not known. */
void program_sources(struct record *record, struct text program, int facility);
