// SPDX-License-Identifier: Apache-2.0
// The clock is set, to a time that there is not.
// event: kernel_clock call.name=clock_settime call.result=22

#include "action.h"

int main(void)
{
	struct timespec never = {0, -1};

	must(syscall(SYS_clock_settime, CLOCK_REALTIME, &never) < 0);
	return 0;
}
