// SPDX-License-Identifier: Apache-2.0
// The memory of the kernel is opened as a file.
// event: device_open file.name=kcore

#include "action.h"

int main(void)
{
	skip_unless(open("/proc/kcore", O_RDONLY) >= 0);
	return 0;
}
