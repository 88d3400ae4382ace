/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings into a store, so that they are listed, told and hunted like live detections. The store
 * is written by a child of its own, which is started while there are rights to do so and gets
 * nothing but what was made here.
 *
 *	struct keep *keep = keep_open("/var/lib/saker", &err);
 *	keep_finding(keep, finding);
 *	keep_close(&keep, &err);
 */
#pragma once

#include "cli/scan/finding.h"

struct keep;

/* Starts the child; NULL with a sentence if it cannot. */
struct keep *keep_open(const char *folder, struct error *err);

/* Sends all detections of a finding. What cannot be sent is noticed by keep_close. */
void keep_finding(struct keep *keep, const struct finding *finding);

/* Waits until all is kept: 0, or -1 with a sentence. */
int keep_close(struct keep **keep, struct error *err);
