// SPDX-License-Identifier: Apache-2.0
// Another kernel is asked for, with nothing in it.
// needs: kernel_image
// event: kernel_image call.name~kexec

#include "action.h"

int main(void)
{
	syscall(SYS_kexec_load, 0, 0, NULL, 0xffff0000 /* no architecture: is refused */);
	return 0;
}
