/* SPDX-License-Identifier: Apache-2.0 */
/* What the parent tells the watchdog: single bytes, no messages. The last one that came counts. */
#pragma once

enum {
	SCAN_NICE = 10,
	WATCHDOG_NICE = -10, /* of the parent and the watchdog while programs may be held */
	WATCHDOG_ARMED = '1', /* beat: programs may be held now; the next byte comes in time */
	WATCHDOG_IDLE = '0', /* nothing is held from now on; no byte need come */
	WATCHDOG_BEAT = 20, /* ms between beats */
};
