// SPDX-License-Identifier: Apache-2.0
// The end of the system is asked for, with a number that the kernel refuses.
// event: kernel_reboot call.operation=RESTART

#include "action.h"

int main(void)
{
	must(syscall(SYS_reboot, 0, 0, 0x01234567, NULL) < 0);
	return 0;
}
