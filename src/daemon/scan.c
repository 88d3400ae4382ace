// SPDX-License-Identifier: Apache-2.0
// The process that reads the files of others: it is handed one descriptor after the other and says
// what the bytes behind them are. It has no files of its own, no network, and knows no names.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/digest.h"
#include "daemon/rights.h"

struct scanner {
	struct channel *parent;
	struct digest *digest;
};

static void on_scan(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	struct scanner *scanner = context;
	const struct message_scan *scan = bytes;
	struct message_hashed found = {.id = scan->id};

	if (fd_count)
		found.known = digest_file(scanner->digest, fds[0], scan->size, &found);
	channel_send(scanner->parent, MESSAGE_scanned, &found, sizeof found);
	channel_flush(scanner->parent, NULL);
}

int role_scan(const struct post *post)
{
	struct scanner scanner = {.digest = digest_new()};
	struct message_rights rights;
	struct error err = {0};

	if (rights_drop(RIGHTS_scan, post, &rights, &err)) {
		dprintf(2, "saker: the scan process %s\n", err.text);
		return 1;
	}
	scanner.parent = channel_new(post->channel, ROLE_scan, ROLE_parent);
	for (;;) {
		struct pollfd wait = {channel_fd(scanner.parent), POLLIN, 0};

		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			return 1;
		if (channel_receive(scanner.parent, on_scan, &scanner, &err))
			return 0;
	}
}
