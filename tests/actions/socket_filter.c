// SPDX-License-Identifier: Apache-2.0
// A filter on a socket that sees all packets.
// event: network_filter network.transport=packet

#include "action.h"

#include <linux/filter.h>

int main(void)
{
	struct sock_filter all = {BPF_RET | BPF_K, 0, 0, 0xffff};
	struct sock_fprog filter = {1, &all};
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);

	must(fd >= 0);
	must(!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
	return 0;
}
