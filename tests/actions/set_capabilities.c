// SPDX-License-Identifier: Apache-2.0
// Capabilities that were put away are taken back.
// event: process_capabilities call.operation~CAP_NET_RAW

#include "action.h"

int main(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2], less[2];

	must(!syscall(SYS_capget, &head, data));
	memcpy(less, data, sizeof less);
	less[0].effective &= ~(1u << CAP_NET_RAW);
	must(!syscall(SYS_capset, &head, less));
	must(!syscall(SYS_capset, &head, data));
	return 0;
}
