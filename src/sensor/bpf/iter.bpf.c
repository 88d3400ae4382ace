// SPDX-License-Identifier: GPL-2.0-or-later
// The processes that were there before: every task gets its storage, then is told as a record.

#include "sensor/bpf/process.h"

enum { RUNNING_ARGS = 4096, ANCESTORS_MAX = 32 };

static __always_inline int is_process(struct task_struct *p)
{
	return p && !(p->flags & PF_KTHREAD) && p->pid == p->tgid;
}

/* First pass: the bits of its own program, for everybody. */
SEC("iter/task")
int iterate_images(struct bpf_iter__task *c)
{
	struct task_struct *p = c->task;
	struct scratch *s = scratch_get();
	struct wire_task *task;
	struct file *file;
	struct span path;

	if (!is_process(p) || !s)
		return 0;
	task = bpf_task_storage_get(&tasks, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	file = BPF_CORE_READ(p, mm, exe_file);
	if (!task || !file || task->generation)
		return 0;
	path = path_of_file(file, here());
	task->image = image_bits(path.from, path.n, here());
	if (prefix_wanted) {
		struct wire_place *found = place_of(s, path);

		if (found)
			task->image |= found->image_bits;
		if (found && found->flags & PLACE_scope)
			task->in_scope = 1;
	}
	if (cwd_in_scope(s, p, here()))
		task->in_scope = 1;
	if (own_tgid && p->tgid == own_tgid)
		task->own = 1;
	if (scope_kind == SCOPE_pid && p->tgid == scope_pid)
		task->in_scope = 1;
	return 0;
}

/* Second pass: what stands above it. */
SEC("iter/task")
int iterate_ancestors(struct bpf_iter__task *c)
{
	struct task_struct *p = c->task, *up;
	struct wire_task *task;

	if (!is_process(p))
		return 0;
	task = bpf_task_storage_get(&tasks, p, 0, 0);
	if (!task || task->generation)
		return 0;
	up = p->real_parent->group_leader; /* the parent itself may be any thread */
	for (int i = 0; i < ANCESTORS_MAX; i++) {
		struct wire_task *above;

		if (!up || !up->pid)
			break;
		above = bpf_task_storage_get(&tasks, up, 0, 0);
		if (above) {
			task->ancestors |= above->image;
			task->in_scope |= above->in_scope;
			task->own |= above->own;
		}
		up = up->real_parent->group_leader;
	}
	mark(p->tgid, task);
	return 0;
}

static __always_inline void running_fill(struct wire_exec *e, struct task_struct *p,
	struct file *file)
{
	struct task_struct *up = BPF_CORE_READ(p, real_parent, group_leader);
	struct wire_task *task = bpf_task_storage_get(&tasks, p, 0, 0);

	__builtin_memset(e, 0, sizeof *e);
	e->head.kind = WIRE_running;
	e->head.flags = scope_kind == SCOPE_all || (task && task->in_scope) ? WIRE_FLAG_scope : 0;
	e->head.tid = p->pid;
	e->head.time = bpf_ktime_get_boot_ns();
	process_of(p, task, &e->head.process);
	e->parent.start = BPF_CORE_READ(up, start_boottime);
	e->parent.pid = BPF_CORE_READ(up, tgid);
	if (task && !task->rights_known)
		rights_note(task, BPF_CORE_READ(p, cred));
	e->file_flags = program_fill(e, file);
	rights_fill(e, BPF_CORE_READ(p, cred));
	task_fill(e, p);
}

/* The arguments of another process; only what is there in one piece. */
static __always_inline u32 running_args(struct scratch *s, struct wire_exec *e,
	struct task_struct *p, struct mm_struct *mm, u32 end)
{
	u64 start = BPF_CORE_READ(mm, arg_start), length = BPF_CORE_READ(mm, arg_end) - start;
	u32 n = length > RUNNING_ARGS ? RUNNING_ARGS : length;

	e->args_length = length;
	if (n < length)
		e->head.flags |= WIRE_FLAG_cut;
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	asm volatile("%0 &= 0x1fff" : "+r"(n));
	if (bpf_copy_from_user_task(&s->record[end], n, (void *)start, p, 0))
		n = 0;
	e->args_kept = n;
	return end + n;
}

/* Third pass: everybody as a record. */
SEC("iter.s/task")
int iterate_running(struct bpf_iter__task *c)
{
	struct task_struct *p = c->task;
	u32 slot = iterator_slot, end = sizeof(struct wire_exec);
	struct scratch *s = scratch_at(slot);
	struct wire_exec *e;
	struct mm_struct *mm;
	struct file *file;
	struct span path;

	if (!is_process(p) || !s)
		return 0;
	mm = BPF_CORE_READ(p, mm);
	file = BPF_CORE_READ(mm, exe_file);
	if (!file)
		return 0;
	e = (struct wire_exec *)s->record;
	running_fill(e, p, file);
	path = path_of_file(file, slot);
	e->path_length = path.n;
	end = put_path(s, end, path);
	end = put_cwd(s, e, p, end, slot);
	end = put_cgroup(s, e, p, end, slot);
	end = running_args(s, e, p, mm, end);
	asm volatile("%0 &= 0x3ffff" : "+r"(end));
	e->head.length = end;
	bpf_seq_write(c->meta->seq, e, end);
	return 0;
}
