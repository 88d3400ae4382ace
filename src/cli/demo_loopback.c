// SPDX-License-Identifier: Apache-2.0
// What the demonstration says over loopback: both ends of each connection are in one process, and
// no call waits for more than two seconds.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/demo_child.h"
#include "cli/demo_loopback.h"
#include "cli/demo_message.h"

enum { BEACONS = 3, BEACON_BYTES = 32, RAW_PORT = 31855 };
enum { RAW_PROTOCOL = 253 }; /* RFC 3692: for experiments */

struct pair {
	int near, far; /* two ends of one TCP connection */
};

static void pair_close(struct pair *pair)
{
	fd_close(&pair->near);
	fd_close(&pair->far);
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};
}

static int socket_open(void)
{
	struct timeval limit = {.tv_sec = 2};
	until_return(fd_close) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit))
		return -1;
	return give_fd(&fd);
}

static int pair_open(struct pair *pair)
{
	struct sockaddr_in address = loopback(0);
	until_return(fd_close) int listener = socket_open();
	socklen_t n = sizeof address;
	int now = 1;

	pair->near = socket_open();
	if (listener < 0 || pair->near < 0 || bind(listener, (struct sockaddr *)&address, n) ||
	    listen(listener, 1) || getsockname(listener, (struct sockaddr *)&address, &n) ||
	    connect(pair->near, (struct sockaddr *)&address, n))
		return -1;
	pair->far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (pair->far < 0)
		return -1;
	setsockopt(pair->near, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
	return setsockopt(pair->far, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
}

static int say(int from, int to, const uint8_t *bytes, size_t n)
{
	uint8_t heard[256];

	if (send(from, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
		return -1;
	return recv(to, heard, n, MSG_WAITALL) == (ssize_t)n ? 0 : -1;
}

static int say_handshake(enum handshake_form form)
{
	until_return(pair_close) struct pair pair = {-1, -1};
	uint8_t question[HANDSHAKE_BYTES], answer[HANDSHAKE_BYTES];

	if (pair_open(&pair) || getrandom(question, sizeof question, 0) != sizeof question ||
	    getrandom(answer, sizeof answer, 0) != sizeof answer)
		return -1;
	handshake_shape(question, form);
	handshake_shape(answer, form);
	return say(pair.near, pair.far, question, sizeof question) ||
		say(pair.far, pair.near, answer, sizeof answer) ? -1 : 0;
}

int say_handshakes(const void *context)
{
	return say_handshake(HANDSHAKE_old) || say_handshake(HANDSHAKE_new) ? -1 : 0;
}

static void sleep_about(int ms)
{
	uint32_t random = 0;
	int spread = ms / 5;

	if (getrandom(&random, sizeof random, 0) == sizeof random && spread)
		ms += (int)(random % (2 * (unsigned)spread)) - spread;
	sleep_ms(ms);
}

int say_beacons(const void *context)
{
	until_return(pair_close) struct pair pair = {-1, -1};
	uint8_t message[MESSAGE_HEADER_BYTES + BEACON_BYTES];
	const int *rhythm = context;
	uint32_t key;

	if (pair_open(&pair))
		return -1;
	for (unsigned i = 0; i < BEACONS; i++) {
		sleep_about(*rhythm);
		if (getrandom(message, sizeof message, 0) != sizeof message ||
		    getrandom(&key, sizeof key, 0) != sizeof key)
			return -1;
		message_shape(message, BEACON_BYTES, MESSAGE_BEACON, key);
		if (say(pair.near, pair.far, message, sizeof message))
			return -1;
	}
	return 0;
}

int bind_raw(const void *context)
{
	struct sockaddr_in address = loopback(RAW_PORT);
	until_return(fd_close) int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, RAW_PROTOCOL);

	return fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ? -1 : 0;
}
