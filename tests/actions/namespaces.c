// SPDX-License-Identifier: Apache-2.0
// Namespaces are made and entered.
// event: namespace_change call.name=unshare call.operation~CLONE_NEWUTS
// event: namespace_change call.name=setns

#include "action.h"

int main(void)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY);

	must(fd >= 0);
	must(!unshare(CLONE_NEWUTS | CLONE_NEWIPC));
	must(!setns(fd, CLONE_NEWUTS));
	return 0;
}
