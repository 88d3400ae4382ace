// SPDX-License-Identifier: Apache-2.0
// A service that becomes another user.
// event: process_user call.old=0 call.new=65534
// event: process_group call.old=0 call.new=65534

#include "action.h"

int main(void)
{
	must(!setresgid(65534, 65534, 65534));
	must(!setresuid(65534, 65534, 65534));
	return 0;
}
