/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Acts: what was asked of the kernel, as struct wire_act, written straight into the ring, so that
 * it may be told from any context.
 */
#pragma once

#include "sensor/bpf/task.h"

#define REGISTERS                                                                                 \
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf())
#define REG(name) BPF_CORE_READ(regs, name)

/* A fresh act by nobody yet, NULL if there is no room. */
static __always_inline struct wire_act *act_reserve(u16 kind, u32 call)
{
	struct wire_act *act;
	u64 number;

	if (!wants(kind))
		return NULL;
	number = attempt(WIRE_RING_lifecycle);
	act = bpf_ringbuf_reserve(&ring_lifecycle, sizeof *act, 0);
	if (!act) {
		lost(WIRE_RING_lifecycle);
		return NULL;
	}
	__builtin_memset(act, 0, sizeof *act);
	head_set(&act->head, kind, sizeof *act, number);
	act->call = call;
	return act;
}

/* The same by the process that runs. */
static __always_inline struct wire_act *act_begin(u16 kind, u32 call)
{
	struct wire_act *act = act_reserve(kind, call);

	if (act)
		actor(&act->head);
	return act;
}

#define act_send(act)                                                                             \
	bpf_ringbuf_submit(act, wake(&ring_lifecycle, WIRE_RING_lifecycle, sizeof *(act)))

/* A string of the caller's memory; 255 bytes of it. */
#define act_string(act, where, from)                                                              \
	do {                                                                                      \
		if (bpf_probe_read_user_str((act)->where, sizeof(act)->where,                     \
			    (void *)(from)) == sizeof(act)->where)                                \
			(act)->head.flags |= WIRE_FLAG_cut;                                       \
	} while (0)

/* Whether saker itself acts. */
static __always_inline int is_own(void)
{
	struct wire_task *task = task_known(bpf_get_current_task_btf()->group_leader);

	return (task && task->own) || bpf_get_current_pid_tgid() >> 32 == own_tgid;
}

/* What was refused to the process that runs is told once: not again when the call ends. */
static __always_inline void refused_note(struct wire_task *task)
{
	if (task)
		task->refused = 1;
}

static __always_inline int was_told_refused(s64 result)
{
	struct wire_task *task = task_known(bpf_get_current_task_btf()->group_leader);

	if (!task || !task->refused)
		return 0;
	task->refused = 0;
	return result == -EPERM_;
}
