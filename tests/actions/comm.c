// SPDX-License-Identifier: Apache-2.0
// A name that is not the own one.
// event: process_rename process.thread.name=kworker/0:1

#include "action.h"

int main(void)
{
	must(!prctl(PR_SET_NAME, "kworker/0:1"));
	return 0;
}
