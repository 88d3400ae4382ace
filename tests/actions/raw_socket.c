// SPDX-License-Identifier: Apache-2.0
// Sockets below the protocols.
// event: network_raw network.transport=packet
// event: network_raw network.transport=raw network.iana_number=1

#include "action.h"

int main(void)
{
	must(socket(AF_PACKET, SOCK_RAW, htons(3)) >= 0);
	must(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0);
	return 0;
}
