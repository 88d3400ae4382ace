// SPDX-License-Identifier: Apache-2.0
// Any bytes on any channel: handed on in permitted frames or refused, never more.

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/own.h"
#include "daemon/message.h"

static void on_message(void *context, enum message message, const void *bytes, size_t n, int *fds,
	size_t fd_count)
{
	const unsigned char *b = bytes;
	unsigned *sum = context;

	assert(message < MESSAGES && !((uintptr_t)bytes & 7) && fd_count <= MESSAGE_FDS);
	for (size_t i = 0; i < n; i++)
		*sum += b[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum role pairs[][2] = {
		{ROLE_parent, ROLE_engine},
		{ROLE_engine, ROLE_parent},
		{ROLE_store, ROLE_engine},
		{ROLE_engine, ROLE_store},
		{ROLE_parent, ROLE_store},
		{ROLE_store, ROLE_parent},
	};
	unsigned sum = 0;
	int pair[2];

	if (!size || size > 60000 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 0;
	until_return(fd_close) int sender = pair[0];
	const enum role *roles = pairs[data[0] % array_size(pairs)];
	until_return(channel_free) struct channel *channel =
		channel_new(pair[1], roles[0], roles[1]);
	for (size_t at = 1; at < size;) {
		size_t part = size - at > 97 ? 97 : size - at;

		if (write(sender, data + at, part) != (ssize_t)part ||
			channel_receive(channel, on_message, &sum, NULL))
			break;
		at += part;
	}
	return 0;
}
