/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a task carries, who it is, whether it is inside the scope, and whether anything may be done
 * to it. */
#pragma once

#include "sensor/bpf/sensor.h"

static __always_inline struct wire_task *task_known(struct task_struct *leader)
{
	return bpf_task_storage_get(&tasks, leader, 0, 0);
}

static __always_inline struct wire_task *task_or_new(struct task_struct *leader)
{
	return bpf_task_storage_get(&tasks, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static __always_inline void process_of(struct task_struct *leader, const struct wire_task *task,
	struct wire_process *process)
{
	process->start = leader->start_boottime;
	process->pid = leader->tgid;
	process->generation = task ? task->generation : 0;
}

static __always_inline int in_scope_cgroup(void)
{
	return scope_cgroup && bpf_get_current_ancestor_cgroup_id(scope_level) == scope_cgroup;
}

/* Whether the current task is inside, as far as its storage and its cgroup say. */
static __always_inline int in_scope(const struct wire_task *task)
{
	if (scope_kind == SCOPE_all)
		return 1;
	if (scope_kind == SCOPE_cgroup)
		return in_scope_cgroup();
	return task && task->in_scope;
}

/* Whether something may be done to the current task at all. During the self-test only to its own
 * child. */
static __always_inline int may_act_inside(const struct wire_task *task, int inside)
{
	if (!armed)
		return 0;
	if (proving)
		return bpf_get_current_pid_tgid() >> 32 == proving;
	return !(task && task->own) && inside;
}

static __always_inline int may_act(const struct wire_task *task)
{
	return may_act_inside(task, in_scope(task));
}

/* Notes for the connect rung what a task carries. */
static __always_inline void mark(u32 pid, const struct wire_task *task)
{
	u32 flags = (task->in_scope ? MARK_scope : 0) | (task->own ? MARK_own : 0);

	if (flags)
		bpf_map_update_elem(&marks, &pid, &flags, BPF_ANY);
}

static __always_inline void unmark(u32 pid, const struct wire_task *task)
{
	if (task && (task->in_scope || task->own))
		bpf_map_delete_elem(&marks, &pid);
}

/* The same question as may_act, where a task's storage is out of reach. */
static __always_inline int may_refuse(u32 pid)
{
	u32 *flags = bpf_map_lookup_elem(&marks, &pid);

	if (!armed)
		return 0;
	if (proving)
		return pid == proving;
	if (flags && *flags & MARK_own)
		return 0;
	/* a scope that is a cgroup is where the program is attached */
	return scope_kind == SCOPE_all || scope_kind == SCOPE_cgroup ||
	       (flags && *flags & MARK_scope);
}

/* Fills who acts now, where a task's storage is out of reach (see marks). */
static __always_inline void actor_marked(struct wire_head *head)
{
	struct task_struct *current = bpf_get_current_task_btf();
	u32 pid = bpf_get_current_pid_tgid() >> 32, *mark = bpf_map_lookup_elem(&marks, &pid);

	process_of(current->group_leader, NULL, &head->process);
	head->process.generation = WIRE_GENERATION_unknown;
	head->uid = BPF_CORE_READ(current, cred, euid.val);
	head->flags |= WIRE_FLAG_uid;
	if (scope_kind == SCOPE_all || (mark && *mark & MARK_scope))
		head->flags |= WIRE_FLAG_scope;
}

/* Fills who acts now. */
static __always_inline void actor(struct wire_head *head)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct task_struct *leader = current->group_leader;
	struct wire_task *task = task_known(leader);

	process_of(leader, task, &head->process);
	head->uid = BPF_CORE_READ(current, cred, euid.val);
	head->flags |= WIRE_FLAG_uid;
	if (in_scope(task))
		head->flags |= WIRE_FLAG_scope;
}
