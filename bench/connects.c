// SPDX-License-Identifier: Apache-2.0
// Connects to itself over loopback, accepts, closes both, many times. bench-connects N

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "work.h"

static int listen_anywhere(struct sockaddr_in *address)
{
	socklen_t size = sizeof *address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET};
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)address, size) || listen(fd, 16) ||
		getsockname(fd, (struct sockaddr *)address, &size))
		return -1;
	return fd;
}

/* An end by reset leaves no socket behind that would use up the ports. */
static int connect_once(int listener, const struct sockaddr_in *address)
{
	static const struct linger reset = {.l_onoff = 1};
	int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), in;

	if (out < 0 || connect(out, (const struct sockaddr *)address, sizeof *address))
		return -1;
	in = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	setsockopt(out, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(out);
	close(in);
	return in < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	long n = work_count(argc, argv, 2, "bench-connects N");
	struct sockaddr_in address;
	int listener = listen_anywhere(&address);
	struct work work = work_begin(n);

	for (long i = 0; listener >= 0 && i < n; i++)
		if (connect_once(listener, &address)) {
			perror("connect");
			return 1;
		}
	return listener < 0 ? 1 : work_end(&work);
}
