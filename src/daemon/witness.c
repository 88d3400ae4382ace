// SPDX-License-Identifier: Apache-2.0
// The process that reads the arguments of a held program from its memory. That memory can be such
// that whoever reads it waits for ever (userfaultfd, a file system in user space); so this is a
// process of its own, which the parent replaces. Other threads of the program can change the
// arguments after they were read: the exec itself is judged again.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/message.h"
#include "daemon/rights.h"

enum { POINTERS = 64, POINTERS_MAX = 4096, PAGE = 4096 };

struct seen {
	struct message_seen head;
	char bytes[HOLD_ARGS_MAX];
};

static ssize_t memory_read(pid_t tid, uint64_t from, void *to, size_t n)
{
	struct iovec local = {to, n}, remote = {(void *)(uintptr_t)from, n};

	return process_vm_readv(tid, &local, 1, &remote, 1, 0);
}

/*
 * Bytes up to the end of the page at `from`: a read across it could fail although the string ends
 * before.
 */
static size_t page_rest(uint64_t from)
{
	return PAGE - from % PAGE;
}

/*
 * Appends one string with its NUL. False if it cannot be read, or there is no room (the rest is
 * cut).
 */
static bool string_read(pid_t tid, uint64_t from, struct seen *seen, size_t *n)
{
	for (;;) {
		size_t room = sizeof seen->bytes - *n,
		       part = page_rest(from) < room ? page_rest(from) : room;
		ssize_t got = room ? memory_read(tid, from, seen->bytes + *n, part) : 0;
		const char *end = got > 0 ? memchr(seen->bytes + *n, 0, (size_t)got) : NULL;

		seen->head.cut = !room;
		if (got <= 0)
			return false;
		if (end) {
			*n = (size_t)(end + 1 - seen->bytes);
			return true;
		}
		*n += (size_t)got;
		from += (uint64_t)got;
	}
}

/* The number of bytes that were read; `known` says whether they are all, or cut. */
static size_t args_read(const struct message_look *look, struct seen *seen)
{
	uint64_t pointers[POINTERS];
	size_t n = 0;

	for (size_t i = 0; i < POINTERS_MAX; i++) {
		uint64_t at = look->argv + i * sizeof *pointers;
		ssize_t got;

		if (i % POINTERS == 0 || at % PAGE == 0) {
			size_t left = (POINTERS - i % POINTERS) * sizeof *pointers;

			got = memory_read((pid_t)look->tid, at, &pointers[i % POINTERS],
				left < page_rest(at) ? left : page_rest(at));
			if (got < (ssize_t)sizeof *pointers)
				return 0;
		}
		if (!pointers[i % POINTERS]) {
			seen->head.known = 1;
			return n;
		}
		if (!string_read((pid_t)look->tid, pointers[i % POINTERS], seen, &n)) {
			seen->head.known = seen->head.cut;
			break;
		}
		seen->head.cut = i == POINTERS_MAX - 1;
	}
	seen->head.known |= seen->head.cut;
	return n;
}

static void on_look(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	static struct seen seen;
	const struct message_look *look = bytes;

	seen.head = (struct message_seen){.id = look->id};
	n = args_read(look, &seen);
	if (!seen.head.known)
		n = 0;
	/* a string that was cut off ends here all the same */
	if (n && seen.bytes[n - 1])
		seen.bytes[n - 1] = 0;
	channel_send(context, MESSAGE_seen, &seen, sizeof seen.head + n);
	channel_flush(context, NULL);
}

int role_witness(const struct post *post)
{
	until_return(channel_free) struct channel *parent = NULL;
	struct message_rights rights;
	struct error err = {0};

	if (rights_drop(RIGHTS_witness, post, &rights, &err)) {
		dprintf(2, "saker: the witness %s\n", err.text);
		return 1;
	}
	parent = channel_new(post->channel, ROLE_witness, ROLE_parent);
	for (;;) {
		struct pollfd wait = {channel_fd(parent), POLLIN, 0};

		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			return 1;
		if (channel_receive(parent, on_look, parent, &err) || channel_flush(parent, &err))
			return 0;
	}
}
