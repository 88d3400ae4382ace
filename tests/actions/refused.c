// SPDX-License-Identifier: Apache-2.0
// A port where nobody listens.
// event: network_connect destination.port=1
// event: network_failed destination.port=1 network.result=111

#include "action.h"

int main(void)
{
	struct sockaddr_in address = loopback(1);

	skip_unless(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, sizeof address) &&
		errno == ECONNREFUSED);
	return 0;
}
