// SPDX-License-Identifier: Apache-2.0
// A BPF program is loaded.
// event: kernel_bpf call.operation=BPF_PROG_LOAD call.object=an_action

#include "action.h"

#include <linux/bpf.h>

int main(void)
{
	static const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2,
		.insns = (uintptr_t)code, .license = (uintptr_t)"GPL", .prog_name = "an_action"};

	must(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr) >= 0);
	return 0;
}
