// SPDX-License-Identifier: Apache-2.0
// The memory of another process is written, and read.
// event: memory_write call.name=process_vm_writev call.length=8
// event: memory_access call.name=process_vm_readv

#include "action.h"

int main(void)
{
	static char there[8];
	char here[8] = "written";
	struct iovec local = {here, sizeof here}, remote = {there, sizeof there};
	pid_t pid = sleeper();

	must(process_vm_writev(pid, &local, 1, &remote, 1, 0) == sizeof here);
	must(process_vm_readv(pid, &local, 1, &remote, 1, 0) == sizeof here);
	kill_child(pid);
	return 0;
}
