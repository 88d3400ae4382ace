// SPDX-License-Identifier: Apache-2.0
// Somebody goes through all maps and links of BPF, those of saker among them.
// event: kernel_bpf call.operation=BPF_MAP_GET_FD_BY_ID call.own=true
// event: kernel_bpf call.operation=BPF_LINK_GET_FD_BY_ID call.own=true

#include <linux/bpf.h>

#include "action.h"

static void go_through(int next, int get)
{
	uint32_t id = 0;
	int taken = 0;

	for (;;) {
		union bpf_attr attr = {.start_id = id};
		int fd;

		if (syscall(SYS_bpf, next, &attr, sizeof attr))
			break;
		id = attr.next_id;
		attr = (union bpf_attr){.map_id = id};
		fd = (int)syscall(SYS_bpf, get, &attr, sizeof attr);
		must(fd >= 0 || errno == ENOENT); /* it may go meanwhile */
		taken++;
		close(fd);
	}
	must(taken > 0);
}

int main(void)
{
	go_through(BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID);
	go_through(BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID);
	return 0;
}
