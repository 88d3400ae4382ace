// SPDX-License-Identifier: Apache-2.0
// Bytes that are no module are handed to the kernel.
// needs: kernel_module
// event: kernel_module file.result~

#include "action.h"

int main(void)
{
	must(syscall(SYS_init_module, "no module", 9, "") < 0);
	return 0;
}
