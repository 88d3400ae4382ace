// SPDX-License-Identifier: Apache-2.0
// A connection from beginning to end.
// event: network_bind network.transport=tcp source.ip=127.0.0.1
// event: network_listen source.ip=127.0.0.1
// event: network_connect destination.ip=127.0.0.1
// event: network_accept source.ip=127.0.0.1
// event: network_close network.bytes_sent=5 network.initiated=true network.direction=egress
// event: network_close network.bytes_received=5 network.direction=ingress

#include "action.h"

int main(void)
{
	struct sockaddr_in address = loopback(0);
	socklen_t n = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int server;
	char buffer[8];

	must(!bind(listener, (void *)&address, n) && !listen(listener, 1));
	must(!getsockname(listener, (void *)&address, &n));
	must(!connect(client, (void *)&address, n));
	server = accept(listener, NULL, NULL);
	must(server >= 0);
	must(write(client, "hello", 5) == 5 && read(server, buffer, 5) == 5);
	close(client);
	must(read(server, buffer, 1) == 0);
	close(server);
	usleep(100000);
	return 0;
}
