// SPDX-License-Identifier: Apache-2.0
// The parent's side of scans: what the engine asks about is opened by another thread (opener.c)
// and handed over; a scan process that does not come back is replaced.

#include <signal.h>

#include "base/own.h"
#include "daemon/parent_private.h"
#include "event/event.h"

enum { SCAN_PATIENCE = 30000 }; /* ms that one file may take: it stands back on a busy host */

static void unknown_say(struct parent *parent, uint64_t id)
{
	struct message_hashed unknown = {.id = id};

	if (parent->engine.channel)
		channel_send(parent->engine.channel, MESSAGE_hashed, &unknown, sizeof unknown);
}

void scans_order(struct parent *parent, const struct message_hash *order, size_t n)
{
	if (!opener_order(parent->opener, order, n))
		unknown_say(parent, order->id);
}

void scans_opened(struct parent *parent)
{
	struct message_scan scan = {.id = 0};
	int opened;

	while (opener_take(parent->opener, &scan.id, &scan.size, &opened)) {
		until_return(fd_close) int fd = opened;

		if (fd < 0 || !parent->scan.channel ||
			!channel_send_fds(parent->scan.channel, MESSAGE_scan, &scan, sizeof scan,
				&fd, 1)) {
			unknown_say(parent, scan.id);
			continue;
		}
		if (!parent->scans_out++)
			parent->scans_at = now_ms();
	}
	if (parent->scan.channel)
		channel_flush(parent->scan.channel, NULL);
}

void scans_done(struct parent *parent, const struct message_hashed *found)
{
	if (parent->scans_out)
		parent->scans_out--;
	parent->scans_at = now_ms();
	if (parent->engine.channel && parent->engine_ready)
		channel_send(parent->engine.channel, MESSAGE_hashed, found, sizeof *found);
}

void scans_tick(struct parent *parent)
{
	if (!parent->scans_out || !parent->scan.pid ||
		now_ms() - parent->scans_at < SCAN_PATIENCE)
		return;
	crew_say(parent, EVENT_sensor_notice, "scan", "failed",
		"the scan process did not answer for %d s", SCAN_PATIENCE / 1000);
	parent->scans_out = 0;
	kill(parent->scan.pid, SIGKILL);
}
