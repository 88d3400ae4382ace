// SPDX-License-Identifier: Apache-2.0
// Messages between the processes of saker: frames on a stream socket, each a head and a body
// padded to eight bytes. Descriptors travel with the first byte of their frame; the head says how
// many, so the receiver takes them in order.

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/own.h"
#include "daemon/message.h"

enum {
	WAITING_MAX = 8 << 20,
	MARKS_MAX = 64, /* messages with descriptors that wait to be sent */
	FDS_MAX = 64, /* descriptors that came before their frame was whole */
	READ_SIZE = 256 << 10,
	ROUNDS_MAX = 16, /* reads of one channel before others get their turn */
};

const char *const role_names[ROLES] = {
#define ROLE(name, ...) #name,
#include "daemon/role.def"
#undef ROLE
};

const char *const role_sentences[ROLES] = {
#define ROLE(name, sentence) sentence,
#include "daemon/role.def"
#undef ROLE
};

static const struct permit {
	enum role sender, receiver;
	size_t least, most;
	const char *name;
} permits[MESSAGES] = {
#define MESSAGE(name, sender, receiver, least, most, ...) \
	{ROLE_##sender, ROLE_##receiver, least, most, #name},
#include "daemon/message.def"
#undef MESSAGE
};

struct head {
	uint16_t message, fds;
	uint32_t length; /* of the body, without its padding */
};

/* Descriptors that go out with the byte at `at` of the outgoing buffer. */
struct mark {
	size_t at, count;
	int fds[MESSAGE_FDS];
};

struct channel {
	int fd;
	enum role self, peer;
	char *out;
	size_t out_n, out_done, out_size;
	struct mark marks[MARKS_MAX];
	size_t mark_count;
	char *in;
	size_t in_n, in_size;
	int fds[FDS_MAX];
	size_t fd_count;
};

static size_t padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

struct channel *channel_new(int fd, enum role self, enum role peer)
{
	struct channel *channel = memory_new(sizeof *channel);

	channel->fd = fd;
	channel->self = self;
	channel->peer = peer;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return channel;
}

static void close_all(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fd_close(&fds[i]);
}

void channel_free(struct channel **channel)
{
	struct channel *c = give(*channel);

	if (!c)
		return;
	for (size_t i = 0; i < c->mark_count; i++)
		close_all(c->marks[i].fds, c->marks[i].count);
	close_all(c->fds, c->fd_count);
	fd_close(&c->fd);
	free(c->out);
	free(c->in);
	free(c);
}

int channel_fd(const struct channel *channel)
{
	return channel->fd;
}

size_t channel_waiting(const struct channel *channel)
{
	return channel->out_n - channel->out_done;
}

static void out_reserve(struct channel *c, size_t more)
{
	if (c->out_n + more <= c->out_size)
		return;
	c->out_size = c->out_n + more > 2 * c->out_size ? c->out_n + more : 2 * c->out_size;
	c->out = memory_resize(c->out, c->out_size, 1);
}

static void check_permit(const struct channel *c, enum message message, size_t n)
{
	assert(message < MESSAGES);
	assert(permits[message].sender == c->self && permits[message].receiver == c->peer);
	assert(n >= permits[message].least && n <= permits[message].most);
}

static bool append(
	struct channel *c, enum message message, const void *bytes, size_t n, size_t fds)
{
	struct head head = {(uint16_t)message, (uint16_t)fds, (uint32_t)n};
	size_t whole = sizeof head + padded(n);

	if (channel_waiting(c) + whole > WAITING_MAX)
		return false;
	out_reserve(c, whole);
	memcpy(c->out + c->out_n, &head, sizeof head);
	memcpy(c->out + c->out_n + sizeof head, bytes, n);
	memset(c->out + c->out_n + sizeof head + n, 0, padded(n) - n);
	c->out_n += whole;
	return true;
}

bool channel_send(struct channel *channel, enum message message, const void *bytes, size_t n)
{
	check_permit(channel, message, n);
	return append(channel, message, bytes, n, 0);
}

bool channel_send_fds(struct channel *channel, enum message message, const void *bytes, size_t n,
	const int *fds, size_t fd_count)
{
	struct mark mark = {.at = channel->out_n, .count = fd_count};

	check_permit(channel, message, n);
	assert(fd_count && fd_count <= MESSAGE_FDS);
	if (channel->mark_count == MARKS_MAX)
		return false;
	for (size_t i = 0; i < fd_count; i++) {
		mark.fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		if (mark.fds[i] < 0) {
			close_all(mark.fds, i);
			return false;
		}
	}
	if (!append(channel, message, bytes, n, fd_count)) {
		close_all(mark.fds, fd_count);
		return false;
	}
	channel->marks[channel->mark_count++] = mark;
	return true;
}

static ssize_t send_part(const struct channel *c, size_t end, const struct mark *mark)
{
	struct iovec part = {c->out + c->out_done, end - c->out_done};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * MESSAGE_FDS)];
	} control = {0};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

	if (mark) {
		size_t size = sizeof(int) * mark->count;
		struct cmsghdr *rights;

		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(size);
		rights = CMSG_FIRSTHDR(&m);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(rights), mark->fds, size);
	}
	return sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Moves what still waits to the front, and gives memory back that only a rare burst needed. */
static void out_settle(struct channel *c)
{
	size_t done = c->out_done;

	memmove(c->out, c->out + done, c->out_n - done);
	c->out_n -= done;
	c->out_done = 0;
	for (size_t i = 0; i < c->mark_count; i++)
		c->marks[i].at -= done;
	if (!c->out_n && c->out_size > READ_SIZE) {
		memory_free(&c->out);
		c->out_size = 0;
	}
}

int channel_flush(struct channel *channel, struct error *err)
{
	struct channel *c = channel;

	while (c->out_done < c->out_n) {
		struct mark *first = c->mark_count ? c->marks : NULL;
		bool with_fds = first && first->at == c->out_done;
		struct mark *next = with_fds ? (c->mark_count > 1 ? first + 1 : NULL) : first;
		ssize_t n = send_part(c, next ? next->at : c->out_n, with_fds ? first : NULL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == ETOOMANYREFS))
			break;
		if (n < 0)
			return fail(err, "the %s is gone: %m", role_names[c->peer]);
		if (with_fds) {
			close_all(first->fds, first->count);
			memmove(first, first + 1, --c->mark_count * sizeof *first);
		}
		c->out_done += (size_t)n;
	}
	if (c->out_done)
		out_settle(c);
	return 0;
}

static void take_fds(struct channel *c, struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
			if (c->fd_count < FDS_MAX)
				c->fds[c->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

/* Reads once. 1: something came; 0: nothing is there; -1: the peer is gone. */
static int read_once(struct channel *c, struct error *err)
{
	struct iovec part = {c->in + c->in_n, c->in_size - c->in_n};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * FDS_MAX)];
	} control;
	struct msghdr m = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes};
	ssize_t n = recvmsg(c->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return fail(err, "the %s is gone: %m", role_names[c->peer]);
	take_fds(c, &m);
	if (!n)
		return fail(err, "the %s is gone", role_names[c->peer]);
	c->in_n += (size_t)n;
	return 1;
}

static int check_head(const struct channel *c, const struct head *head, struct error *err)
{
	const struct permit *permit = &permits[head->message < MESSAGES ? head->message : 0];
	const char *peer = role_names[c->peer];

	if (head->message >= MESSAGES)
		return fail(err, "the %s sent a message of unknown kind %u", peer, head->message);
	if (permit->sender != c->peer || permit->receiver != c->self)
		return fail(err, "the %s may not send '%s'", peer, permit->name);
	if (head->length < permit->least || head->length > permit->most)
		return fail(
			err, "the %s sent '%s' with %u bytes", peer, permit->name, head->length);
	if (head->fds > MESSAGE_FDS)
		return fail(err, "the %s sent '%s' with %u descriptors", peer, permit->name,
			head->fds);
	return 0;
}

/*
 * Hands on every whole frame. The number of bytes that the next frame needs in all goes to
 * `need`.
 */
static int hand_on(
	struct channel *c, size_t *need, channel_handler *on, void *context, struct error *err)
{
	size_t at = 0;

	*need = sizeof(struct head);
	while (c->in_n - at >= sizeof(struct head)) {
		struct head head;
		int fds[MESSAGE_FDS];

		memcpy(&head, c->in + at, sizeof head);
		if (check_head(c, &head, err))
			return -1;
		*need = sizeof head + padded(head.length);
		if (c->in_n - at < *need)
			break;
		if (head.fds > c->fd_count)
			return fail(err, "the %s sent fewer descriptors than it said",
				role_names[c->peer]);
		memcpy(fds, c->fds, head.fds * sizeof *fds);
		c->fd_count -= head.fds;
		memmove(c->fds, c->fds + head.fds, c->fd_count * sizeof *fds);
		on(context, (enum message)head.message, c->in + at + sizeof head, head.length, fds,
			head.fds);
		close_all(fds, head.fds);
		at += *need;
		*need = sizeof head;
	}
	memmove(c->in, c->in + at, c->in_n - at);
	c->in_n -= at;
	return 0;
}

static void in_settle(struct channel *c, size_t need)
{
	size_t want = need > READ_SIZE ? need : READ_SIZE;

	if (c->in_size < want || (c->in_size > want && !c->in_n)) {
		c->in_size = want;
		c->in = memory_resize(c->in, want, 1);
	}
}

int channel_receive(struct channel *channel, channel_handler *on, void *context, struct error *err)
{
	size_t need;

	if (!channel->in_size)
		in_settle(channel, 0);
	for (int round = 0; round < ROUNDS_MAX; round++) {
		int got = read_once(channel, err);

		if (got <= 0)
			return got;
		if (hand_on(channel, &need, on, context, err))
			return -1;
		in_settle(channel, need);
	}
	return 0;
}
