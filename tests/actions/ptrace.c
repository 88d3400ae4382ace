// SPDX-License-Identifier: Apache-2.0
// Another process is attached to, its memory and registers are changed.
// event: memory_access call.name=ptrace call.operation=PTRACE_ATTACH target.process.executable~/ptrace
// event: memory_write call.operation=PTRACE_POKETEXT
// event: memory_write call.operation=PTRACE_SETREGS

#include "action.h"

int main(void)
{
	static long word;
	struct user_regs_struct registers;
	pid_t pid = sleeper();

	must(!ptrace(PTRACE_ATTACH, pid, 0, 0));
	must(WIFSTOPPED(ended(pid)));
	must(!ptrace(PTRACE_POKETEXT, pid, &word, 1));
	must(!ptrace(PTRACE_GETREGS, pid, 0, &registers));
	must(!ptrace(PTRACE_SETREGS, pid, 0, &registers));
	must(!ptrace(PTRACE_DETACH, pid, 0, 0));
	kill_child(pid);
	return 0;
}
