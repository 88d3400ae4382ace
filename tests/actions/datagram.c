// SPDX-License-Identifier: Apache-2.0
// Datagrams, to two addresses.
// event: network_datagram network.transport=udp destination.ip=127.0.0.1 destination.port=9
// event: network_datagram destination.ip=::1 destination.port=9

#include "action.h"

int main(void)
{
	struct sockaddr_in address = loopback(9);
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(9),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT};

	must(sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (void *)&address,
		     sizeof address) == 1);
	skip_unless(sendto(socket(AF_INET6, SOCK_DGRAM, 0), "x", 1, 0, (void *)&six,
		     sizeof six) == 1);
	return 0;
}
