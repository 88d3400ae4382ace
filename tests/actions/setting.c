// SPDX-License-Identifier: Apache-2.0
// A setting of the kernel is written, in a namespace of its own.
// event: kernel_setting call.object~ip_forward call.into~1

#include "action.h"

int main(void)
{
	int fd;

	skip_unless(!unshare(CLONE_NEWNET));
	fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY);
	skip_unless(fd >= 0);
	must(write(fd, "1\n", 2) == 2);
	return 0;
}
